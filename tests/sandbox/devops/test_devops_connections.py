"""Service connections: what is made, changed, shared, deleted, and what is refused."""

import json

import pytest
from devops_world import (
    DEVOPS,
    ORGANIZATION,
    OTHER_PROJECT,
    PROJECT,
    SUBSCRIPTION,
    TENANT,
    World,
    described,
    keyed,
)
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.sandbox.devops.federation import short_guid
from azure_service_connections.sandbox.devops.service_connections import DELETION_SECONDS

ENDPOINTS = "_apis/serviceendpoint/endpoints"


def test_a_federated_connection_gets_issuer_and_subject_from_the_service(world: World) -> None:
    made = world.connection()
    parameters = made["authorization"]["parameters"]
    assert (
        parameters["workloadIdentityFederationIssuer"] == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    )
    assert parameters["workloadIdentityFederationSubject"] == (
        f"/eid1/c/pub/t/{short_guid(TENANT)}/a/rISbSSETf0KqFyZ8ppdXmA/sc/{ORGANIZATION}/{made['id']}"
    )
    assert parameters["workloadIdentityFederationIssuerType"] == "EntraID"
    assert (made["isReady"], made["isShared"], made["type"], made["owner"]) == (
        True,
        False,
        "azurerm",
        "library",
    )
    assert made["createdBy"]["uniqueName"] == "ada@contoso.example"
    assert world.read(made).body == made


def test_an_organization_with_the_older_issuer_writes_names_into_the_subject(world: World) -> None:
    world.issuer("devops")
    parameters = world.connection()["authorization"]["parameters"]
    assert parameters["workloadIdentityFederationIssuer"] == f"https://vstoken.dev.azure.com/{ORGANIZATION}"
    assert parameters["workloadIdentityFederationSubject"] == "sc://Contoso/Payments/payments"


def test_a_connection_keeps_the_issuer_that_it_was_made_with(world: World) -> None:
    made = world.connection()
    world.issuer("devops")
    assert world.read(made).body["authorization"] == made["authorization"]


def test_a_sovereign_cloud_keeps_the_older_issuer(world: World) -> None:
    body = described()
    data = {**body["data"], "environment": "AzureUSGovernment"}
    parameters = world.connection(data=data, url=None)["authorization"]["parameters"]
    assert parameters["workloadIdentityFederationIssuer"].startswith("https://vstoken.dev.azure.com/")


def test_issuer_and_subject_that_a_client_sends_are_not_taken(world: World) -> None:
    body = described()
    body["authorization"]["parameters"]["workloadIdentityFederationSubject"] = "mine"
    made = world.ask("POST", ENDPOINTS, body).body
    assert made["authorization"]["parameters"]["workloadIdentityFederationSubject"].endswith(made["id"])


@pytest.mark.parametrize(("issuer", "changes"), [("entra", False), ("devops", True)])
def test_only_the_older_issuers_subject_changes_with_a_name(world: World, issuer: str, changes: bool) -> None:
    world.issuer(issuer)
    made = world.connection()
    before = made["authorization"]["parameters"]["workloadIdentityFederationSubject"]
    renamed = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", {**described("money"), "id": made["id"]}).body
    after = renamed["authorization"]["parameters"]["workloadIdentityFederationSubject"]
    assert (before != after) is changes
    world.ask("PATCH", f"_apis/projects/{PROJECT}", {"name": "Money"})
    again = world.read(made).body["authorization"]["parameters"]["workloadIdentityFederationSubject"]
    assert again == ("sc://Contoso/Money/money" if changes else before)


@given(st.uuids())
def test_a_short_guid_holds_the_bytes_in_the_order_of_dot_net(value: object) -> None:
    short = short_guid(str(value))
    assert len(short) == 22
    assert "=" not in short
    assert short == short_guid(str(value).upper())


def test_the_short_guid_of_azure_devops_is_the_published_one() -> None:
    assert short_guid(DEVOPS) == "rISbSSETf0KqFyZ8ppdXmA"


def test_a_name_is_taken_once_in_a_project_in_any_case(world: World) -> None:
    world.connection()
    answer = world.ask("POST", ENDPOINTS, described("PAYMENTS"))
    assert (answer.status, answer.key) == (409, "DuplicateServiceConnectionException")
    assert answer.message == (
        "Service connection with name PAYMENTS already exists. Only a user having Administrator/User role "
        "permissions on service connection PAYMENTS can see it."
    )
    assert len(world.cloud.store.find("endpoints")) == 1
    elsewhere = described()
    elsewhere["serviceEndpointProjectReferences"][0]["projectReference"]["id"] = OTHER_PROJECT
    assert world.ask("POST", ENDPOINTS, elsewhere).status == 200


