"""Tokens, roles and scopes: who is let in, and what each role covers."""

import pytest
from arm_world import (
    AT_GROUP,
    AT_SUBSCRIPTION,
    DEFINITIONS,
    IDENTITIES,
    OTHER_SUBSCRIPTION,
    OTHER_TENANT,
    SECOND_SUBSCRIPTION,
    SUBSCRIPTION,
    TENANT,
    World,
)

from azure_service_connections.sandbox.arm.authorization import allows
from azure_service_connections.sandbox.entra.access_tokens import LIFETIME_SECONDS

STORAGE = f"{AT_GROUP}/providers/Microsoft.Storage/storageAccounts/stpayments"
WORKSPACE = f"{AT_GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml-fraud"


def test_the_endpoints_of_the_cloud_are_told_without_a_token(world: World) -> None:
    answer = world.send("GET", "/metadata/endpoints?api-version=2022-09-01", {}, b"")
    assert answer.status == 200
    assert answer.body["resourceManager"] == world.cloud.url
    assert answer.body["microsoftGraphResourceId"] == world.cloud.url
    assert answer.body["authentication"]["loginEndpoint"] == world.cloud.url
    assert answer.body["authentication"]["audiences"] == [world.cloud.url]


def test_a_request_without_an_api_version_is_refused(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token(world.operator)}"}
    answer = world.send("GET", AT_SUBSCRIPTION, headers, b"")
    assert (answer.status, answer.code) == (400, "MissingApiVersionParameter")


def test_a_request_without_a_token_is_challenged_with_the_tenant_of_the_subscription(world: World) -> None:
    answer = world.send("GET", f"{AT_SUBSCRIPTION}?api-version=1", {}, b"")
    assert (answer.status, answer.code) == (401, "AuthenticationFailed")
    assert answer.message == "Authentication failed. The 'Authorization' header is missing."
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith(
        f'Bearer authorization_uri="{world.cloud.url}/{TENANT}", error="invalid_token"'
    )


def test_a_token_that_is_no_token_is_refused(world: World) -> None:
    answer = world.ask("GET", AT_SUBSCRIPTION, token="a.b.c")
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


def test_a_token_whose_signature_is_not_entras_is_refused(world: World) -> None:
    head, _, signature = world.token(world.operator).split(".")
    _, claims, _ = world.token(world.principal("another")).split(".")
    answer = world.ask("GET", AT_SUBSCRIPTION, token=f"{head}.{claims}.{signature}")
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


def test_a_token_ends_after_its_life_by_the_clock_of_the_sandbox(world: World) -> None:
    token = world.token(world.operator)
    assert world.ask("GET", AT_SUBSCRIPTION, token=token).status == 200
    world.cloud.clock.advance(LIFETIME_SECONDS + 1)
    answer = world.ask("GET", AT_SUBSCRIPTION, token=token)
    assert (answer.status, answer.code) == (401, "ExpiredAuthenticationToken")
    assert "is earlier than current UTC time" in answer.message


def test_a_token_for_graph_is_refused_by_its_audience(world: World) -> None:
    answer = world.ask(
        "GET", AT_SUBSCRIPTION, token=world.token(world.operator, "https://graph.microsoft.com")
    )
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationTokenAudience")
    assert "'https://graph.microsoft.com'" in answer.message


@pytest.mark.parametrize("resource", ["https://management.azure.com/", "https://management.core.windows.net"])
def test_a_token_for_either_name_of_resource_manager_is_taken(world: World, resource: str) -> None:
    assert world.ask("GET", AT_SUBSCRIPTION, token=world.token(world.operator, resource)).status == 200


def test_a_token_of_another_tenant_is_refused_at_a_subscription(world: World) -> None:
    answer = world.ask("GET", f"/subscriptions/{OTHER_SUBSCRIPTION}")
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationTokenTenant")
    assert f"https://sts.windows.net/{OTHER_TENANT}/" in answer.message


