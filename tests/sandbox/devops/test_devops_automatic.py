"""Connections whose identity Azure DevOps makes by itself."""

import json
from typing import Any

import pytest
from devops_world import OTHER_PROJECT, PERSON, PROJECT, SUBSCRIPTION, TENANT, World, described

from azure_service_connections.sandbox.arm import role_assignment, roles

ENDPOINTS = "_apis/serviceendpoint/endpoints"
AT_SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION}"


def automatic(scheme: str = "WorkloadIdentityFederation", name: str = "auto", **parameters: str) -> Any:
    """The body with which the provider asks for an automatic connection."""
    body = described(name, "")
    body["authorization"] = {
        "scheme": scheme,
        "parameters": {"serviceprincipalid": "", "tenantid": TENANT, **parameters},
    }
    if scheme == "ServicePrincipal":
        body["authorization"]["parameters"] |= {"authenticationType": "spnKey", "serviceprincipalkey": ""}
    body["data"]["creationMode"] = "Automatic"
    return body


def own(world: World) -> None:
    """Make the person an owner of the subscription."""
    role = roles.named(world.cloud, TENANT, "Owner")
    assert role is not None
    role_assignment.make(
        world.cloud,
        TENANT,
        scope=AT_SUBSCRIPTION,
        name="00000000-0000-4000-8000-000000000001",
        role=role.guid,
        principal_id=PERSON,
        principal_type="User",
    )


def test_a_federated_automatic_connection_gets_an_identity_that_reaches_azure(world: World) -> None:
    own(world)
    made = world.ask("POST", ENDPOINTS, automatic()).body
    assert (made["isReady"], made["operationStatus"]["state"]) == (True, "Ready")
    data, parameters = made["data"], made["authorization"]["parameters"]
    assert data["identityType"] == "AppRegistrationAutomatic"
    application = world.cloud.store.get("applications", data["appObjectId"])
    assert application is not None
    assert parameters["serviceprincipalid"] == application["appId"]
    assert application["owners"] == [PERSON]
    (credential,) = world.cloud.store.find("federated-credentials", parent=application["id"])
    assert credential["subject"] == parameters["workloadIdentityFederationSubject"]
    assignments = world.cloud.store.find("role-assignments", principalId=data["spnObjectId"])
    assert [each["scope"] for each in assignments] == [AT_SUBSCRIPTION]
    assert json.loads(data["azureSpnPermissions"]) == [
        {
            "roleAssignmentId": data["azureSpnRoleAssignmentId"],
            "resourceProvider": "Microsoft.RoleAssignment",
            "provisioned": True,
        }
    ]
    world.pipeline(1, "deploy", "steps: [{task: AzureCLI@2, inputs: {azureSubscription: auto}}]")
    world.authorize(made)
    token = world.oidc(world.agent(world.run()), made).body["oidcToken"]
    assert world.exchange(application, token).status == 200


def test_an_automatic_connection_with_a_secret_keeps_one_for_three_months(world: World) -> None:
    own(world)
    made = world.ask("POST", ENDPOINTS, automatic("ServicePrincipal")).body
    assert made["authorization"]["parameters"]["serviceprincipalkey"] is None
    assert made["authorization"]["parameters"]["scope"] == AT_SUBSCRIPTION
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    (password,) = application["passwordCredentials"]
    held = world.cloud.store.get("endpoints", made["id"])
    assert held is not None
    assert held["authorization"]["parameters"]["serviceprincipalkey"] == password["secretText"]
    request = {
        "dataSourceDetails": {"dataSourceName": "TestConnection"},
        "serviceEndpointDetails": automatic("ServicePrincipal"),
    }
    path = f"{PROJECT}/_apis/serviceendpoint/endpointproxy"
    assert world.ask("POST", path, request, endpointId=made["id"]).body["statusCode"] == "ok"
    world.cloud.clock.advance(91 * 86400)
    answer = world.ask("POST", path, request, endpointId=made["id"]).body
    assert "AADSTS7000222" in answer["errorMessage"]


def test_without_rights_in_azure_the_connection_is_there_and_says_what_failed(world: World) -> None:
    made = world.ask("POST", ENDPOINTS, automatic()).body
    assert made["isReady"] is False
    assert made["operationStatus"]["state"] == "Failed"
    said = made["operationStatus"]["statusMessage"]
    assert "Microsoft.Authorization/roleAssignments/write" in said
    assert "ada@contoso.example" in said
    assert world.ask("GET", f"{PROJECT}/{ENDPOINTS}").body["value"] == []
    listed = world.ask("GET", f"{PROJECT}/{ENDPOINTS}", includeFailed="true").body["value"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT).status == 204