def test_a_name_is_free_again_after_a_rename_and_after_a_delete(world: World) -> None:
    made = world.connection()
    world.ask("PUT", f"{ENDPOINTS}/{made['id']}", {**described("money"), "id": made["id"]})
    second = world.connection()
    assert world.ask("DELETE", f"{ENDPOINTS}/{second['id']}", projectIds=PROJECT).status == 204
    assert world.connection()["id"] not in (made["id"], second["id"])


def test_secrets_are_kept_and_never_given_back(world: World) -> None:
    made = world.ask("POST", ENDPOINTS, keyed()).body
    assert made["authorization"]["parameters"]["serviceprincipalkey"] is None
    assert "app-secret" not in str(world.read(made).body)
    held = world.cloud.store.get("endpoints", made["id"])
    assert held is not None
    assert held["authorization"]["parameters"]["serviceprincipalkey"] == "app-secret"


@pytest.mark.parametrize("sent", [None, "", "left out"])
def test_an_update_that_masks_the_secret_keeps_it(world: World, sent: str | None) -> None:
    made = world.ask("POST", ENDPOINTS, keyed()).body
    body = {**made, "description": "changed"}
    if sent == "left out":
        body["authorization"]["parameters"].pop("serviceprincipalkey")
    else:
        body["authorization"]["parameters"]["serviceprincipalkey"] = sent
    assert world.ask("PUT", f"{ENDPOINTS}/{made['id']}", body).body["description"] == "changed"
    held = world.cloud.store.get("endpoints", made["id"])
    assert held is not None
    assert held["authorization"]["parameters"]["serviceprincipalkey"] == "app-secret"


def test_an_update_with_a_secret_replaces_it(world: World) -> None:
    made = world.ask("POST", ENDPOINTS, keyed()).body
    world.ask("PUT", f"{ENDPOINTS}/{made['id']}", {**keyed(serviceprincipalkey="new"), "id": made["id"]})
    held = world.cloud.store.get("endpoints", made["id"])
    assert held is not None
    assert held["authorization"]["parameters"]["serviceprincipalkey"] == "new"


def test_scheme_and_type_cannot_be_changed_by_an_update(world: World) -> None:
    made = world.ask("POST", ENDPOINTS, keyed()).body
    answer = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", {**described("legacy"), "id": made["id"]})
    assert (answer.status, "ConvertAuthenticationScheme" in answer.message) == (400, True)
    assert world.read(made).body == made
    generic = {**made, "type": "generic"}
    generic["authorization"] = {
        "scheme": "UsernamePassword",
        "parameters": {"username": "a", "password": "b"},
    }
    assert world.ask("PUT", f"{ENDPOINTS}/{made['id']}", generic).status == 400
    assert world.read(made).body == made


def test_a_generic_connection_takes_any_fields_and_hides_its_password(world: World) -> None:
    body = described("other")
    body |= {"type": "generic", "url": "https://example.com", "data": {"colour": "red"}}
    body["authorization"] = {"scheme": "UsernamePassword", "parameters": {"username": "a", "password": "b"}}
    made = world.ask("POST", ENDPOINTS, body).body
    assert made["authorization"]["parameters"] == {"username": "a", "password": None}
    assert made["data"] == {"colour": "red"}


def test_a_managed_identity_is_noted_as_such(world: World) -> None:
    world.cloud.store.put(
        "service-principals",
        "identity",
        {"id": "identity", "appId": "aa", "tenantId": TENANT, "servicePrincipalType": "ManagedIdentity"},
    )
    body = described(client_id="aa")
    assert world.ask("POST", ENDPOINTS, body).body["data"]["identityType"] == "ManagedIdentity"
    assert world.connection(name="other")["data"]["identityType"] == "AppRegistrationManual"