def test_the_owner_of_everything_in_one_tenant_has_nothing_in_another(world: World) -> None:
    assert allows(world.cloud, world.operator, "Microsoft.Resources/subscriptions/read", AT_SUBSCRIPTION)
    elsewhere = f"/subscriptions/{OTHER_SUBSCRIPTION}"
    assert not allows(world.cloud, world.operator, "Microsoft.Resources/subscriptions/read", elsewhere)
    assert world.ask("GET", "/subscriptions").body["count"]["value"] == 2


def test_an_unknown_subscription_is_not_found(world: World) -> None:
    answer = world.ask("GET", "/subscriptions/00000000-0000-4000-8000-000000000000")
    assert (answer.status, answer.code) == (404, "SubscriptionNotFound")
    assert world.ask("GET", "/subscriptions/production").code == "InvalidSubscriptionId"


def test_an_address_that_is_not_served_answers_501_and_names_itself(world: World) -> None:
    answer = world.ask("GET", "/providers/Microsoft.Nothing/things/one")
    assert (answer.status, answer.code) == (501, "SandboxRouteMissing")
    assert "GET /providers/Microsoft.Nothing/things/one" in answer.message
    assert world.ask("GET", f"{AT_SUBSCRIPTION}/providers/Microsoft.Authorization/locks").status == 501


def test_an_answer_and_a_refusal_carry_the_headers_of_resource_manager(world: World) -> None:
    good = world.ask("GET", AT_SUBSCRIPTION)
    bad = world.ask("PUT", AT_GROUP, {"location": "westeurope"}, by=world.principal("nobody"))
    assert good.headers["x-ms-ratelimit-remaining-subscription-reads"] == "249"
    assert bad.headers["x-ms-ratelimit-remaining-subscription-writes"] == "199"
    for answer in (good, bad):
        assert answer.headers["x-ms-request-id"]
        assert answer.headers["x-ms-correlation-request-id"]


def test_a_principal_without_a_role_is_refused_in_the_services_own_sentence(world: World) -> None:
    nobody = world.principal("nobody")
    client_id = (world.cloud.store.get("service-principals", nobody) or {})["appId"]
    answer = world.ask("GET", AT_SUBSCRIPTION, by=nobody)
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
    assert answer.message == (
        f"The client '{client_id}' with object id '{nobody}' does not have authorization to perform action "
        f"'Microsoft.Resources/subscriptions/read' over scope '{AT_SUBSCRIPTION}' or the scope is invalid. "
        "If access was recently granted, please refresh your credentials."
    )


def test_a_refusal_comes_before_the_news_that_a_thing_does_not_exist(world: World) -> None:
    assert world.ask("GET", AT_GROUP, by=world.principal("nobody")).code == "AuthorizationFailed"
    assert world.ask("GET", AT_GROUP).code == "ResourceGroupNotFound"


READ, WRITE, DELETE = "GET", "PUT", "DELETE"
ROLE_TABLE = [
    ("Reader", {READ}),
    ("Contributor", {READ, WRITE, DELETE}),
    ("Owner", {READ, WRITE, DELETE}),
    ("User Access Administrator", {READ}),
    ("Role Based Access Control Administrator", {READ}),
    ("AzureML Data Scientist", set()),
]
BODIES = {WRITE: {"location": "westeurope"}, READ: None, DELETE: None}


@pytest.mark.parametrize(("role", "allowed"), ROLE_TABLE, ids=[role for role, _ in ROLE_TABLE])
def test_each_role_allows_what_it_should_on_groups_identities_workspaces_and_accounts(
    world: World, role: str, allowed: set[str]
) -> None:
    world.identity()
    for path in (STORAGE, WORKSPACE):
        world.ask("PUT", path, {"location": "westeurope"})
    caller = world.granted(role, AT_SUBSCRIPTION)
    for path in (STORAGE, WORKSPACE, f"{IDENTITIES}/id-payments", AT_GROUP):
        for method in (READ, WRITE, DELETE):
            answer = world.ask(method, path, BODIES[method], by=caller)
            assert (answer.status != 403) is (method in allowed), (method, path, answer)


