"""Deny assignments: they win over roles, and Azure's API shows them."""

from typing import Any

import pytest
from arm_world import AT_SUBSCRIPTION, World

from azure_service_connections.sandbox.arm import deny_assignment
from azure_service_connections.sandbox.arm.deny_assignment import EVERYONE

LIST = f"{AT_SUBSCRIPTION}/providers/Microsoft.Authorization/denyAssignments"
GROUP = f"{AT_SUBSCRIPTION}/resourceGroups/rg-denied"


def deny(world: World, scope: str, *actions: str, **more: Any) -> None:
    tenant = world.cloud.store.one("subscriptions", id=AT_SUBSCRIPTION.rpartition("/")[2])
    assert tenant is not None
    deny_assignment.make(
        world.cloud, tenant["tenantId"], name="kept by a stack", scope=scope, actions=actions, **more
    )


def test_what_is_denied_is_refused_whatever_the_roles_say(world: World) -> None:
    deny(world, AT_SUBSCRIPTION, "*/write")
    body = {"location": "westeurope"}
    answer = world.ask("PUT", GROUP, body)
    assert (answer.status, answer.code) == (403, "DenyAssignmentAuthorizationFailed")
    assert "has permission to perform action" in answer.message
    assert "the deny assignment with name 'kept by a stack'" in answer.message
    assert world.ask("GET", AT_SUBSCRIPTION).status == 200


def test_whom_it_leaves_out_may_go_on_and_who_may_nothing_is_told_so(world: World) -> None:
    deny(world, AT_SUBSCRIPTION, "*/write", excluded=[world.operator])
    assert world.ask("PUT", GROUP, {"location": "westeurope"}).status == 201
    stranger = world.principal("stranger")
    assert world.ask("PUT", GROUP, {"location": "westeurope"}, by=stranger).code == "AuthorizationFailed"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("atScope()", 1),
        (f"assignedTo('{'1' * 8}-1111-4111-8111-{'1' * 12}')", 2),
        ("denyAssignmentName eq 'kept by a stack'", 2),
        ("denyAssignmentName eq 'another'", 0),
    ],
)
def test_they_are_listed_at_above_and_below_a_scope(world: World, given: str, shown: int) -> None:
    deny(world, AT_SUBSCRIPTION, "*/write")
    deny(world, GROUP, "*/delete")
    listed = world.ask("GET", f"{LIST}?$filter={given}").body["value"]
    assert len(listed) == shown
    if shown:
        assert listed[0]["properties"]["principals"] == [{"id": EVERYONE, "type": "SystemDefined"}]
        assert listed[0]["properties"]["permissions"][0]["actions"] == ["*/write"]


def test_another_filter_is_refused(world: World) -> None:
    assert world.ask("GET", f"{LIST}?$filter=else").code == "UnsupportedQuery"
