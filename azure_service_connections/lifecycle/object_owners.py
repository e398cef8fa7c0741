"""Whether an object that was found by its name is the one that a stack declares, or somebody else's."""

from collections.abc import Mapping
from typing import Any

from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.services import Services, checked

_ADOPT = "adopt it with `pulumi import`, or give one of the two another name"


def dispute_service_connection(services: Services, inputs: Mapping[str, Any], identifier: str) -> str:
    """Why a connection is not the declared one, who made it and what to do; empty where it is.

    It is the declared one when it signs in as the same identity in the same tenant, reaches the same scope,
    was made the same way and is described alike.
    """
    path = f"/{inputs['projectId']}/_apis/serviceendpoint/endpoints/{identifier}"
    found = checked(services.devops("GET", path), f"Reading the connection {identifier}")
    if "authorizationScheme" in inputs:
        name, wanted = inputs["name"], _of_generic(inputs)
    else:
        name, wanted = inputs["serviceEndpointName"], _of_azure(inputs)
    authorization = found.get("authorization") or {}
    held = {
        "description": found.get("description"),
        "scheme": authorization.get("scheme"),
        **_lowered(found.get("data") or {}),
        **_lowered(authorization.get("parameters") or {}),
    }
    if inputs.get("serviceEndpointName") and not inputs.get("credentials"):
        # Azure DevOps chose the identity, so that it is ours shows in who asked for it.
        caller = checked(services.devops("GET", "/_apis/connectionData"), "Asking who the operator is")
        wanted.append(("creator", "creator", caller["authenticatedUser"]["id"]))
        held["creator"] = (found.get("createdBy") or {}).get("id")
    other = [label for label, key, value in wanted if not _same(value, held.get(key))]
    if not other:
        return ""
    maker = (found.get("createdBy") or {}).get("displayName") or "an unknown identity"
    return (
        f"a connection of the name {quoted(str(name))} exists, made by {maker}, and is not the one that is "
        f"declared (another {listed(other, 'and')}); {_ADOPT}"
    )


def dispute_credential(inputs: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Why a federated credential is not the declared one; empty where it trusts the same tokens."""
    told = {"issuer": "issuer", "subject": "subject", "claimsMatchingExpression": "expression"}
    other = [words for key, words in told.items() if inputs.get(key) != found.get(key)]
    if not other:
        return ""
    return (
        f"a federated credential of this name exists for another {listed(other, 'and')}; remove it from the "
        "identity, or give the connection's credential another name"
    )


def dispute_role_assignment(inputs: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Why a role assignment is not the declared one; empty where it gives the same role to the same one."""
    held = found.get("properties") or {}
    same_principal = _same(inputs.get("principalId"), held.get("principalId"))
    if same_principal and _last(inputs.get("roleDefinitionId")) == _last(held.get("roleDefinitionId")):
        return ""
    return "a role assignment of this name exists that gives another right; remove it in Azure"


def dispute_managed_identity(inputs: Mapping[str, Any], found: Mapping[str, Any], credentials: int) -> str:
    """Why a managed identity is not what an update just made.

    Nothing tells who made one; but one that was lost at its creation trusts nobody yet.
    """
    here, there = (str(each.get("location") or "").replace(" ", "") for each in (inputs, found))
    if not credentials and (not here or _same(here, there)):
        return ""
    what = "is in use already" if credentials else f"is in {there}"
    return (
        f"a managed identity of this name exists and {what}; name it by `managedIdentity.resourceId` to use "
        "it, or give the new one another name"
    )


def _of_azure(inputs: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    credentials = inputs.get("credentials") or {}
    scheme = inputs.get("serviceEndpointAuthenticationScheme") or "ServicePrincipal"
    wanted = [
        *_everywhere(inputs, scheme),
        ("tenant", "tenantid", inputs.get("azurermSpnTenantid")),
        ("subscription", "subscriptionid", inputs.get("azurermSubscriptionId")),
        ("management group", "managementgroupid", inputs.get("azurermManagementGroupId")),
    ]
    if scheme != "ManagedServiceIdentity":
        wanted.append(("creation mode", "creationmode", "Manual" if credentials else "Automatic"))
    if credentials:
        wanted.append(("client id", "serviceprincipalid", credentials.get("serviceprincipalid")))
    return wanted


def _of_generic(inputs: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    parameters = _lowered(inputs.get("parameters") or {})
    signs_in = _lowered(inputs.get("authorizationParameters") or {})
    keys = {
        "subscriptionid": "subscription",
        "managementgroupid": "management group",
        "creationmode": "creation mode",
        "mlworkspacename": "workspace",
        "resourceid": "resource",
    }
    return [
        *_everywhere(inputs, inputs["authorizationScheme"]),
        ("tenant", "tenantid", signs_in.get("tenantid")),
        ("client id", "serviceprincipalid", signs_in.get("serviceprincipalid")),
        *((label, key, parameters[key]) for key, label in keys.items() if key in parameters),
    ]


def _everywhere(inputs: Mapping[str, Any], scheme: str) -> list[tuple[str, str, Any]]:
    return [("description", "description", inputs.get("description")), ("scheme", "scheme", scheme)]


def _lowered(values: Mapping[str, Any]) -> dict[str, Any]:
    """The service spells `tenantid` and `TenantId` alike."""
    return {key.lower(): value for key, value in values.items() if not key.startswith("__")}


def _same(one: Any, other: Any) -> bool:
    return str(one or "").casefold() == str(other or "").casefold()


def _last(identifier: Any) -> str:
    return str(identifier or "").rpartition("/")[2].casefold()