def without(body: dict[str, object], *path: str) -> dict[str, object]:
    inner: dict[str, object] = body
    for part in path[:-1]:
        inner = inner[part]  # type: ignore[assignment]
    inner.pop(path[-1])
    return body


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (without(described(), "authorization"), 400, "endpoint.Authorization"),
        (without(described(), "serviceEndpointProjectReferences"), 400, "ServiceEndpointProjectReferences"),
        (without(described(), "authorization", "parameters", "tenantid"), 400, "missing: tenantid"),
        (
            without(described(), "authorization", "parameters", "serviceprincipalid"),
            400,
            "serviceprincipalid",
        ),
        (without(described(), "data", "subscriptionId"), 400, "missing: subscriptionId"),
        (without(described(), "data", "scopeLevel"), 400, "scope level ''"),
        ({**described(), "data": {**described()["data"], "colour": "red"}}, 400, "not expected: colour"),
        ({**described(), "type": "nothing"}, 400, "Unable to find service connection type 'nothing'"),
        ({**described(), "data": {"scopeLevel": 3}}, 400, "'data' is not an object of texts"),
        (
            {
                **described(),
                "serviceEndpointProjectReferences": [{"projectReference": {"id": TENANT}, "name": "n"}],
            },
            404,
            "VS800075",
        ),
        ([], 400, "Value cannot be null"),
        ({**described(), "serviceEndpointProjectReferences": []}, 400, "ServiceEndpointProjectReferences"),
        (
            {**described(""), "serviceEndpointProjectReferences": [{"projectReference": {"id": PROJECT}}]},
            400,
            "endpoint.Name",
        ),
        ({**described(), "serviceEndpointProjectReferences": [{"name": "n"}]}, 400, "projectReference"),
    ],
)
def test_a_connection_that_makes_no_sense_is_refused_and_not_kept(
    world: World, body: object, status: int, said: str
) -> None:
    answer = world.ask("POST", ENDPOINTS, body)
    assert answer.status == status
    assert answer.key
    assert said in answer.message
    assert world.cloud.store.find("endpoints") == []


def test_a_body_that_is_not_json_is_refused(world: World) -> None:
    headers = {"Authorization": world.devops_bearer(world.application())}
    answer = world.send("POST", f"/contoso/{ENDPOINTS}?api-version=7.1", headers, b"{")
    assert (answer.status, "not valid JSON" in answer.message) == (400, True)


@pytest.mark.parametrize("level", ["ManagementGroup", "AzureMLWorkspace"])
def test_other_scope_levels_are_taken_with_their_fields(world: World, level: str) -> None:
    fields = {
        "managementGroupId": "production",
        "managementGroupName": "Production",
        "subscriptionId": SUBSCRIPTION,
        "subscriptionName": "",
        "resourceGroupName": "rg-payments",
        "mlWorkspaceName": "ml-fraud",
        "mlWorkspaceLocation": "",
    }
    data = {"creationMode": "Manual", "environment": "AzureCloud", "scopeLevel": level, **fields}
    assert world.connection(data=data)["data"]["scopeLevel"] == level


def test_the_agents_identity_needs_no_client_id_and_no_mode(world: World) -> None:
    body = described()
    body["authorization"] = {"scheme": "ManagedServiceIdentity", "parameters": {"tenantid": TENANT}}
    body["data"].pop("creationMode")
    made = world.ask("POST", ENDPOINTS, body).body
    assert made["data"] == body["data"]
    assert made["authorization"] == body["authorization"]


def test_type_and_scheme_are_taken_in_any_case(world: World) -> None:
    body = described()
    body["type"] = "AzureRM"
    assert world.ask("POST", ENDPOINTS, body).body["type"] == "azurerm"


def test_listing_narrows_by_name_id_type_scheme_and_owner(world: World) -> None:
    first = world.connection()
    second = world.ask("POST", ENDPOINTS, keyed()).body

    def ids(**query: str) -> list[str]:
        answer = world.ask("GET", f"{PROJECT}/{ENDPOINTS}", **query)
        assert answer.body["count"] == len(answer.body["value"])
        return [each["id"] for each in answer.body["value"]]

    assert ids() == [first["id"], second["id"]]
    assert ids(endpointNames="legacy,nobody") == [second["id"]]
    assert ids(endpointIds=first["id"]) == [first["id"]]
    assert ids(authSchemes="serviceprincipal") == [second["id"]]
    assert ids(type="azurerm", owner="library") == [first["id"], second["id"]]
    assert ids(type="generic") == []
    assert world.ask("GET", f"{OTHER_PROJECT}/{ENDPOINTS}").body["value"] == []


def test_a_shared_connection_appears_in_both_projects_under_each_ones_name(world: World) -> None:
    made = world.connection()
    reference = {"projectReference": {"id": OTHER_PROJECT}, "name": "shop-payments", "description": "shared"}
    assert world.ask("PATCH", f"{ENDPOINTS}/{made['id']}", [reference]).status == 204
    shared = world.read(made, OTHER_PROJECT).body
    assert (shared["name"], shared["description"], shared["isShared"]) == ("shop-payments", "shared", True)
    assert world.read(made).body["name"] == "payments"
    names = [each["projectReference"]["name"] for each in shared["serviceEndpointProjectReferences"]]
    assert names == ["Payments", "Web shop"]
    assert shared["authorization"] == made["authorization"]


