"""Functions of both packages: what they ask for and what they answer."""

import pytest

from azure_service_connections.providers.property_values import Secret
from tests.providers.recorded_engine import Engine, RefusedError
from tests.providers.recording_cloud import ADDRESS, CALLER, CLIENT, SUBSCRIPTION, TENANT, RecordingCloud

ADA = "50000000-0000-0000-0000-000000000005"
ROOT = f"/subscriptions/{SUBSCRIPTION}"


@pytest.fixture
def ada(cloud: RecordingCloud) -> dict[str, object]:
    user = {
        "id": ADA,
        "userPrincipalName": "ada@contoso.example",
        "displayName": "Ada",
        "accountEnabled": True,
    }
    cloud.objects[f"/users/{ADA}"] = user
    return user


def test_the_caller_of_azuread_is_known_without_a_request(azuread: Engine, cloud: RecordingCloud) -> None:
    cloud.token_claims = {"oid": CALLER}
    assert azuread.invoke("azuread:index/getClientConfig:getClientConfig") == {
        "clientId": CLIENT,
        "id": f"{TENANT}-{CLIENT}-{CALLER}",
        "objectId": CALLER,
        "tenantId": TENANT,
    }
    assert cloud.requests == []


def test_an_application_is_found_by_client_id(azuread: Engine, cloud: RecordingCloud) -> None:
    cloud.objects[f"/applications/{ADA}"] = {
        "id": ADA,
        "appId": CLIENT,
        "displayName": "app",
        "owners": [CALLER],
    }
    found = azuread.invoke("azuread:index/getApplication:getApplication", clientId=CLIENT)
    assert cloud.requests == [
        f"GET /v1.0/applications?%24filter=appId+eq+%27{CLIENT}%27",
        f"GET /beta/applications/{ADA}?%24select=oauth2RequirePostResponse",
        f"GET /v1.0/applications/{ADA}/owners",
    ]
    assert (found["id"], found["objectId"], found["owners"]) == (f"/applications/{ADA}", ADA, [CALLER])
    assert found["webs"][0]["implicitGrants"][0]["idTokenIssuanceEnabled"] is False


def test_a_service_principal_is_found_by_client_id(azuread: Engine, cloud: RecordingCloud) -> None:
    cloud.objects[f"/servicePrincipals/{ADA}"] = {
        "id": ADA,
        "appId": CLIENT,
        "servicePrincipalNames": [CLIENT],
    }
    found = azuread.invoke("azuread:index/getServicePrincipal:getServicePrincipal", clientId=CLIENT)
    assert cloud.requests == [
        f"GET /v1.0/servicePrincipals?%24filter=appId+eq+%27{CLIENT}%27",
        f"GET /beta/servicePrincipals/{ADA}?%24select=samlMetadataUrl",
    ]
    assert (found["objectId"], found["servicePrincipalNames"]) == (ADA, [])


def test_what_nobody_has_is_said_in_one_sentence(azuread: Engine) -> None:
    with pytest.raises(RefusedError, match=f"^no service principal has clientId '{CLIENT}'; give"):
        azuread.invoke("azuread:index/getServicePrincipal:getServicePrincipal", clientId=CLIENT)


def test_a_name_with_a_quote_is_escaped(azuread: Engine, cloud: RecordingCloud) -> None:
    with pytest.raises(RefusedError):
        azuread.invoke("azuread:index/getUser:getUser", userPrincipalName="o'hara@contoso.example")
    assert cloud.requests == [
        "GET /v1.0/users?%24filter=userPrincipalName+eq+%27o%27%27hara%40contoso.example%27"
    ]


def test_a_user_is_found_by_name_and_without_a_manager(
    azuread: Engine, cloud: RecordingCloud, ada: dict[str, object]
) -> None:
    found = azuread.invoke("azuread:index/getUser:getUser", userPrincipalName="ada@contoso.example")
    assert (found["objectId"], found["displayName"], found["managerId"]) == (ADA, "Ada", "")
    assert cloud.requests[1] == f"GET /v1.0/users/{ADA}/manager"


def test_users_are_found_one_by_one_and_missing_ones_only_when_ignored(
    azuread: Engine, ada: dict[str, object]
) -> None:
    names = ["ada@contoso.example", "bob@contoso.example"]
    token = "azuread:index/getUsers:getUsers"
    found = azuread.invoke(token, userPrincipalNames=names, ignoreMissing=True)
    assert found["objectIds"] == [ADA]
    assert found["users"][0]["userPrincipalName"] == "ada@contoso.example"
    with pytest.raises(RefusedError, match=r"no user has userPrincipalNames 'bob@contoso\.example'"):
        azuread.invoke(token, userPrincipalNames=names)


