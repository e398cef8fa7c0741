"""Role definitions: the built-in ones, and the life of custom ones."""

import pytest
from arm_world import ASSIGNMENTS, AT_GROUP, AT_SUBSCRIPTION, DEFINITIONS, SECOND_SUBSCRIPTION, Answer, World

from azure_service_connections.sandbox.arm.built_in_roles import built_in_roles

ROLE = "6f3f3f0a-0f0a-4f0a-8f0a-0a0a0a0a0a0a"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def define(world: World, name: str = "Restarter", guid: str = ROLE, **properties: object) -> Answer:
    """Ask for a custom role."""
    wanted = {
        "roleName": name,
        "description": "Restarts web apps",
        "permissions": [{"actions": ["Microsoft.Web/sites/restart/action", "*/read"], "notActions": []}],
        "assignableScopes": [AT_SUBSCRIPTION],
        **properties,
    }
    return world.ask("PUT", f"{AT_SUBSCRIPTION}/{DEFINITIONS}/{guid}", {"properties": wanted})


def test_a_built_in_role_is_found_by_its_name(world: World) -> None:
    answer = world.ask("GET", f"{AT_SUBSCRIPTION}/{DEFINITIONS}", filter="roleName eq 'reader'")
    (reader,) = answer.body["value"]
    assert reader["id"] == f"{AT_SUBSCRIPTION}/{DEFINITIONS}/{READER}"
    assert reader["name"] == READER
    assert reader["properties"]["roleName"] == "Reader"
    assert reader["properties"]["type"] == "BuiltInRole"
    assert reader["properties"]["permissions"][0]["actions"] == ["*/read"]
    assert world.ask("GET", f"/{DEFINITIONS}/{READER}").body["id"] == f"/{DEFINITIONS}/{READER}"


def test_the_built_in_roles_have_names_ids_and_permissions() -> None:
    roles = list(built_in_roles().values())
    assert len({role.guid for role in roles}) == len({role.name for role in roles}) == 53
    assert all(len(role.guid) == 36 and role.guid == role.guid.lower() for role in roles)
    assert all(role.permissions[0]["actions"] or role.permissions[0]["dataActions"] for role in roles)


def test_a_custom_role_grants_what_it_says_and_goes_when_nobody_has_it(world: World) -> None:
    made = define(world)
    assert made.status == 201
    assert made.body["properties"]["type"] == "CustomRole"
    assert made.body["properties"]["permissions"] == [
        {
            "actions": ["Microsoft.Web/sites/restart/action", "*/read"],
            "notActions": [],
            "dataActions": [],
            "notDataActions": [],
        }
    ]
    receiver = world.principal("receiver")
    assignment = world.assign(receiver, "Restarter", AT_SUBSCRIPTION)
    assert assignment.status == 201
    assert world.ask("GET", AT_SUBSCRIPTION, by=receiver).status == 200
    assert world.ask("PUT", AT_GROUP, {"location": "westeurope"}, by=receiver).status == 403
    refused = world.ask("DELETE", made.body["id"])
    assert (refused.status, refused.code) == (400, "RoleDefinitionHasAssignments")
    world.ask("DELETE", assignment.body["id"])
    assert world.ask("DELETE", made.body["id"]).status == 200
    assert world.ask("DELETE", made.body["id"]).status == 204
    missing = world.ask("GET", made.body["id"])
    assert (missing.status, missing.code) == (404, "RoleDefinitionDoesNotExist")


def test_a_changed_custom_role_holds_at_once(world: World) -> None:
    define(world)
    receiver = world.principal("receiver")
    world.assign(receiver, "Restarter", AT_SUBSCRIPTION)
    changed = define(world, permissions=[{"actions": ["Microsoft.Resources/subscriptions/resourceGroups/*"]}])
    assert changed.status == 201
    assert world.ask("GET", AT_SUBSCRIPTION, by=receiver).status == 403
    assert world.ask("PUT", AT_GROUP, {"location": "westeurope"}, by=receiver).status == 201


def test_a_custom_role_is_assigned_only_where_it_says(world: World) -> None:
    define(world)
    elsewhere = f"/subscriptions/{SECOND_SUBSCRIPTION}"
    answer = world.assign(world.principal("receiver"), "Restarter", elsewhere)
    assert (answer.status, answer.code) == (400, "RoleDefinitionDoesNotExist")
    custom = "type eq 'CustomRole'"
    assert len(world.ask("GET", f"{AT_SUBSCRIPTION}/{DEFINITIONS}", filter=custom).body["value"]) == 1
    assert world.ask("GET", f"{elsewhere}/{DEFINITIONS}", filter=custom).body["value"] == []
    assert world.ask("GET", f"/{DEFINITIONS}", filter=custom).body["value"] == []
    below = f"{custom} and atScopeAndBelow()"
    assert len(world.ask("GET", f"/{DEFINITIONS}", filter=below).body["value"]) == 1


def test_names_of_roles_are_unique_in_a_tenant(world: World) -> None:
    define(world)
    other = "7f3f3f0a-0f0a-4f0a-8f0a-0a0a0a0a0a0a"
    for name in ("RESTARTER", "Owner"):
        answer = define(world, name, other)
        assert (answer.status, answer.code) == (409, "RoleDefinitionWithSameNameExists")


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"roleName": " "}, "InvalidRoleDefinitionName"),
        ({"assignableScopes": []}, "MissingAssignableScopes"),
        ({"assignableScopes": ["/"]}, "InvalidAssignableScope"),
        ({"permissions": []}, "MissingPermissions"),
        ({"permissions": [{"actions": "all"}]}, "InvalidActionOrNotAction"),
    ],
)
def test_a_custom_role_that_is_not_right_is_refused(
    world: World, properties: dict[str, object], code: str
) -> None:
    answer = define(world, **properties)  # type: ignore[arg-type]
    assert (answer.status, answer.code) == (400, code)
    assert world.cloud.store.find("role-definitions") == []


def test_a_built_in_role_stays_as_it_is(world: World) -> None:
    assert define(world, guid=READER).code == "BuiltInRoleUpdateNotAllowed"
    assert (
        world.ask("DELETE", f"{AT_SUBSCRIPTION}/{DEFINITIONS}/{READER}").code == "BuiltInRoleUpdateNotAllowed"
    )


def test_the_right_to_define_is_needed_at_every_scope_of_a_role(world: World) -> None:
    caller = world.granted("Owner", AT_SUBSCRIPTION)
    both = [AT_SUBSCRIPTION, f"/subscriptions/{SECOND_SUBSCRIPTION}"]
    body = {
        "properties": {
            "roleName": "Wide",
            "permissions": [{"actions": ["*/read"]}],
            "assignableScopes": both,
        }
    }
    path = f"{AT_SUBSCRIPTION}/{DEFINITIONS}/{ROLE}"
    refused = world.ask("PUT", path, body, by=caller)
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    assert SECOND_SUBSCRIPTION in refused.message
    assert world.ask("PUT", path, body).status == 201
    assert world.ask("DELETE", path, by=caller).status == 403
    assert world.ask("GET", f"{AT_SUBSCRIPTION}/{ASSIGNMENTS}").status == 200