def test_an_update_that_names_one_project_leaves_the_shares(world: World) -> None:
    made = world.connection()
    world.ask("PATCH", f"{ENDPOINTS}/{made['id']}", [{"projectReference": {"id": OTHER_PROJECT}}])
    world.ask("PUT", f"{ENDPOINTS}/{made['id']}", {**described("money"), "id": made["id"]})
    assert world.read(made, OTHER_PROJECT).body["name"] == "payments"
    assert world.read(made).body["name"] == "money"


def test_sharing_cannot_take_a_name_or_rename(world: World) -> None:
    made = world.connection()
    other = described()
    other["serviceEndpointProjectReferences"][0]["projectReference"]["id"] = OTHER_PROJECT
    world.ask("POST", ENDPOINTS, other)
    share = f"{ENDPOINTS}/{made['id']}"
    assert world.ask("PATCH", share, [{"projectReference": {"id": OTHER_PROJECT}}]).status == 409
    renaming = [{"projectReference": {"id": PROJECT}, "name": "other"}]
    answer = world.ask("PATCH", share, renaming)
    assert (answer.status, answer.message[:8]) == (500, "TF400898")


def test_a_connection_leaves_the_projects_named_and_dies_with_the_last(world: World) -> None:
    made = world.connection()
    world.ask("PATCH", f"{ENDPOINTS}/{made['id']}", [{"projectReference": {"id": OTHER_PROJECT}}])
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=OTHER_PROJECT).status == 204
    assert world.read(made, OTHER_PROJECT).status == 404
    assert world.read(made).body["isShared"] is False
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=OTHER_PROJECT).status == 404
    world.authorize(made)
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT).status == 204
    assert world.cloud.store.find("endpoints") == []
    assert world.cloud.store.find("pipeline-permissions") == []


def test_deleting_needs_the_projects(world: World) -> None:
    made = world.connection()
    answer = world.ask("DELETE", f"{ENDPOINTS}/{made['id']}")
    assert (answer.status, "projectIds" in answer.message) == (400, True)
    assert world.read(made).status == 200


def test_a_deleted_connection_reads_as_null_for_a_while_and_then_was_never_there(world: World) -> None:
    made = world.connection()
    world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT)
    answer = world.read(made)
    assert (answer.status, answer.body) == (200, None)
    world.cloud.clock.advance(DELETION_SECONDS)
    answer = world.read(made)
    assert (answer.status, answer.key) == (404, "ServiceEndpointNotFoundException")


def test_a_trusted_connection_cannot_be_deleted_until_its_credential_is_gone(world: World) -> None:
    application = world.application()
    made = world.connection(application)
    credential = world.trust(application, made)
    answer = world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT)
    assert answer.status == 400
    assert answer.message == (
        f"Cannot delete this service connection while federated credentials for app {application['appId']} "
        f"exist in Entra tenant {TENANT}. Please make sure federated credentials have been removed prior "
        "to deleting the service connection."
    )
    assert world.read(made).body == made
    world.cloud.store.remove("federated-credentials", credential["id"])
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT).status == 204


def test_a_credential_of_another_subject_does_not_hold_a_connection(world: World) -> None:
    application = world.application()
    made = world.connection(application)
    world.trust(application, made, subject="another")
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT).status == 204


def test_a_connection_whose_reads_are_to_be_in_vain_is_not_ready(world: World) -> None:
    world.cloud.faults.set_visibility("endpoints", 1)
    made = world.connection()
    first = world.read(made).body
    assert (first["isReady"], first["operationStatus"]["state"]) == (False, "InProgress")
    assert world.read(made).body["isReady"] is True


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_an_unknown_connection_is_not_found(world: World, method: str) -> None:
    answer = world.ask(method, f"{ENDPOINTS}/{TENANT}", described(), projectIds=PROJECT)
    assert (answer.status, answer.key) == (404, "ServiceEndpointNotFoundException")


def test_the_type_azurerm_names_its_schemes_and_required_fields(world: World) -> None:
    (kind,) = world.ask("GET", "_apis/serviceendpoint/types", type="azurerm").body["value"]
    schemes = {each["scheme"]: each["inputDescriptors"] for each in kind["authenticationSchemes"]}
    assert set(schemes) == {
        "ServicePrincipal",
        "WorkloadIdentityFederation",
        "ManagedServiceIdentity",
        "PublishProfile",
    }
    required = {each["id"] for each in kind["inputDescriptors"] if each["validation"]["isRequired"]}
    assert required == {
        "environment",
        "scopeLevel",
        "subscriptionId",
        "subscriptionName",
        "resourceGroupName",
        "mlWorkspaceName",
        "mlWorkspaceLocation",
        "managementGroupId",
        "managementGroupName",
    }
    assert {each["id"] for each in schemes["ServicePrincipal"] if each["isConfidential"]} == {
        "serviceprincipalkey",
        "servicePrincipalCertificate",
        "accessToken",
    }


