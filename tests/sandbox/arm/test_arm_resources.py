"""Resource groups, plain resources, workspaces, tags and resource providers."""

import pytest
from arm_world import AT_GROUP, AT_SUBSCRIPTION, IDENTITIES, SUBSCRIPTION, TENANT, World

STORAGE = f"{AT_GROUP}/providers/Microsoft.Storage/storageAccounts/stpayments"
WORKSPACE = f"{AT_GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml-fraud"


def poll(world: World, address: str) -> tuple[int, object]:
    """Ask at an address that an answer gave."""
    assert address.startswith(world.cloud.url)
    headers = {"Authorization": f"Bearer {world.token(world.operator)}"}
    answer = world.send("GET", address.removeprefix(world.cloud.url), headers, b"")
    return answer.status, answer.body


def test_a_resource_group_is_made_once_and_then_changed(world: World) -> None:
    made = world.ask("PUT", AT_GROUP, {"location": "West Europe", "tags": {"team": "payments"}})
    assert made.status == 201
    assert made.body == {
        "id": AT_GROUP,
        "name": "rg-payments",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
        "tags": {"team": "payments"},
        "properties": {"provisioningState": "Succeeded"},
    }
    again = world.ask("PUT", AT_GROUP.upper(), {"location": "westeurope", "tags": {}})
    assert (again.status, again.body["name"], again.body["tags"]) == (200, "rg-payments", {})
    moved = world.ask("PUT", AT_GROUP, {"location": "northeurope"})
    assert (moved.status, moved.code) == (409, "InvalidResourceGroupLocation")
    patched = world.ask("PATCH", AT_GROUP, {"tags": {"a": "b"}})
    assert (patched.status, patched.body["tags"]) == (200, {"a": "b"})


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("rg-payments", {}, "LocationRequired"),
        ("rg-payments", {"location": "atlantis"}, "LocationNotAvailableForResourceGroup"),
        ("rg-payments", {"location": "westeurope", "tags": {"a": 1}}, "InvalidTags"),
        ("rg.", {"location": "westeurope"}, "InvalidResourceGroup"),
        ("r" * 91, {"location": "westeurope"}, "InvalidResourceGroup"),
        ("rg-payments", ["no object"], "InvalidRequestContent"),
    ],
)
def test_a_resource_group_that_is_not_right_is_refused(
    world: World, name: str, body: object, code: str
) -> None:
    answer = world.ask("PUT", f"{AT_SUBSCRIPTION}/resourceGroups/{name}", body)
    assert (answer.status, answer.code) == (400, code)
    assert world.cloud.store.find("resources") == []


def test_a_body_that_is_no_json_is_refused(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token(world.operator)}"}
    answer = world.send("PUT", f"{AT_GROUP}?api-version=1", headers, b"{location")
    assert (answer.status, answer.code) == (400, "InvalidRequestContent")


def test_the_existence_of_a_group_is_asked_for_with_head(world: World) -> None:
    assert world.ask("HEAD", AT_GROUP).status == 404
    world.resource_group()
    assert (world.ask("HEAD", AT_GROUP).status, world.ask("HEAD", AT_GROUP).body) == (204, None)
    assert world.ask("HEAD", AT_GROUP, by=world.principal("nobody")).status == 403


def test_deleting_a_group_takes_all_that_is_in_it_and_tells_the_end_at_its_location(world: World) -> None:
    world.identity()
    world.ask("PUT", STORAGE, {"location": "westeurope"})
    kept = world.resource_group(f"{AT_GROUP}-archive").body
    reader = world.granted("Reader", AT_GROUP)
    credential = {"issuer": "https://issuer.example", "subject": "s", "audiences": ["a"]}
    world.ask(
        "PUT",
        f"{IDENTITIES}/id-payments/federatedIdentityCredentials/prod",
        {"properties": credential},
    )
    world.cloud.faults.set_visibility("operations", 1)
    answer = world.ask("DELETE", AT_GROUP)
    assert (answer.status, answer.body) == (202, None)
    assert poll(world, answer.headers["location"]) == (202, None)
    assert poll(world, answer.headers["location"]) == (200, None)
    assert world.ask("GET", AT_GROUP).code == "ResourceGroupNotFound"
    assert world.cloud.store.find("resources", name="rg-payments") == []
    assert world.cloud.store.find("resources") == [{**kept, "tenantId": TENANT}]
    assert world.cloud.store.find("federated-credentials") == []
    assert world.cloud.store.find("service-principals", servicePrincipalType="ManagedIdentity") == []
    assert world.cloud.store.find("role-assignments", principalId=reader) == []
    assert world.ask("DELETE", AT_GROUP).code == "ResourceGroupNotFound"


