"""Rules of the connection itself."""

from collections.abc import Iterator

from azure_service_connections.catalogue.clouds import ENVIRONMENTS
from policies.connection import AS_AGENT, FEDERATED, PUBLIC_CLOUD, Connection, is_connection
from policies.resource import UNKNOWN, Resource, is_known
from policies.resource_types import AZURERM_CONNECTION, CONNECTIONS, GENERIC_CONNECTION
from policies.rule import ALWAYS, STRICT_ONLY, TEXTS, ResourceRule, Setting, Settings, Severity

_DEFAULT_DESCRIPTIONS = ("managed by terraform", "managed by pulumi")


def _standing_secret(resource: Resource, _: Settings) -> Iterator[str]:
    scheme = Connection(resource).scheme
    if is_connection(resource) and scheme not in (FEDERATED, AS_AGENT, UNKNOWN):
        yield f"signs in with a standing secret (scheme {scheme})"


def _automatic(resource: Resource, _: Settings) -> Iterator[str]:
    if is_connection(resource) and Connection(resource).automatic:
        yield "lets Azure DevOps make its identity and its role"


def _unprotected(resource: Resource, _: Settings) -> Iterator[str]:
    if is_connection(resource) and not resource.protected:
        yield "can be replaced or deleted by any change"


def _undescribed(resource: Resource, _: Settings) -> Iterator[str]:
    description = resource.text("description")
    if is_connection(resource) and description is not UNKNOWN:
        text = str(description).strip()
        if not text:
            yield "has no description"
        elif text.lower() in _DEFAULT_DESCRIPTIONS:
            yield f"has the description '{text}', which tells nothing"


def _cloud(resource: Resource, settings: Settings) -> Iterator[str]:
    environment = Connection(resource).environment
    if is_connection(resource) and is_known(environment) and environment not in settings.texts("clouds"):
        yield f"points at the cloud {environment}"


def _shared(resource: Resource, settings: Settings) -> Iterator[str]:
    shared_with = Connection(resource).shared_with
    if not is_connection(resource) or shared_with is UNKNOWN:
        return
    allowed = {project.lower() for project in settings.texts("projects")}
    strangers = [each for each in shared_with if is_known(each) and each.lower() not in allowed]
    if strangers:
        yield f"is shared with {_listed('project', strangers)}"


def _management_group(resource: Resource, settings: Settings) -> Iterator[str]:
    group = Connection(resource).management_group
    if is_connection(resource) and is_known(group) and group not in settings.texts("managementGroups"):
        yield f"points at the management group '{group}'"


def _classic(resource: Resource, _: Settings) -> Iterator[str]:
    kind = resource.text("type")
    if is_known(kind) and kind.lower() == "azure":
        yield "is a classic connection to Azure"


def _validated(resource: Resource, _: Settings) -> Iterator[str]:
    connection = Connection(resource)
    validates = resource.get("features", "validate") is True
    if validates and connection.scheme == FEDERATED and not connection.automatic:
        yield "is checked while nothing trusts it yet, and is deleted when that fails"


def _listed(noun: str, names: list[str]) -> str:
    return f"{noun} {names[0]}" if len(names) == 1 else f"the {noun}s {', '.join(sorted(names))}"


