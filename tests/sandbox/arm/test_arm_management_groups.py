"""Management groups: the tree, what lies in it, and what is inherited through it."""

from arm_world import (
    ASSIGNMENTS,
    AT_SUBSCRIPTION,
    OTHER_SUBSCRIPTION,
    OTHER_TENANT,
    SECOND_SUBSCRIPTION,
    SUBSCRIPTION,
    TENANT,
    Answer,
    World,
)

from azure_service_connections.sandbox.arm import management_group

GROUPS = "/providers/Microsoft.Management/managementGroups"
ROOT = f"{GROUPS}/{TENANT}"


def group(world: World, name: str, parent: str | None = None, by: str | None = None) -> Answer:
    """Ask for a management group."""
    properties: dict[str, object] = {"displayName": name.capitalize()}
    if parent is not None:
        properties["details"] = {"parent": {"id": f"{GROUPS}/{parent}"}}
    return world.ask("PUT", f"{GROUPS}/{name}", {"name": name, "properties": properties}, by=by)


def test_a_group_is_made_by_a_long_running_operation_below_the_root_group(world: World) -> None:
    answer = group(world, "corp")
    assert answer.status == 202
    path = answer.headers["location"].removeprefix(world.cloud.url)
    headers = {"Authorization": f"Bearer {world.token(world.operator)}"}
    result = world.send("GET", path, headers, b"")
    shown = world.ask("GET", f"{GROUPS}/CORP")
    assert (result.status, result.body) == (200, shown.body)
    assert shown.body["id"] == f"{GROUPS}/corp"
    assert shown.body["properties"]["displayName"] == "Corp"
    assert shown.body["properties"]["details"]["parent"]["id"] == ROOT
    status = answer.headers["azure-asyncoperation"].removeprefix(world.cloud.url)
    assert world.send("GET", status, headers, b"").body["status"] == "Succeeded"


def test_the_root_group_always_exists_and_stays(world: World) -> None:
    root = world.ask("GET", ROOT)
    assert (root.status, root.body["properties"]["displayName"]) == (200, "Tenant Root Group")
    assert root.body["properties"]["details"]["parent"] is None
    assert world.ask("DELETE", ROOT).status == 400
    assert world.ask("GET", GROUPS).names == [TENANT]


def test_what_is_granted_at_a_group_holds_for_everything_below_it(world: World) -> None:
    group(world, "corp")
    group(world, "production", "corp")
    reader = world.granted("Reader", f"{GROUPS}/corp")
    assert world.ask("GET", AT_SUBSCRIPTION, by=reader).status == 403
    assert world.ask("PUT", f"{GROUPS}/production/subscriptions/{SUBSCRIPTION}").status == 200
    assert world.ask("GET", AT_SUBSCRIPTION, by=reader).status == 200
    assert world.ask("GET", f"/subscriptions/{SECOND_SUBSCRIPTION}", by=reader).status == 403
    assert [
        each["subscriptionId"] for each in world.ask("GET", "/subscriptions", by=reader).body["value"]
    ] == [SUBSCRIPTION]
    assert world.ask("GET", f"{GROUPS}/production", by=reader).status == 200
    assert world.ask("GET", GROUPS, by=reader).names == ["corp", "production"]
    assert world.ask("DELETE", f"{GROUPS}/production/subscriptions/{SUBSCRIPTION}").status == 200
    assert world.ask("GET", AT_SUBSCRIPTION, by=reader).status == 403


def test_what_is_granted_at_the_root_group_holds_for_all_subscriptions_of_the_tenant(world: World) -> None:
    reader = world.granted("Reader", ROOT)
    for subscription in (SUBSCRIPTION, SECOND_SUBSCRIPTION):
        assert world.ask("GET", f"/subscriptions/{subscription}", by=reader).status == 200


def test_a_role_can_be_assigned_at_a_group(world: World) -> None:
    group(world, "corp")
    answer = world.assign(world.principal("receiver"), "Reader", f"{GROUPS}/CORP")
    assert answer.status == 201
    assert answer.body["properties"]["scope"] == f"{GROUPS}/corp"
    assert answer.body["properties"]["roleDefinitionId"].startswith("/providers/")
    assert answer.body["name"] in world.ask("GET", f"{GROUPS}/corp/{ASSIGNMENTS}", filter="atScope()").names


def test_a_group_takes_only_so_many_assignments(world: World) -> None:
    group(world, "corp")
    for number in range(500):
        world.grant(f"{number:08d}-0000-4000-8000-000000000000", "Reader", f"{GROUPS}/corp")
    answer = world.assign(world.principal("receiver"), "Reader", f"{GROUPS}/corp")
    assert (answer.status, answer.code) == (400, "RoleAssignmentLimitExceeded")
    assert world.assign(world.principal("receiver"), "Reader", ROOT).status == 201