@pytest.mark.parametrize("path", [ENDPOINTS, f"{ENDPOINTS}/{TENANT}"])
def test_connections_are_read_through_a_project_only(world: World, path: str) -> None:
    answer = world.ask("GET", path)
    assert answer.status == 405
    assert answer.body["value"]["Message"] == "The requested resource does not support http method 'GET'."


def test_addresses_with_the_project_in_front_do_the_same(world: World) -> None:
    made = world.ask("POST", f"{PROJECT}/{ENDPOINTS}", described()).body
    path = f"Payments/{ENDPOINTS}/{made['id']}"
    changed = world.ask("PUT", path, {**described("money"), "id": made["id"]})
    assert changed.body["name"] == "money"
    share = [{"projectReference": {"name": "Web shop"}, "name": "money"}]
    assert world.ask("PATCH", path, share).status == 204
    assert world.read(made, OTHER_PROJECT).body["isShared"] is True
    assert world.ask("DELETE", path, projectIds=f"{PROJECT},{OTHER_PROJECT}").status == 204
    assert world.cloud.store.find("endpoints") == []


def test_the_version_may_come_in_the_accept_header(world: World) -> None:
    made = world.connection()
    headers = {
        "Authorization": world.devops_bearer(world.application()),
        "Accept": "application/json;api-version=7.1-preview.4",
    }
    content = json.dumps({**described("money"), "id": made["id"]}).encode()
    answer = world.send("PUT", f"/contoso/{ENDPOINTS}/{made['id']}", headers, content)
    assert answer.body["name"] == "money"


def held_reference(world: World, endpoint: dict[str, object]) -> tuple[str, str]:
    body = world.read(endpoint).body
    (reference,) = body["serviceEndpointProjectReferences"]
    assert (body["name"], body["description"]) == (reference["name"], reference["description"])
    return body["name"], body["description"]


def test_the_connections_own_name_and_description_stand_for_the_projects(world: World) -> None:
    reference = [{"projectReference": {"id": PROJECT}}]
    made = world.connection(serviceEndpointProjectReferences=reference)
    assert held_reference(world, made) == ("payments", "Deploys payments")


@pytest.mark.parametrize("where", ["connection", "reference", "both"])
def test_a_rename_may_come_in_the_connection_or_in_the_projects_reference(world: World, where: str) -> None:
    made = world.connection()
    body = world.read(made).body
    if where != "reference":
        body["name"], body["description"] = "money", "moves money"
    if where != "connection":
        body["serviceEndpointProjectReferences"][0] |= {"name": "money", "description": "moves money"}
    assert world.ask("PUT", f"{ENDPOINTS}/{made['id']}", body).status == 200
    assert held_reference(world, made) == ("money", "moves money")


def test_an_update_that_says_nothing_of_the_description_keeps_it(world: World) -> None:
    made = world.connection()
    body = world.read(made).body
    body.pop("description")
    world.ask("PUT", f"{ENDPOINTS}/{made['id']}", body)
    assert held_reference(world, made) == ("payments", "Deploys payments")


def test_an_update_of_another_id_is_refused(world: World) -> None:
    first, second = world.connection(), world.connection(name="other")
    answer = world.ask("PUT", f"{ENDPOINTS}/{first['id']}", {**described("money"), "id": second["id"]})
    assert (answer.status, "not the id in the address" in answer.message) == (400, True)
    assert world.ask("PUT", f"{ENDPOINTS}/{first['id']}", described("money")).body["name"] == "money"


def test_a_rename_cannot_take_another_connections_name(world: World) -> None:
    world.connection(name="money")
    made = world.connection()
    answer = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", {**described("money"), "id": made["id"]})
    assert (answer.status, answer.key) == (409, "DuplicateServiceConnectionException")
    assert world.read(made).body == made


def test_a_connection_of_another_organization_is_not_seen(world: World) -> None:
    made = world.connection()
    held = world.cloud.store.get("endpoints", made["id"])
    assert held is not None
    world.cloud.store.put("endpoints", made["id"], {**held, "organization": "fabrikam"})
    assert world.read(made).status == 404
    world.cloud.store.remove("endpoints", made["id"])
    world.cloud.store.put("deleted-endpoints", made["id"], {"organization": "fabrikam", "at": 10**12})
    assert world.read(made).status == 404
