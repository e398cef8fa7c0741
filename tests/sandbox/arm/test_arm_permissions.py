"""What a caller is told of its own rights."""

from typing import Any

from arm_world import AT_GROUP, AT_SUBSCRIPTION, World

PERMISSIONS = "providers/Microsoft.Authorization/permissions"


def permitted(world: World, principal: str, scope: str) -> Any:
    """What a principal may do at a scope, as it is told."""
    answer = world.ask("GET", f"{scope}/{PERMISSIONS}", by=principal)
    assert answer.status == 200
    return answer.body["value"]


def test_a_caller_is_told_what_each_of_its_roles_permits_also_from_above_and_through_groups(
    world: World,
) -> None:
    world.resource_group()
    caller = world.principal("caller")
    world.grant(caller, "Reader", AT_SUBSCRIPTION)
    world.grant(world.group("owners", caller), "Managed Identity Contributor", AT_GROUP)
    world.grant(world.principal("somebody else"), "Owner", AT_SUBSCRIPTION)
    (above,) = permitted(world, caller, AT_SUBSCRIPTION)
    assert above["actions"] == ["*/read"]
    here = permitted(world, caller, AT_GROUP)
    assert above in here
    assert len(here) == 2
    (identities,) = (each for each in here if each != above)
    assert any("userAssignedIdentities" in action for action in identities["actions"])


def test_a_caller_without_a_role_is_refused(world: World) -> None:
    answer = world.ask("GET", f"{AT_SUBSCRIPTION}/{PERMISSIONS}", by=world.principal("nobody"))
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
