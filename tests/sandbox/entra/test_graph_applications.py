"""Applications in Graph: what a body may say, what is kept, and what falls with an application."""

from typing import Any

import pytest
from entra_world import DEVOPS_ISSUER, OTHER_TENANT, TENANT, World

from tests.providers.sent_application import as_the_azuread_provider_sends_it


def test_what_the_azuread_provider_sends_comes_back_with_the_ids_of_the_service(world: World) -> None:
    owner = f"{world.cloud.url}/v1.0/directoryObjects/{world.operator['id']}"
    sent = as_the_azuread_provider_sends_it(owner)

    answer = world.graph("POST", "applications", sent)

    assert answer.status == 201
    made = world.graph("GET", f"applications/{answer.body['id']}").body
    for name, value in sent.items():
        if "@odata" not in name and not isinstance(value, dict):
            assert made[name] == value, name
    assert made["api"]["requestedAccessTokenVersion"] == 1
    assert made["groupMembershipClaims"] is None
    assert made["passwordCredentials"] == []
    assert made["publisherDomain"] == "contoso.example"
    assert made["appId"] not in (made["id"], None)
    owners = world.graph("GET", f"applications/{made['id']}/owners").body["value"]
    assert [(each["@odata.type"], each["id"]) for each in owners] == [
        ("#microsoft.graph.servicePrincipal", world.operator["id"])
    ]


def test_properties_that_a_client_leaves_out_are_present_as_null_or_default(world: World) -> None:
    made = world.made("applications", {"displayName": "small"})

    shown = world.graph("GET", f"applications/{made['id']}").body

    assert "groupMembershipClaims" in shown
    assert shown["api"]["requestedAccessTokenVersion"] is None
    assert shown["signInAudience"] == "AzureADMyOrg"
    assert shown["tags"] == shown["identifierUris"] == shown["keyCredentials"] == []


def test_nothing_of_the_sandbox_itself_is_shown(world: World) -> None:
    made = world.app_with_principal()

    for address in (f"applications/{made['id']}", f"servicePrincipals(appId='{made['appId']}')"):
        shown = world.graph("GET", address).body
        assert not {"tenantId", "owners", "operator", "directoryRoles", "resourceId"} & set(shown)


@pytest.mark.parametrize(
    "address",
    [
        "/v1.0/applications/{id}",
        "/beta/applications/{id}",
        "/v1.0/applications(appId='{appId}')",
        "/v1.0/applications(appId%3D%27{appId}%27)",
        "/v1.0/applications%28appId%3D%27{appId}%27%29",
        "/v1.0/applications('{id}')",
        "/v1.0/Applications/{upper}",
    ],
)
def test_an_application_is_found_by_all_spellings_of_its_address(world: World, address: str) -> None:
    made = world.made("applications", {"displayName": "found"})

    answer = world.graph("GET", address.format(**made, upper=made["id"].upper()))

    assert (answer.status, answer.body["displayName"]) == (200, "found")


def test_two_applications_may_have_one_display_name(world: World) -> None:
    first = world.made("applications", {"displayName": "same"})
    second = world.made("applications", {"displayName": "same"})

    assert first["id"] != second["id"]
    assert first["appId"] != second["appId"]


@pytest.mark.parametrize("body", [{}, {"displayName": None}, {"displayName": ""}])
def test_a_display_name_is_required(world: World, body: dict[str, Any]) -> None:
    answer = world.graph("POST", "applications", body)

    assert (answer.status, answer.code) == (400, "Request_BadRequest")
    assert "displayName" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    "properties",
    [
        {"displayName": "x" * 257},
        {"signInAudience": "Everybody"},
        {"tags": "one"},
        {"identifierUris": [1]},
        {"displayname": "in lower case"},
        {"colour": "blue"},
        {"tenantId": OTHER_TENANT},
        {"owners": []},
        {"appId": "11111111-1111-4111-8111-111111111111"},
    ],
)
def test_a_property_that_may_not_be_is_refused_and_nothing_is_made(
    world: World, properties: dict[str, Any]
) -> None:
    before = world.cloud.store.keys("applications")

    answer = world.graph("POST", "applications", {"displayName": "new", **properties})

    assert (answer.status, answer.code) == (400, "Request_BadRequest")
    assert world.cloud.store.keys("applications") == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null"])
def test_a_body_that_is_no_json_object_is_refused(world: World, content: bytes) -> None:
    headers = {"Authorization": f"Bearer {world.token}"}

    answer = world.send("POST", "/v1.0/applications", headers, content)

    assert (answer.status, answer.code) == (400, "BadRequest")


def test_an_identifier_uri_belongs_to_one_application_of_a_tenant(world: World) -> None:
    first = world.made("applications", {"displayName": "one", "identifierUris": ["api://payments"]})

    refused = world.graph(
        "POST", "applications", {"displayName": "two", "identifierUris": ["api://payments"]}
    )

    assert (refused.status, refused.code) == (400, "Request_MultipleObjectsWithSameKeyValue")
    same = world.graph("PATCH", f"applications/{first['id']}", {"identifierUris": ["api://payments"]})
    assert same.status == 204