@pytest.mark.parametrize(
    ("role", "may_assign", "may_define"),
    [
        ("Contributor", False, False),
        ("Reader", False, False),
        ("User Access Administrator", True, True),
        ("Role Based Access Control Administrator", True, False),
        ("Owner", True, True),
    ],
)
def test_only_the_roles_for_it_assign_and_define_roles(
    world: World, role: str, may_assign: bool, may_define: bool
) -> None:
    caller = world.granted(role, AT_SUBSCRIPTION)
    assigned = world.assign(world.principal("receiver"), "Reader", AT_SUBSCRIPTION, by=caller)
    assert assigned.status == (201 if may_assign else 403)
    defined = world.ask(
        "PUT",
        f"{AT_SUBSCRIPTION}/{DEFINITIONS}/6f3f3f0a-0f0a-4f0a-8f0a-0a0a0a0a0a0a",
        {
            "properties": {
                "roleName": "Restarter",
                "permissions": [{"actions": ["Microsoft.Web/sites/restart/action"]}],
                "assignableScopes": [AT_SUBSCRIPTION],
            }
        },
        by=caller,
    )
    assert defined.status == (201 if may_define else 403)


def test_a_role_at_a_group_holds_in_it_and_nowhere_else(world: World) -> None:
    world.resource_group()
    world.resource_group(f"{AT_SUBSCRIPTION}/resourceGroups/rg-other")
    caller = world.granted("Contributor", AT_GROUP.upper())
    account = {"location": "westeurope", "kind": "StorageV2"}
    assert world.ask("PUT", STORAGE, account, by=caller).status == 201
    assert world.ask("GET", STORAGE.lower(), by=caller).body["kind"] == "StorageV2"
    assert world.ask("GET", AT_SUBSCRIPTION, by=caller).status == 403
    assert world.ask("GET", f"{AT_SUBSCRIPTION}/resourceGroups/rg-other", by=caller).status == 403
    assert world.ask("GET", f"{AT_SUBSCRIPTION}/resourceGroups", by=caller).names == ["rg-payments"]


def test_a_group_whose_name_another_one_begins_with_is_not_meant(world: World) -> None:
    world.resource_group()
    world.resource_group(f"{AT_GROUP}-archive")
    caller = world.granted("Reader", AT_GROUP)
    assert world.ask("GET", f"{AT_GROUP}-archive", by=caller).status == 403
    assert world.ask("GET", f"{AT_SUBSCRIPTION}/resourceGroups", by=caller).names == ["rg-payments"]


def test_a_role_at_a_resource_holds_for_what_lies_in_it(world: World) -> None:
    world.resource_group()
    world.ask("PUT", STORAGE, {"location": "westeurope"})
    caller = world.granted("Contributor", STORAGE)
    container = f"{STORAGE}/blobServices/default"
    assert world.ask("PUT", container, {"properties": {}}, by=caller).status == 201
    assert world.ask("GET", AT_GROUP, by=caller).status == 403


def test_a_subscription_is_listed_for_whoever_has_a_role_anywhere_in_it(world: World) -> None:
    world.resource_group()
    inside = world.granted("Reader", AT_GROUP)
    assert [
        each["subscriptionId"] for each in world.ask("GET", "/subscriptions", by=inside).body["value"]
    ] == [SUBSCRIPTION]
    assert world.ask("GET", "/subscriptions", by=world.principal("nobody")).body["value"] == []
    refused = world.ask("GET", f"/subscriptions/{SECOND_SUBSCRIPTION}/resourceGroups", by=inside)
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")


def test_a_role_given_to_a_group_reaches_the_members_of_its_groups(world: World) -> None:
    member = world.principal("member")
    inner = world.group("inner", member)
    outer = world.group("outer", inner)
    assert world.ask("GET", AT_SUBSCRIPTION, by=member).status == 403
    world.grant(outer, "Reader", AT_SUBSCRIPTION)
    assert world.ask("GET", AT_SUBSCRIPTION, by=member).status == 200