def test_a_group_is_found_with_its_members(azuread: Engine, cloud: RecordingCloud) -> None:
    cloud.objects[f"/groups/{TENANT}"] = {
        "id": TENANT,
        "displayName": "engineers",
        "securityEnabled": True,
        "members": [ADA],
    }
    found = azuread.invoke("azuread:index/getGroup:getGroup", displayName="engineers", securityEnabled=True)
    assert (found["objectId"], found["members"], found["owners"]) == (TENANT, [ADA], [])
    assert "securityEnabled+eq+true" in cloud.requests[0]
    with pytest.raises(RefusedError, match="has mailEnabled False; asked: True"):
        azuread.invoke("azuread:index/getGroup:getGroup", objectId=TENANT, mailEnabled=True)


def test_the_caller_of_azure_comes_from_a_token_for_graph(
    azure_native: Engine, cloud: RecordingCloud
) -> None:
    found = azure_native.invoke("azure-native:authorization:getClientConfig")
    assert found == {
        "clientId": CLIENT,
        "objectId": CALLER,
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
    }
    assert cloud.forms[0]["scope"] == f"{ADDRESS}/.default"
    assert cloud.requests == []


def test_the_caller_of_azure_is_asked_of_graph_where_the_token_is_silent(
    azure_native: Engine, cloud: RecordingCloud
) -> None:
    cloud.token_claims = {}
    cloud.objects[f"/servicePrincipals/{CALLER}"] = {"id": CALLER, "appId": CLIENT}
    assert azure_native.invoke("azure-native:authorization:getClientConfig")["objectId"] == CALLER


def test_a_token_is_secret(azure_native: Engine, cloud: RecordingCloud) -> None:
    found = azure_native.invoke("azure-native:authorization:getClientToken", endpoint="https://x/")
    assert isinstance(found["token"], Secret)
    assert cloud.forms[0]["scope"] == "https://x//.default"


def test_subscriptions_are_listed_page_after_page(azure_native: Engine, cloud: RecordingCloud) -> None:
    following = f"{ADDRESS}/subscriptions?api-version=2022-12-01&page=2"
    cloud.plan("GET", "/subscriptions", 200, {"value": [{"displayName": "a"}], "nextLink": following})
    cloud.plan("GET", "page=2", 200, {"value": [{"displayName": "b"}]})
    found = azure_native.invoke("azure-native:authorization:listSubscriptions")
    assert found["value"] == [{"displayName": "a"}, {"displayName": "b"}]
    assert cloud.requests[0] == "GET /subscriptions?api-version=2022-12-01"


@pytest.mark.parametrize(
    ("token", "arguments", "path"),
    [
        (
            "managedidentity:getUserAssignedIdentity",
            {"resourceGroupName": "rg", "resourceName": "id-1"},
            f"{ROOT}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1",
        ),
        ("resources:getResourceGroup", {"resourceGroupName": "rg"}, f"{ROOT}/resourcegroups/rg"),
        (
            "authorization:getRoleDefinition",
            {"scope": ROOT, "roleDefinitionId": CLIENT},
            f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions/{CLIENT}",
        ),
        (
            "authorization:getRoleAssignment",
            {"scope": ROOT, "roleAssignmentName": CLIENT},
            f"{ROOT}/providers/Microsoft.Authorization/roleAssignments/{CLIENT}",
        ),
    ],
)
def test_a_resource_is_read_by_name(
    azure_native: Engine, cloud: RecordingCloud, token: str, arguments: dict[str, str], path: str
) -> None:
    with pytest.raises(RefusedError, match=f"there is no {path}; correct the name"):
        azure_native.invoke(f"azure-native:{token}", **arguments)
    cloud.objects[path.lower()] = {"id": path, "name": "n", "type": "t"}
    found = azure_native.invoke(f"azure-native:{token}", **arguments)
    assert (found["id"], found["name"]) == (path, "n")
    assert found["azureApiVersion"] in cloud.requests[-1]


def test_a_missing_argument_is_named(azure_native: Engine) -> None:
    with pytest.raises(RefusedError, match=r"getResourceGroup: resourceGroupName is missing; give it\.$"):
        azure_native.invoke("azure-native:resources:getResourceGroup")
