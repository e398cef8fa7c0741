"""Both plugins against the sandbox: a life from creation to removal, and what the services enforce."""

from collections.abc import Callable, Iterator

import pytest

from azure_service_connections.providers.azure_native.package import AzureNativePlugin
from azure_service_connections.providers.azuread.package import AzureadPlugin
from tests.providers.local_cloud import LocalCloud
from tests.providers.recorded_engine import Engine, RecordedPauses, RefusedError

PRODUCTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
ROOT = f"/subscriptions/{PRODUCTION}"
READER = f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
AUDIENCES = ["api://AzureADTokenExchange"]

Life = Callable[..., tuple[str, dict, dict]]


def urn(token: str) -> str:
    return f"urn:pulumi:dev::demo::{token}::it"


def graph(name: str) -> str:
    return urn(f"azuread:index/{name[0].lower()}{name[1:]}:{name}")


@pytest.fixture
def local() -> Iterator[LocalCloud]:
    local = LocalCloud()
    yield local
    local.close()


@pytest.fixture
def entra(local: LocalCloud, pauses: RecordedPauses) -> Iterator[Engine]:
    engine = Engine(AzureadPlugin(pauses, local))
    engine.configure("azuread", **local.identity)
    yield engine
    engine.close()


@pytest.fixture
def azure(local: LocalCloud, pauses: RecordedPauses) -> Iterator[Engine]:
    engine = Engine(AzureNativePlugin(pauses, local))
    engine.configure("azure-native", subscriptionId=PRODUCTION, **local.identity)
    yield engine
    engine.close()


def live(engine: Engine, resource: str, **news: object) -> tuple[str, dict, dict]:
    """Create it; a refresh and a second run then find nothing to change."""
    inputs, failures = engine.check(resource, news)
    assert failures == []
    identifier, outputs = engine.create(resource, inputs)
    again, _ = engine.check(resource, news, inputs)
    assert dict(engine.diff(resource, outputs, inputs, again).detailedDiff) == {}
    found, followed, refreshed = engine.read(resource, identifier, inputs, outputs)
    assert (found, followed, refreshed) == (identifier, inputs, outputs)
    return identifier, inputs, outputs


def end(engine: Engine, resource: str, made: tuple[str, dict, dict]) -> None:
    """Remove it; a refresh then finds it gone."""
    identifier, inputs, outputs = made
    engine.delete(resource, identifier, outputs, inputs)
    assert engine.read(resource, identifier, inputs, outputs)[0] == ""


def test_everything_of_an_application_lives_and_ends(entra: Engine) -> None:
    me = entra.invoke("azuread:index/getClientConfig:getClientConfig")
    ada = entra.invoke("azuread:index/getUser:getUser", userPrincipalName="ada@contoso.example")
    application = live(
        entra,
        graph("Application"),
        displayName="payments",
        owners=[me["objectId"], ada["objectId"]],
        tags=["pulumi:demo/dev/payments"],
    )
    principal = live(
        entra, graph("ServicePrincipal"), clientId=application[2]["clientId"], owners=[me["objectId"]]
    )
    credential = live(
        entra,
        graph("ApplicationFederatedIdentityCredential"),
        applicationId=application[0],
        displayName="azure-devops",
        audiences=AUDIENCES,
        issuer="https://login.microsoftonline.com/t/v2.0",
        subject="/eid1/c/pub/sc",
    )
    password = live(
        entra, graph("ApplicationPassword"), applicationId=application[0], endDate="2030-01-01T00:00:00Z"
    )
    found = entra.invoke("azuread:index/getApplication:getApplication", clientId=application[2]["clientId"])
    assert found["id"] == application[0]
    assert found["tags"] == ["pulumi:demo/dev/payments"]
    end(entra, graph("ApplicationPassword"), password)
    end(entra, graph("ApplicationFederatedIdentityCredential"), credential)
    end(entra, graph("ServicePrincipal"), principal)
    end(entra, graph("Application"), application)


def test_everything_of_an_identity_lives_and_ends(azure: Engine) -> None:
    group = live(azure, urn("azure-native:resources:ResourceGroup"), location="westeurope")
    name = group[2]["name"]
    identity = live(azure, urn("azure-native:managedidentity:UserAssignedIdentity"), resourceGroupName=name)
    assert identity[2]["location"] == "westeurope"
    credential = live(
        azure,
        urn("azure-native:managedidentity:FederatedIdentityCredential"),
        federatedIdentityCredentialResourceName="azure-devops",
        resourceGroupName=name,
        resourceName=identity[2]["name"],
        audiences=AUDIENCES,
        issuer="https://i",
        subject="s",
    )
    assignment = live(
        azure,
        urn("azure-native:authorization:RoleAssignment"),
        scope=group[0],
        principalId=identity[2]["principalId"],
        principalType="ServicePrincipal",
        roleDefinitionId=READER,
    )
    read = azure.invoke(
        "azure-native:managedidentity:getUserAssignedIdentity",
        resourceGroupName=name,
        resourceName=identity[2]["name"],
    )
    assert read["principalId"] == identity[2]["principalId"]
    end(azure, urn("azure-native:authorization:RoleAssignment"), assignment)
    end(azure, urn("azure-native:managedidentity:FederatedIdentityCredential"), credential)
    end(azure, urn("azure-native:managedidentity:UserAssignedIdentity"), identity)
    end(azure, urn("azure-native:resources:ResourceGroup"), group)


@pytest.mark.parametrize(
    ("token", "news"),
    [
        ("azure-native:management:ManagementGroup", {"displayName": "Payments", "groupId": "payments"}),
        (
            "azure-native:authorization:RoleDefinition",
            {
                "scope": ROOT,
                "roleName": "R",
                "assignableScopes": [ROOT],
                "permissions": [{"actions": ["*/read"]}],
            },
        ),
        (
            "azure-native:machinelearningservices:Workspace",
            {"resourceGroupName": "rg-payments", "location": "westeurope", "friendlyName": "W"},
        ),
    ],
)
def test_other_kinds_live_and_end(azure: Engine, token: str, news: dict[str, object]) -> None:
    end(azure, urn(token), live(azure, urn(token), **news))


def test_a_role_changed_under_the_same_name_is_refused_as_azure_does(azure: Engine) -> None:
    resource = urn("azure-native:authorization:RoleAssignment")
    me = azure.invoke("azure-native:authorization:getClientConfig")["objectId"]
    news = {
        "scope": f"{ROOT}/resourceGroups/rg-payments",
        "principalId": me,
        "principalType": "ServicePrincipal",
    }
    identifier, inputs, outputs = live(azure, resource, **news, roleDefinitionId=READER)
    contributor = READER.replace(
        "acdd72a7-3385-48ef-bd42-f606fba81ae7", "b24988ac-6180-42a0-ab88-20f7382dd24c"
    )
    difference = azure.diff(resource, outputs, inputs, {**inputs, "roleDefinitionId": contributor})
    assert list(difference.replaces) == []
    with pytest.raises(RefusedError, match=r'^Status=400 Code="RoleAssignmentUpdateNotPermitted" Message='):
        azure.update(resource, identifier, outputs, inputs, {**inputs, "roleDefinitionId": contributor})


def test_a_failure_that_the_sandbox_injects_is_retried(
    azure: Engine, local: LocalCloud, pauses: RecordedPauses
) -> None:
    local.cloud.faults.fail_next("arm", 429, count=2, retry_after=3)
    live(azure, urn("azure-native:resources:ResourceGroup"), location="westeurope")
    assert pauses.waits == [3.0, 3.0]