RULES = (
    ResourceRule(
        name="connection-signs-in-without-a-secret",
        holds="A service connection signs in by workload identity federation, or as its agent.",
        because="A secret can be copied, works from anywhere and ends when nobody looks.",
        fix="set its scheme to WorkloadIdentityFederation (of a ServiceConnection: remove `credential`)",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=(
            "ADO_ServiceConnection_AuthN_Use_Cert_Auth_for_SPN",
            "ADO_ServiceConnection_AuthN_Use_Secure_Auth_Method",
            "ADO-SC-005",
            "CICD-SEC-6",
        ),
        types=CONNECTIONS,
        judge=_standing_secret,
    ),
    ResourceRule(
        name="connection-identity-is-declared",
        holds="A service connection names its identity; Azure DevOps makes none.",
        because="What Azure DevOps makes gets Contributor, is in no stack and outlives the connection.",
        fix="name its identity (of a ServiceConnection: `appRegistration` or `managedIdentity`)",
        severity=Severity.MEDIUM,
        levels=STRICT_ONLY,
        controls=("ADO_ServiceConnection_AuthZ_Use_Least_Privilege_Access", "CICD-SEC-2"),
        types=CONNECTIONS,
        judge=_automatic,
    ),
    ResourceRule(
        name="connection-is-protected",
        holds="A service connection has the resource option protect.",
        because="A replaced connection has a new id; rights, checks and pipelines of the old one are lost.",
        fix="set the resource option protect (of a ServiceConnection: remove `replace: allowed`)",
        severity=Severity.MEDIUM,
        levels=ALWAYS,
        controls=("CICD-SEC-7",),
        types=CONNECTIONS,
        judge=_unprotected,
    ),
    ResourceRule(
        name="connection-has-a-description",
        holds="A service connection has a description of its own.",
        because="Who finds a connection in Azure DevOps has to see what it is for.",
        fix="say in its description what it deploys",
        severity=Severity.LOW,
        levels=STRICT_ONLY,
        controls=("ADO-SC-003",),
        types=CONNECTIONS,
        judge=_undescribed,
    ),
    ResourceRule(
        name="connection-cloud-is-allowed",
        holds="A service connection points at an allowed cloud.",
        because="A connection to another cloud leaves what the organization watches.",
        fix="point it at an allowed cloud, or add this one to the setting clouds",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_Cannot_Use_Disallowed_Environment", "CICD-SEC-7"),
        settings=(
            Setting(
                "clouds", "Clouds that connections may point at.", TEXTS, [*ENVIRONMENTS], [PUBLIC_CLOUD]
            ),
        ),
        types=CONNECTIONS,
        judge=_cloud,
    ),
    ResourceRule(
        name="connection-is-shared-only-where-allowed",
        holds="A service connection is shared with no project but the allowed ones.",
        because="Whoever administers pipelines in another project gets all that the identity may do.",
        fix="give that project a connection of its own, or add its id to the setting projects",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_SI_Dont_Share_Across_Projects", "CICD-SEC-2"),
        settings=(Setting("projects", "Ids of projects that may share connections.", TEXTS, []),),
        types=(GENERIC_CONNECTION,),
        judge=_shared,
    ),
    ResourceRule(
        name="connection-points-below-management-groups",
        holds="A service connection points at a subscription or something in it.",
        because="Whatever uses a connection to a management group reaches all of its subscriptions at once.",
        fix="point it at one subscription, or add the group to the setting managementGroups",
        severity=Severity.MEDIUM,
        levels=STRICT_ONLY,
        controls=("ADO_ServiceConnection_AuthZ_Use_Least_Privilege_Access", "ADO-SC-004", "CICD-SEC-2"),
        settings=(
            Setting("managementGroups", "Management groups that connections may point at.", TEXTS, []),
        ),
        types=CONNECTIONS,
        judge=_management_group,
    ),
    ResourceRule(
        name="connection-is-not-classic",
        holds="A service connection to Azure is one to Azure Resource Manager.",
        because="The classic kind signs in with a certificate for a whole subscription and knows no roles.",
        fix="make it one of type azurerm",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_AuthZ_Dont_Use_Classic_Connections", "ADO-SC-007", "CICD-SEC-7"),
        types=(GENERIC_CONNECTION,),
        judge=_classic,
    ),
    ResourceRule(
        name="connection-is-not-validated-at-creation",
        holds="A federated service connection is not validated while it is made.",
        because="Its federated credential comes after it: the check fails and the provider deletes it.",
        fix="remove `validate` from its features",
        severity=Severity.LOW,
        levels=ALWAYS,
        types=(AZURERM_CONNECTION,),
        judge=_validated,
    ),
)
"""The rules of this module."""