def test_an_operation_of_another_tenant_is_not_told(world: World) -> None:
    world.resource_group()
    answer = world.ask("DELETE", AT_GROUP)
    operation = answer.headers["location"].split("/")[-1].split("?")[0]
    document = world.cloud.store.get("operations", operation) or {}
    world.cloud.store.put("operations", operation, {**document, "tenantId": "another"})
    assert poll(world, answer.headers["location"])[0] == 404


def test_groups_are_listed_by_tag(world: World) -> None:
    world.resource_group(f"{AT_SUBSCRIPTION}/resourceGroups/rg-plain")
    world.ask("PUT", AT_GROUP, {"location": "westeurope", "tags": {"team": "payments"}})
    path = f"{AT_SUBSCRIPTION}/resourceGroups"
    assert world.ask("GET", path).names == ["rg-plain", "rg-payments"]
    assert world.ask("GET", path, filter="tagName eq 'team' and tagValue eq 'payments'").names == [
        "rg-payments"
    ]
    assert world.ask("GET", path, filter="tagName eq 'team' and tagValue eq 'other'").names == []
    assert world.ask("GET", path, filter="colour eq 'red'").code == "InvalidFilterInQueryString"


def test_a_plain_resource_is_kept_as_it_was_given(world: World) -> None:
    world.resource_group()
    body = {
        "location": "West Europe",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "tags": {"a": "b"},
        "properties": {"minimumTlsVersion": "TLS1_2"},
    }
    made = world.ask("PUT", STORAGE, body)
    assert made.status == 201
    assert made.body["id"] == STORAGE
    assert made.body["type"] == "Microsoft.Storage/storageAccounts"
    assert made.body["sku"] == {"name": "Standard_LRS"}
    assert made.body["properties"] == {"minimumTlsVersion": "TLS1_2", "provisioningState": "Succeeded"}
    assert world.ask("GET", STORAGE.lower()).body == made.body
    assert world.ask("HEAD", STORAGE).status == 204
    replaced = world.ask("PUT", STORAGE, {"location": "westeurope", "properties": {}})
    assert replaced.status == 200
    assert "sku" not in replaced.body
    merged = world.ask("PATCH", STORAGE, {"tags": {"c": "d"}, "properties": {"more": True}})
    assert (merged.body["tags"], merged.body["properties"]["more"]) == ({"c": "d"}, True)
    assert world.ask("PUT", STORAGE, {"location": "northeurope"}).code == "InvalidResourceLocation"
    assert world.ask("DELETE", STORAGE).status == 200
    assert world.ask("DELETE", STORAGE).status == 204
    gone = world.ask("GET", STORAGE)
    assert (gone.status, gone.code) == (404, "ResourceNotFound")
    assert gone.message.startswith(
        "The Resource 'Microsoft.Storage/storageAccounts/stpayments' under resource group 'rg-payments' "
        "was not found."
    )


def test_a_resource_needs_its_group_and_its_parent(world: World) -> None:
    assert world.ask("PUT", STORAGE, {"location": "westeurope"}).code == "ResourceGroupNotFound"
    assert world.ask("GET", STORAGE).code == "ResourceGroupNotFound"
    world.resource_group()
    nested = f"{STORAGE}/blobServices/default"
    assert world.ask("PUT", nested, {"properties": {}}).code == "ParentResourceNotFound"
    world.ask("PUT", STORAGE, {"location": "westeurope"})
    assert world.ask("PUT", nested, {"properties": {}}).status == 201
    assert world.ask("GET", f"{STORAGE}/blobServices").names == ["default"]
    world.ask("DELETE", STORAGE)
    assert world.ask("GET", nested).status == 404


def test_a_list_address_takes_no_writes(world: World) -> None:
    world.resource_group()
    answer = world.ask("PUT", f"{AT_GROUP}/providers/Microsoft.Storage/storageAccounts", {})
    assert (answer.status, answer.code) == (404, "InvalidResourceType")


def test_resources_are_listed_with_their_group_and_subscription_as_far_as_readable(world: World) -> None:
    world.identity()
    world.ask("PUT", STORAGE, {"location": "westeurope", "properties": {"secret": "no"}})
    for path in (f"{AT_GROUP}/resources", f"{AT_SUBSCRIPTION}/resources"):
        listed = world.ask("GET", path)
        assert listed.names == ["id-payments", "stpayments"]
        assert all("properties" not in each for each in listed.body["value"])
        kind = "resourceType eq 'microsoft.storage/storageaccounts'"
        assert world.ask("GET", path, filter=kind).names == ["stpayments"]
    reader = world.granted("Reader", STORAGE)
    assert world.ask("GET", f"{AT_GROUP}/resources", by=reader).names == ["stpayments"]
    refused = world.ask("GET", f"{AT_GROUP}/resources", by=world.principal("nobody"))
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")