def test_a_tenant_that_asks_for_a_service_reference_refuses_the_application(world: World) -> None:
    own(world)
    tenant = world.cloud.store.get("tenants", TENANT)
    assert tenant is not None
    world.cloud.store.put("tenants", TENANT, {**tenant, "serviceManagementReferenceRequired": True})
    made = world.ask("POST", ENDPOINTS, automatic()).body
    assert "ServiceManagementReference" in made["operationStatus"]["statusMessage"]
    body = automatic(name="other")
    body["data"]["serviceManagementReference"] = "1234"
    assert world.ask("POST", ENDPOINTS, body).body["isReady"] is True


def test_a_service_principal_cannot_ask_for_an_automatic_connection(world: World) -> None:
    bearer = world.devops_bearer(world.application())
    answer = world.ask("POST", ENDPOINTS, automatic(), authorization=bearer)
    assert (answer.status, "creationMode Manual" in answer.message) == (400, True)
    assert world.cloud.store.find("endpoints") == []
    assert world.ask("POST", ENDPOINTS, described(), authorization=bearer).status == 200


@pytest.mark.parametrize("deep", [False, True])
def test_the_application_outlives_its_connection_unless_asked_otherwise(world: World, deep: bool) -> None:
    own(world)
    made = world.ask("POST", ENDPOINTS, automatic()).body
    query = {"deep": "true"} if deep else {}
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT, **query).status == 204
    kept = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert (kept is None) is deep
    assert world.cloud.store.find("federated-credentials") == []


def test_an_update_keeps_the_identity_and_follows_a_new_scope(world: World) -> None:
    own(world)
    made = world.ask("POST", ENDPOINTS, automatic()).body
    body = {**automatic(name="renamed"), "id": made["id"]}
    renamed = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", body).body
    assert renamed["name"] == "renamed"
    for key in ("authorization", "operationStatus"):
        assert renamed[key] == made[key]
    assert len(world.cloud.store.find("applications")) == 1
    body["authorization"]["parameters"]["scope"] = f"{AT_SUBSCRIPTION}/resourcegroups/rg-payments"
    moved = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", body).body
    scopes = [
        each["scope"]
        for each in world.cloud.store.find("role-assignments", principalId=moved["data"]["spnObjectId"])
    ]
    assert [each.lower() for each in scopes] == [
        AT_SUBSCRIPTION,
        f"{AT_SUBSCRIPTION}/resourcegroups/rg-payments",
    ]


def test_a_manual_connection_becomes_automatic_and_back(world: World) -> None:
    own(world)
    made = world.connection(name="auto")
    path = f"{ENDPOINTS}/{made['id']}"
    changed = world.ask("PUT", path, {**automatic(), "id": made["id"]}).body
    assert changed["data"]["identityType"] == "AppRegistrationAutomatic"
    assert changed["authorization"]["parameters"]["serviceprincipalid"] not in (
        "",
        made["authorization"]["parameters"]["serviceprincipalid"],
    )
    back = world.ask("PUT", path, {**described("auto"), "id": made["id"]}).body
    assert back["data"]["identityType"] == "AppRegistrationManual"
    assert back["authorization"] == made["authorization"]


def test_sharing_an_automatic_connection_leaves_its_identity(world: World) -> None:
    own(world)
    made = world.ask("POST", ENDPOINTS, automatic()).body
    world.ask("PATCH", f"{ENDPOINTS}/{made['id']}", [{"projectReference": {"id": OTHER_PROJECT}}])
    world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT)
    (credential,) = world.cloud.store.find("federated-credentials")
    assert credential["subject"] == made["authorization"]["parameters"]["workloadIdentityFederationSubject"]


@pytest.mark.parametrize("environment", ["AzureUSGovernment", "AzureChinaCloud", "AzureStack"])
def test_nothing_federated_is_made_automatically_in_another_cloud(world: World, environment: str) -> None:
    own(world)
    body = automatic()
    body["data"]["environment"] = environment
    answer = world.ask("POST", ENDPOINTS, body)
    assert (answer.status, environment in answer.message) == (400, True)
    assert world.cloud.store.find("endpoints") == world.cloud.store.find("applications") == []
