"""Mistakes of a program that uses the components."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from mock_cloud import (
    APPLICATION_OBJECT,
    CLIENT,
    PRINCIPAL,
    PROJECT,
    SUBSCRIPTION,
    TENANT,
    Cloud,
    managed_identity,
    run,
)
from test_loader_mistakes import ANY_IDENTITY, END, HUB, SITE
from test_service_connection import WORKSPACE, args

from azure_service_connections.catalogue.wording import listed
from components import (
    AppRegistration,
    ExistingServicePrincipal,
    FederatedCredential,
    InputError,
    ManagedIdentity,
    PipelineAccess,
    RoleAssignment,
    ServiceConnection,
    ServiceConnectionArgs,
)
from components.shapes import fields

GUID = "write it in the form 00000000-0000-0000-0000-000000000000"


def mistakes_of(make: Callable[[], Any]) -> list[str]:
    """What is said about the inputs of a component, each with its path."""
    with pytest.raises(InputError) as raised:
        run(make)
    return [f"{path}: {problem}" for path, problem in raised.value.mistakes]


CASES = [
    ({"project_id": "Payments"}, f"projectId: 'Payments' is not a GUID; {GUID}"),
    ({"project_id": None}, "projectId: is missing; write the id of the project"),
    ({"project_id": 5}, 'projectId: is the number 5 where a text belongs; write it in quotes: "5"'),
    ({"conection_name": "x"}, "conection_name: 'conection_name' is not known here; write 'connection_name'"),
    (
        {"connection_name": " "},
        "connectionName: is blank; write the name that pipelines are to use",
    ),
    ({"description": "x" * 1025}, "description: has 1025 characters; shorten it to 1024"),
    (
        {"app_registration": None},
        f"args: has no identity; write one of {ANY_IDENTITY}",
    ),
    (
        {"service_principal": {"client_id": CLIENT, "tenant_id": TENANT}},
        "servicePrincipal: Only one of appRegistration and servicePrincipal can be given; keep "
        "the one you mean",
    ),
    (
        {"subscription": None},
        "args: has no scope; write one of subscription, resourceGroup, managementGroup, workspace or webApp",
    ),
    (
        {"subscription": {"id": "x", "name": "s"}},
        f"subscription.id: 'x' is not a GUID; {GUID}",
    ),
    ({"subscription": {"id": SUBSCRIPTION}}, "subscription.name: is missing; write its name"),
    (
        {"management_group": {"id": "corp", "name": "Contoso"}},
        "managementGroup: Only one of subscription and managementGroup can be given; keep the one you mean",
    ),
    (
        {"subscription": None, "management_group": {"id": "/providers/x", "name": "Contoso"}},
        "managementGroup.id: '/providers/x' is not the id of a management group; write the last part of its "
        "full id: 1 to 90 letters, digits, dots, dashes, underscores and parentheses, no dot at the end",
    ),
    (
        {"subscription": None, "management_group": {"id": "corp"}},
        "managementGroup.name: is missing; write its name",
    ),
    (
        {"subscription": None, "workspace": {**WORKSPACE, "name": "ml"}},
        "workspace.name: 'ml' cannot name a workspace; write 3 to 33 letters, digits, dashes and "
        "underscores, a letter or a digit first",
    ),
    (
        {"subscription": None, "workspace": {**WORKSPACE, "location": None}},
        "workspace.location: is missing; write its Azure region, such as westeurope",
    ),
    (
        {"subscription": None, "workspace": {**WORKSPACE, "resource_group": None}},
        "workspace.resourceGroup: is missing; write the name of its resource group",
    ),
    (
        {"app_registration": None, "automatic": {}, "subscription": None, "workspace": WORKSPACE},
        "automatic: cannot be waited for with a workspace, while Azure DevOps still makes the identity; use "
        "appRegistration",
    ),
    (
        {"app_registration": None, "automatic": {}, "cloud": {"environment": "AzureChinaCloud"}},
        "automatic: is not what Azure DevOps does in AzureChinaCloud; use appRegistration or "
        "servicePrincipal",
    ),
    (
        {"app_registration": None, "automatic": {}, "credential": {"secret": {"generation": 2}}},
        "credential.secret.generation: is decided by Azure DevOps with `automatic`; remove it, or use "
        "appRegistration",
    ),
    (
        {"app_registration": None, "agent_identity": {}},
        "agentIdentity.principalId: is missing, and roles are given to it; write the object id of the "
        "agent's identity",
    ),
    (
        {"app_registration": None, "agent_identity": {}, "roles": None, "credential": {"secret": {}}},
        "credential: is not for `agentIdentity`, which signs in as the machine that runs the job; remove it",
    ),
    (
        {
            "app_registration": None,
            "subscription": None,
            "web_app": {"resource_id": SITE, "publish_profile": "hunter2"},
        },
        "roles: are for an identity, and a publish profile has none; remove them",
    ),
    (
        {
            "app_registration": None,
            "subscription": None,
            "roles": None,
            "web_app": {"resource_id": SITE, "publish_profile": 12345},
        },
        "webApp.publishProfile: is a number where a text belongs; write one text in quotes",
    ),
    (
        {"cloud": {"environment": "AzureStack"}},
        "cloud.serverUrl: is missing; write the address of its Resource Manager, such as "
        "https://management.local.azurestack.external",
    ),
    (
        {"cloud": {"environment": "AzureCloud", "server_url": "https://management.azure.com/"}},
        "cloud.serverUrl: goes with AzureStack only, and the address of AzureCloud is known; remove it",
    ),
    (
        {"cloud": {"environment": "Azure"}},
        "cloud.environment: 'Azure' is no cloud; write AzureCloud, AzureUSGovernment, AzureChinaCloud or "
        "AzureStack",
    ),
    (
        {"shared_with": ["Platform"]},
        f"sharedWith[0]: 'Platform' is not a GUID; {GUID}",
    ),
    (
        {"app_registration": None, "automatic": {}, "shared_with": [PROJECT]},
        "sharedWith: cannot be waited for with `automatic`, while Azure DevOps still makes the identity; use "
        "appRegistration",
    ),
    (
        {"trusts": {"hub": {"issuer": HUB}}},
        "trusts.hub: has no subject; write one of subject or matching",
    ),
    (
        {"trusts": {"h": {"issuer": HUB, "subject": "s"}}},
        "trusts.h: 'h' cannot name a federated credential; write 3 to 120 letters, digits, dashes and "
        "underscores, a letter or a digit first",
    ),
    (
        {
            "app_registration": None,
            "managed_identity": {"name": "id-a", "resource_group": "rg"},
            "trusts": {"hub": {"issuer": HUB, "matching": "m"}},
        },
        "trusts.hub.matching: is not what a managed identity can do; write subject, or use appRegistration",
    ),
    (
        {"app_registration": None, "automatic": {}, "trusts": {"hub": {"issuer": HUB, "subject": "s"}}},
        "trusts: are for an identity that is known here, and not for `automatic`; remove them",
    ),
    (
        {"replace": "yes"},
        "replace: 'yes' says nothing; write allowed, or remove the key to keep the connection",
    ),
    (
        {"subscription": "Payments"},
        "subscription: is the text 'Payments' where a map belongs; write `key: value` pairs",
    ),
    (
        {"app_registration": {"owners": [PRINCIPAL, "ada"]}},
        f"appRegistration.owners[1]: 'ada' is not a GUID; {GUID}",
    ),
    (
        {"app_registration": {"owners": [PRINCIPAL, 5]}},
        'appRegistration.owners[1]: is the number 5 where a text belongs; write it in quotes: "5"',
    ),
    (
        {"app_registration": {"owners": PRINCIPAL}},
        f"appRegistration.owners: is the text '{PRINCIPAL}' where a list belongs; write a list in "
        "brackets: [a, b]",
    ),
    (
        {"app_registration": {"notes": "x" * 1025}},
        "appRegistration.notes: has 1025 characters; shorten it to 1024",
    ),
    (
        {"app_registration": {"display_name": "x" * 257}},
        "appRegistration.displayName: has 257 characters; shorten it to 256",
    ),
    (
        {"roles": {"deploy": {"role": "Contributer"}}},
        "roles.deploy.role: 'Contributer' is not a known role; write 'Contributor' or the role's GUID",
    ),
    (
        {"roles": {"deploy": {}}},
        "roles.deploy.role: is missing; write the name of a built-in role, a GUID or a full id",
    ),
    ({"roles": ["Reader"]}, "roles: is a list where a map belongs; write `key: value` pairs"),
    (
        {"roles": {"deploy": {"role": "Reader", "scope": "rg-payments"}}},
        "roles.deploy.scope: 'rg-payments' is not a scope; write /subscriptions/GUID, "
        "/subscriptions/GUID/resourceGroups/NAME or the id of a resource",
    ),
    (
        {"pipelines": {"first": {"id": "deploy"}}},
        "pipelines.first.id: is the text 'deploy' where a number belongs; write a whole number, "
        "without quotes",
    ),
    (
        {"pipelines": {"first": {"id": 0}}},
        "pipelines.first.id: '0' is not the id of a pipeline; write the number in the pipeline's "
        "address (definitionId=…)",
    ),
    (
        {"all_pipelines": True},
        "allPipelines: Only one of pipelines and allPipelines can be given; keep the one you mean",
    ),
    (
        {"pipelines": None, "all_pipelines": "yes"},
        "allPipelines: is the text 'yes' where a yes-or-no value belongs; write true or false, "
        "without quotes",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), CASES, ids=[sentence[:60] for _, sentence in CASES])
def test_a_mistake_is_one_sentence_with_its_path_and_nothing_registers(
    cloud: Cloud, changes: dict[str, Any], sentence: str
) -> None:
    assert mistakes_of(lambda: ServiceConnection("payments", args(**changes))) == [sentence]
    assert cloud.resources == []


LATE = "is known only once something was made, and what is made depends on it; write the value itself"


@pytest.mark.parametrize(
    "path", ["replace", "allPipelines", "cloud.environment", "credential.secret.generation"]
)
def test_what_decides_over_what_is_made_has_to_be_known_at_once(cloud: Cloud, path: str) -> None:
    def program() -> None:
        late: dict[str, dict[str, Any]] = {
            "replace": {"replace": pulumi.Output.from_input("allowed")},
            "allPipelines": {"pipelines": None, "all_pipelines": pulumi.Output.from_input(True)},
            "cloud.environment": {"cloud": {"environment": pulumi.Output.from_input("AzureCloud")}},
            "credential.secret.generation": {
                "credential": {"secret": {"expires": END, "generation": pulumi.Output.from_input(2)}}
            },
        }
        ServiceConnection("payments", args(**late[path]))

    assert mistakes_of(program) == [f"{path}: {LATE}"]
    assert cloud.resources == []


def test_all_mistakes_are_said_at_once(cloud: Cloud) -> None:
    with pytest.raises(InputError) as raised:
        run(
            lambda: ServiceConnection(
                "payments", args(project_id="x", roles={"a": {"role": "Nothing"}}, foo=1)
            )
        )
    assert str(raised.value).splitlines() == [
        "ServiceConnection 'payments': foo: 'foo' is not known here; write one of "
        f"{listed(sorted(fields(ServiceConnectionArgs)))}",
        f"ServiceConnection 'payments': projectId: 'x' is not a GUID; {GUID}",
        "ServiceConnection 'payments': roles.a.role: 'Nothing' is not a known role; write the name of a "
        "built-in role or the role's GUID",
    ]


def test_a_value_that_is_known_late_is_checked_late_in_the_same_words(cloud: Cloud) -> None:
    late = pulumi.Output.from_input("Payments")
    with pytest.raises(InputError) as raised:
        run(lambda: ServiceConnection("payments", args(project_id=late)))
    assert str(raised.value) == f"ServiceConnection 'payments': projectId: 'Payments' is not a GUID; {GUID}"
    assert cloud.of("azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM") == []


def test_the_name_of_the_component_is_checked_where_it_names_the_connection(cloud: Cloud) -> None:
    assert mistakes_of(lambda: ServiceConnection("payments ", args())) == [
        "connectionName: 'payments ' starts or ends with a blank or holds a line break; write it without"
    ]


def test_the_error_ends_a_program_without_a_traceback(cloud: Cloud) -> None:
    assert issubclass(InputError, pulumi.RunError)


MANAGED = [
    ({}, "args: has no identity; write one of resourceId or name"),
    ({"name": "id-a"}, "resourceGroup: is missing; write the name of its resource group"),
    (
        {"name": "x", "resource_group": "rg"},
        "name: 'x' cannot name a managed identity; write 3 to 128 letters, digits, dashes and underscores, "
        "a letter or a digit first",
    ),
    (
        {"name": "id-a", "resource_group": "rg."},
        "resourceGroup: 'rg.' cannot name a resource group; write 1 to 90 letters, digits, dots, dashes, "
        "underscores and parentheses, no dot at the end",
    ),
    (
        {"resource_id": "id-a"},
        "resourceId: 'id-a' is not the id of a managed identity; write "
        "/subscriptions/GUID/resourceGroups/NAME"
        "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME",
    ),
    (
        {"resource_id": managed_identity("rg", "id-a"), "location": "westeurope"},
        "location: goes with `name` only; write `name` too or remove it",
    ),
    (
        {"name": "id-a", "resource_group": "rg", "client_id": CLIENT},
        "clientId: goes with `resourceId` only; write `resourceId` too or remove it",
    ),
]


@pytest.mark.parametrize(("inputs", "sentence"), MANAGED, ids=[sentence[:60] for _, sentence in MANAGED])
def test_a_managed_identity_is_either_made_or_found(
    cloud: Cloud, inputs: dict[str, Any], sentence: str
) -> None:
    assert mistakes_of(lambda: ManagedIdentity("payments", inputs)) == [sentence]
    assert cloud.resources == []


def test_a_provider_of_another_subscription_than_the_identitys_is_refused(cloud: Cloud) -> None:
    cloud.subscription_id = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
    identity = {"name": "id-a", "resource_group": "rg", "subscription_id": SUBSCRIPTION}
    with pytest.raises(InputError) as raised:
        run(lambda: ManagedIdentity("payments", identity))
    assert str(raised.value) == (
        "ManagedIdentity 'payments': subscriptionId: the identity is in subscription "
        f"'{SUBSCRIPTION}', but the "
        f"azure-native provider works in '{cloud.subscription_id}'; pass "
        f"`providers=[azure_native.Provider(..., subscription_id='{SUBSCRIPTION}')]`"
    )
    assert cloud.of("azure-native:managedidentity:UserAssignedIdentity") == []


def test_the_provider_of_the_identitys_subscription_is_accepted_in_any_spelling(cloud: Cloud) -> None:
    cloud.subscription_id = SUBSCRIPTION.upper()
    run(
        lambda: ManagedIdentity(
            "a", {"name": "id-a", "resource_group": "rg", "subscription_id": SUBSCRIPTION}
        )
    )
    assert len(cloud.of("azure-native:managedidentity:UserAssignedIdentity")) == 1


def test_a_credential_of_an_identity_elsewhere_is_refused(cloud: Cloud) -> None:
    cloud.subscription_id = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
    inputs = {
        "managed_identity_id": managed_identity("rg", "id-a"),
        "credential_name": "c-1",
        "issuer": "i",
        "subject": "s",
    }
    with pytest.raises(InputError, match="managedIdentityId: the identity is in subscription"):
        run(lambda: FederatedCredential("payments", inputs))


PARTS = [
    (AppRegistration, {"display_name": " "}, "displayName: is blank; write a text or leave the key out"),
    (
        ExistingServicePrincipal,
        {"client_id": CLIENT, "tenant_id": TENANT, "application_id": "app"},
        "applicationId: 'app' is not the object id of an application; write its GUID or /applications/GUID",
    ),
    (
        FederatedCredential,
        {"application_id": APPLICATION_OBJECT, "credential_name": "a", "issuer": "i", "subject": "s"},
        "credentialName: 'a' cannot name a federated credential; write 3 to 120 letters, digits, dashes and "
        "underscores, a letter or a digit first",
    ),
    (
        FederatedCredential,
        {"credential_name": "c-1", "issuer": "i", "subject": "s"},
        "args: has no identity; write one of applicationId or managedIdentityId",
    ),
    (
        FederatedCredential,
        {
            "managed_identity_id": managed_identity("rg", "id-a"),
            "credential_name": "c-1",
            "issuer": "i",
            "subject": "s",
            "description": "d",
        },
        "description: goes with `applicationId` only; write `applicationId` too or remove it",
    ),
    (
        FederatedCredential,
        {"application_id": APPLICATION_OBJECT, "credential_name": "c-1", "issuer": "i", "subject": "s" * 601},
        "subject: has 601 characters; shorten it to 600",
    ),
    (
        RoleAssignment,
        {"principal_id": "ada", "role": "Reader", "scope": "/"},
        f"principalId: 'ada' is not a GUID; {GUID}",
    ),
    (
        PipelineAccess,
        {"project_id": PROJECT, "connection_id": "c", "pipelines": {"first": 7}},
        "pipelines.first: is the number 7 where a map belongs; write `key: value` pairs",
    ),
]


@pytest.mark.parametrize(("part", "inputs", "sentence"), PARTS, ids=[case[2][:60] for case in PARTS])
def test_every_part_checks_its_inputs_by_itself(
    cloud: Cloud, part: Callable[..., Any], inputs: dict[str, Any], sentence: str
) -> None:
    assert mistakes_of(lambda: part("payments", inputs)) == [sentence]
    assert cloud.resources == []