def test_a_workspace_is_made_and_deleted_by_long_running_operations(world: World) -> None:
    world.resource_group()
    body = {"location": "westeurope", "properties": {"friendlyName": "Fraud"}, "sku": {"name": "Basic"}}
    world.cloud.faults.set_visibility("operations", 1)
    made = world.ask("PUT", WORKSPACE, body)
    assert made.status == 202
    assert poll(world, made.headers["location"])[0] == 202
    status, shown = poll(world, made.headers["location"])
    assert status == 200
    assert world.ask("GET", WORKSPACE.lower()).body == shown
    assert world.ask("GET", WORKSPACE).body["properties"]["provisioningState"] == "Succeeded"
    again = world.ask("PUT", WORKSPACE, {"location": "westeurope", "properties": {"friendlyName": "Other"}})
    assert (again.status, again.body["properties"]["friendlyName"]) == (200, "Other")
    world.cloud.faults.set_visibility("operations", 0)
    gone = world.ask("DELETE", WORKSPACE)
    assert gone.status == 202
    status, shown = poll(world, gone.headers["azure-asyncoperation"])
    assert (status, isinstance(shown, dict) and shown["status"]) == (200, "Succeeded")
    assert world.ask("GET", WORKSPACE).code == "ResourceNotFound"
    assert world.ask("DELETE", WORKSPACE).status == 204


def test_tags_have_an_address_of_their_own_at_every_level(world: World) -> None:
    world.identity()
    for scope in (AT_SUBSCRIPTION, AT_GROUP, f"{IDENTITIES}/id-payments"):
        path = f"{scope}/providers/Microsoft.Resources/tags/default"
        put = world.ask("PUT", path, {"properties": {"tags": {"a": "1", "b": "2"}}})
        assert (put.status, put.body["id"]) == (200, path)
        merged = {"operation": "Merge", "properties": {"tags": {"c": "3"}}}
        assert world.ask("PATCH", path, merged).body["properties"]["tags"] == {"a": "1", "b": "2", "c": "3"}
        less = {"operation": "Delete", "properties": {"tags": {"a": "1", "b": "other"}}}
        assert world.ask("PATCH", path, less).body["properties"]["tags"] == {"b": "2", "c": "3"}
        assert world.ask("GET", scope).body["tags"] == {"b": "2", "c": "3"}
        refused = world.ask("PUT", path, {"properties": {"tags": {}}}, by=world.granted("Reader", scope))
        assert (refused.status, refused.code) == (403, "AuthorizationFailed")
        assert world.ask("DELETE", path).status == 200
        assert world.ask("GET", path).body["properties"]["tags"] == {}


def test_a_resource_provider_that_is_not_registered_makes_nothing_until_it_is(world: World) -> None:
    world.resource_group()
    provider = f"{AT_SUBSCRIPTION}/providers/Microsoft.Storage"
    assert world.ask("GET", provider).body["registrationState"] == "Registered"
    assert world.ask("POST", f"{provider}/unregister").body["registrationState"] == "Unregistered"
    refused = world.ask("PUT", STORAGE, {"location": "westeurope"})
    assert (refused.status, refused.code) == (409, "MissingSubscriptionRegistration")
    assert "'Microsoft.Storage'" in refused.message
    reader = world.granted("Reader", AT_SUBSCRIPTION)
    assert world.ask("POST", f"{provider}/register", by=reader).status == 403
    assert world.ask("POST", f"{provider}/register").body["registrationState"] == "Registered"
    assert world.ask("PUT", STORAGE, {"location": "westeurope"}).status == 201


def test_a_subscription_shows_its_tenant_and_regions(world: World) -> None:
    shown = world.ask("GET", AT_SUBSCRIPTION.upper()).body
    assert (shown["id"], shown["subscriptionId"]) == (AT_SUBSCRIPTION, SUBSCRIPTION)
    assert (shown["displayName"], shown["tenantId"], shown["state"]) == (
        "Payments production",
        TENANT,
        "Enabled",
    )
    assert "westeurope" in world.ask("GET", f"{AT_SUBSCRIPTION}/locations").names
    (tenant,) = world.ask("GET", "/tenants").body["value"]
    assert (tenant["tenantId"], tenant["defaultDomain"]) == (TENANT, "contoso.example")