def test_what_one_role_takes_away_another_may_grant(world: World) -> None:
    caller = world.granted("Contributor", AT_SUBSCRIPTION)
    write, receiver = "Microsoft.Authorization/roleAssignments/write", world.principal("receiver")
    assert not allows(world.cloud, caller, write, AT_SUBSCRIPTION)
    assert world.assign(receiver, "Reader", AT_SUBSCRIPTION, by=caller).status == 403
    world.grant(caller, "User Access Administrator", AT_SUBSCRIPTION)
    assert allows(world.cloud, caller, write, AT_SUBSCRIPTION)
    assert world.assign(receiver, "Reader", AT_SUBSCRIPTION, by=caller).status == 201


def test_actions_grant_no_data_and_data_actions_no_actions(world: World) -> None:
    read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    owner = world.granted("Owner", AT_GROUP)
    data_reader = world.granted("Storage Blob Data Reader", AT_GROUP)
    assert allows(world.cloud, owner, read, STORAGE)
    assert not allows(world.cloud, owner, read, STORAGE, data=True)
    assert allows(world.cloud, data_reader, read, STORAGE, data=True)
    assert not allows(world.cloud, data_reader, "Microsoft.Storage/storageAccounts/read", STORAGE)


def test_a_role_taken_away_is_gone_at_once(world: World) -> None:
    caller = world.principal("leaver")
    assignment = world.grant(caller, "Reader", AT_SUBSCRIPTION)
    assert world.ask("GET", AT_SUBSCRIPTION, by=caller).status == 200
    assert world.ask("DELETE", assignment).status == 200
    assert world.ask("GET", AT_SUBSCRIPTION, by=caller).status == 403


def test_a_new_role_can_be_made_to_take_effect_only_after_some_calls_in_vain(world: World) -> None:
    caller = world.principal("newcomer")
    world.cloud.faults.set_visibility("role-assignments", 2)
    assert world.assign(caller, "Reader", AT_SUBSCRIPTION).status == 201
    statuses = [world.ask("GET", AT_SUBSCRIPTION, by=caller).status for _ in range(4)]
    assert statuses == [403, 403, 200, 200]


def test_a_scope_behind_a_slash_of_the_client_is_the_same_scope(world: World) -> None:
    world.resource_group()
    assert world.ask("GET", f"/{AT_GROUP}/providers/Microsoft.Resources/tags/default").status == 200
    path = f"//{DEFINITIONS}/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    assert world.ask("GET", path).body["properties"]["roleName"] == "Reader"


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, "SubscriptionRequestsThrottled"), (500, "InternalServerError"), (503, "ServerTimeout")],
)
def test_a_fault_on_request_is_worded_as_resource_manager_words_it(
    world: World, status: int, code: str
) -> None:
    world.cloud.faults.fail_next("arm", status, retry_after=7, method="PUT")
    answer = world.ask("PUT", AT_GROUP, {"location": "westeurope"})
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (status, code, "7")
    assert world.ask("GET", AT_GROUP).status == 404
    assert world.ask("PUT", AT_GROUP, {"location": "westeurope"}).status == 201


def test_a_write_whose_answer_is_lost_has_happened(world: World) -> None:
    world.cloud.faults.fail_next("arm", 500, after=True)
    assert world.ask("PUT", AT_GROUP, {"location": "westeurope"}).status == 500
    assert world.ask("PUT", AT_GROUP, {"location": "westeurope"}).status == 200


def test_a_refused_request_leaves_nothing_behind(world: World) -> None:
    before = world.cloud.store.dump()
    assert world.ask("PUT", f"{IDENTITIES}/id-payments", {"location": "westeurope"}).status == 404
    assert world.ask("PUT", AT_GROUP, {"location": "nowhere"}).status == 400
    assert world.cloud.store.dump() == before