def test_the_children_of_a_group_are_shown_when_asked_for(world: World) -> None:
    group(world, "corp")
    group(world, "production", "corp")
    world.ask("PUT", f"{GROUPS}/production/subscriptions/{SUBSCRIPTION}")
    assert "children" not in world.ask("GET", f"{GROUPS}/corp").body["properties"]
    path = f"{GROUPS}/corp?%24expand=children"
    (child,) = world.ask("GET", path).body["properties"]["children"]
    assert (child["name"], "children" in child) == ("production", False)
    (child,) = world.ask("GET", f"{path}&%24recurse=true").body["properties"]["children"]
    assert [each["name"] for each in child["children"]] == [SUBSCRIPTION]
    assert world.ask("GET", f"{GROUPS}/corp/descendants").names == ["production", SUBSCRIPTION]
    member = world.ask("GET", f"{GROUPS}/production/subscriptions/{SUBSCRIPTION}").body
    assert member["properties"]["parent"]["id"] == f"{GROUPS}/production"
    assert world.ask("GET", f"{GROUPS}/production/subscriptions").names == [SUBSCRIPTION]
    assert world.ask("GET", f"{GROUPS}/corp/subscriptions/{SUBSCRIPTION}").status == 404


def test_a_group_goes_only_when_it_is_empty_and_takes_its_assignments(world: World) -> None:
    group(world, "corp")
    group(world, "production", "corp")
    reader = world.granted("Reader", f"{GROUPS}/corp")
    refused = world.ask("DELETE", f"{GROUPS}/corp")
    assert refused.status == 400
    assert "children" in refused.message
    assert world.ask("DELETE", f"{GROUPS}/production").status == 202
    assert world.ask("DELETE", f"{GROUPS}/corp").status == 202
    assert world.ask("DELETE", f"{GROUPS}/corp").status == 204
    assert world.ask("GET", f"{GROUPS}/corp").code == "NotFound"
    assert world.cloud.store.find("role-assignments", principalId=reader) == []


def test_a_group_can_be_renamed_and_moved_but_not_below_itself(world: World) -> None:
    group(world, "corp")
    group(world, "production")
    moved = group(world, "production", "corp")
    assert moved.status == 200
    assert moved.body["properties"]["details"]["parent"]["name"] == "corp"
    refused = group(world, "corp", "production")
    assert (refused.status, refused.code) == (400, "BadRequest")
    patched = world.ask("PATCH", f"{GROUPS}/production", {"displayName": "Live", "parentGroupId": ROOT})
    assert patched.body["properties"]["displayName"] == "Live"
    assert patched.body["properties"]["details"]["parent"]["name"] == TENANT
    assert group(world, "staging", "nowhere").code == "NotFound"


def test_a_tree_has_at_most_six_levels_below_the_root(world: World) -> None:
    parent = None
    for level in range(6):
        assert group(world, f"level-{level}", parent).status == 202
        parent = f"level-{level}"
    refused = group(world, "level-6", parent)
    assert (refused.status, refused.code) == (400, "BadRequest")


def test_making_a_group_needs_the_right_at_its_parent(world: World) -> None:
    group(world, "corp")
    caller = world.granted("Management Group Contributor", f"{GROUPS}/corp")
    assert group(world, "production", "corp", by=caller).status == 202
    refused = group(world, "elsewhere", by=caller)
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")


def test_moving_a_subscription_needs_the_right_to_assign_roles_in_it(world: World) -> None:
    group(world, "corp")
    caller = world.granted("Management Group Contributor", f"{GROUPS}/corp")
    path = f"{GROUPS}/corp/subscriptions/{SUBSCRIPTION}"
    refused = world.ask("PUT", path, by=caller)
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    world.grant(caller, "Owner", AT_SUBSCRIPTION)
    assert world.ask("PUT", path, by=caller).status == 200


def test_groups_and_subscriptions_of_another_tenant_are_out_of_reach(world: World) -> None:
    management_group.create(world.cloud, OTHER_TENANT, "theirs", "Theirs", None)
    assert world.ask("GET", f"{GROUPS}/theirs").code == "AuthorizationFailed"
    assert world.assign(world.principal("receiver"), "Reader", f"{GROUPS}/theirs").status == 403
    assert group(world, "theirs").code == "InvalidManagementGroupName"
    group(world, "corp")
    answer = world.ask("PUT", f"{GROUPS}/corp/subscriptions/{OTHER_SUBSCRIPTION}")
    assert (answer.status, answer.code) == (404, "SubscriptionNotFound")