def test_a_patch_changes_only_what_it_names(world: World) -> None:
    owner = f"{world.cloud.url}/v1.0/directoryObjects/{world.operator['id']}"
    made = world.made("applications", as_the_azuread_provider_sends_it(owner))
    before = world.graph("GET", f"applications/{made['id']}").body

    answer = world.graph(
        "PATCH", f"applications/{made['id']}", {"displayName": "renamed", "api": {"acceptMappedClaims": None}}
    )

    assert answer.status == 204
    after = world.graph("GET", f"applications/{made['id']}").body
    assert after["displayName"] == "renamed"
    assert after["api"] == {**before["api"], "acceptMappedClaims": None}
    unchanged = {"displayName", "api"}
    assert {key: after[key] for key in after if key not in unchanged} == {
        key: before[key] for key in before if key not in unchanged
    }


def test_read_only_properties_may_be_repeated_but_not_changed(world: World) -> None:
    made = world.made("applications", {"displayName": "fixed"})
    address = f"applications/{made['id']}"

    same = world.graph("PATCH", address, {"id": made["id"], "appId": made["appId"]})
    other = world.graph("PATCH", address, {"appId": made["id"]})

    assert (same.status, other.status) == (204, 400)
    assert world.graph("GET", address).body["appId"] == made["appId"]


def test_a_rename_also_renames_the_service_principal(world: World) -> None:
    made = world.app_with_principal("before")

    world.graph("PATCH", f"applications/{made['id']}", {"displayName": "after"})

    principal = world.graph("GET", f"servicePrincipals(appId='{made['appId']}')").body
    assert (principal["displayName"], principal["appDisplayName"]) == ("after", "after")


def test_deleting_an_application_takes_its_service_principal_and_credentials_along(world: World) -> None:
    made = world.app_with_principal()
    other = world.app_with_principal("other")
    world.trust(made)
    kept = world.trust(other, issuer=DEVOPS_ISSUER)

    assert world.graph("DELETE", f"applications/{made['id']}").status == 204

    assert world.graph("GET", f"applications/{made['id']}").status == 404
    assert world.graph("GET", f"servicePrincipals(appId='{made['appId']}')").status == 404
    assert world.cloud.store.keys("federated-credentials") == [kept["id"]]
    assert world.graph("GET", f"servicePrincipals(appId='{other['appId']}')").status == 200
    assert world.graph("DELETE", f"applications/{made['id']}").code == "Request_ResourceNotFound"


def test_an_application_of_another_tenant_cannot_be_seen(world: World) -> None:
    foreign = world.client("foreign", tenant=OTHER_TENANT)
    application = world.cloud.store.one("applications", appId=foreign["appId"])
    assert application is not None

    answer = world.graph("GET", f"applications/{application['id']}")

    assert (answer.status, answer.code) == (404, "Request_ResourceNotFound")
    names = [each["displayName"] for each in world.graph("GET", "applications").body["value"]]
    assert "foreign" not in names


def test_the_beta_version_shows_a_property_that_v1_does_not(world: World) -> None:
    made = world.made("applications", {"displayName": "both"})
    assert (
        world.graph("PATCH", f"/beta/applications/{made['id']}", {"oauth2RequirePostResponse": True}).status
        == 204
    )

    selected = world.graph("GET", f"/beta/applications/{made['id']}?$select=oauth2RequirePostResponse").body

    assert selected["oauth2RequirePostResponse"] is True
    assert set(selected) == {"@odata.context", "oauth2RequirePostResponse"}
    assert "oauth2RequirePostResponse" not in world.graph("GET", f"applications/{made['id']}").body


def test_a_tenant_may_ask_for_a_service_management_reference(world: World) -> None:
    tenant = world.cloud.store.get("tenants", TENANT)
    assert tenant is not None
    world.cloud.store.put("tenants", TENANT, {**tenant, "serviceManagementReferenceRequired": True})

    refused = world.graph("POST", "applications", {"displayName": "new"})
    made = world.made("applications", {"displayName": "new", "serviceManagementReference": "1234"})
    emptied = world.graph("PATCH", f"applications/{made['id']}", {"serviceManagementReference": None})

    assert (refused.status, refused.code) == (400, "ServiceTreeValueMissing")
    assert "required for Create" in refused.body["error"]["message"]
    assert (emptied.status, emptied.code) == (400, "ServiceTreeValueMissing")
    assert "required for Update" in emptied.body["error"]["message"]
    assert world.graph("GET", f"applications/{made['id']}").body["serviceManagementReference"] == "1234"


def test_ids_come_from_the_seed_and_not_from_the_order_of_requests(world: World) -> None:
    first = world.made("applications", {"displayName": "one"})
    world.made("applications", {"displayName": "two"})
    world.cloud.store.clear()

    again = World(world.cloud, world.send)
    again.made("applications", {"displayName": "two"})

    assert again.made("applications", {"displayName": "one"})["id"] == first["id"]


def test_an_address_that_graph_does_not_have_here_names_itself(world: World) -> None:
    answer = world.graph("GET", "conditionalAccess/policies")

    assert (answer.status, answer.code) == (501, "SandboxRouteMissing")
    assert "/v1.0/conditionalAccess/policies" in answer.body["error"]["message"]
