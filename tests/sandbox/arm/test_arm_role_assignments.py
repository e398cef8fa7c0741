"""Role assignments: how they are made, listed and refused, and what stays when a principal goes."""

import uuid

import pytest
from arm_world import (
    ASSIGNMENTS,
    AT_GROUP,
    AT_SUBSCRIPTION,
    DEFINITIONS,
    IDENTITIES,
    OTHER_TENANT,
    SUBSCRIPTION,
    TENANT,
    World,
)

from azure_service_connections.sandbox.arm import role_assignment

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
NAME = "0d4b6c1e-8f4a-4f8e-9a37-3a1d2a3b4c5d"


def held(world: World) -> list[str]:
    """The names of all assignments but the operator's, as the store has them."""
    return [
        each["name"]
        for each in world.cloud.store.find("role-assignments")
        if each["principalId"] != world.operator
    ]


def test_a_new_assignment_is_answered_with_all_that_azure_knows_of_it(world: World) -> None:
    receiver = world.principal("receiver")
    answer = world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME, description="for the pipeline")
    assert answer.status == 201
    assert answer.body["id"] == f"{AT_SUBSCRIPTION}/{ASSIGNMENTS}/{NAME}"
    assert answer.body["type"] == "Microsoft.Authorization/roleAssignments"
    properties = answer.body["properties"]
    assert properties["roleDefinitionId"] == f"{AT_SUBSCRIPTION}/{DEFINITIONS}/{READER}"
    assert properties["scope"] == AT_SUBSCRIPTION
    assert properties["principalId"] == receiver
    assert properties["principalType"] == "ServicePrincipal"
    assert properties["description"] == "for the pipeline"
    assert properties["createdBy"] == world.operator
    assert world.ask("GET", answer.body["id"].upper()).body == answer.body


def test_the_role_of_an_assignment_above_subscriptions_is_named_without_one(world: World) -> None:
    answer = world.assign(world.principal("receiver"), "Reader", "/", NAME)
    assert answer.status == 201
    assert answer.body["id"] == f"/{ASSIGNMENTS}/{NAME}"
    assert answer.body["properties"]["roleDefinitionId"] == f"/{DEFINITIONS}/{READER}"
    assert answer.body["properties"]["scope"] == "/"
    assert world.ask("GET", f"/{ASSIGNMENTS}/{NAME}").status == 200


@pytest.mark.parametrize(
    "reference",
    [
        f"/{DEFINITIONS}/{READER}",
        f"{AT_SUBSCRIPTION}/{DEFINITIONS}/{READER}",
        f"/{DEFINITIONS}/{READER}".upper(),
        READER,
    ],
)
def test_all_forms_of_a_role_id_mean_the_same_role(world: World, reference: str) -> None:
    receiver = world.principal("receiver")
    assert world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME).status == 201
    again = world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME, roleDefinitionId=reference)
    assert again.status == 200


def test_the_same_assignment_under_another_name_is_refused(world: World) -> None:
    receiver = world.principal("receiver")
    assert world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME).status == 201
    answer = world.assign(receiver.upper(), "Reader", AT_SUBSCRIPTION.replace("s", "S"))
    assert (answer.status, answer.code) == (409, "RoleAssignmentExists")
    assert answer.message == "The role assignment already exists."
    assert held(world) == [NAME]


def test_the_same_request_again_changes_nothing(world: World) -> None:
    receiver = world.principal("receiver")
    first = world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME)
    second = world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME)
    assert (first.status, second.status) == (201, 200)
    assert first.body == second.body


def test_a_name_that_is_taken_takes_no_other_principal_role_type_or_scope(world: World) -> None:
    receiver, other = world.principal("receiver"), world.principal("other")
    world.resource_group()
    first = world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME)
    for answer in (
        world.assign(other, "Reader", AT_SUBSCRIPTION, NAME),
        world.assign(receiver, "Contributor", AT_SUBSCRIPTION, NAME),
        world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME, principalType="User"),
        world.assign(receiver, "Reader", AT_GROUP, NAME),
    ):
        assert (answer.status, answer.code) == (400, "RoleAssignmentUpdateNotPermitted")
        assert answer.message == (
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        )
    assert world.ask("GET", first.body["id"]).body == first.body


def test_condition_and_description_of_an_assignment_can_change(world: World) -> None:
    receiver = world.principal("receiver")
    world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME)
    changed = world.assign(receiver, "Reader", AT_SUBSCRIPTION, NAME, description="other words")
    assert (changed.status, changed.body["properties"]["description"]) == (200, "other words")


def test_an_unknown_principal_is_not_found_unless_it_is_said_to_be_a_service_principal(world: World) -> None:
    unknown = str(uuid.UUID(int=7, version=4))
    answer = world.assign(unknown, "Reader", AT_SUBSCRIPTION, NAME, principalType=None)
    assert (answer.status, answer.code) == (400, "PrincipalNotFound")
    assert answer.message.startswith(
        f"Principal {unknown.replace('-', '')} does not exist in the directory {TENANT}. Check that you have"
    )
    assert held(world) == []
    assert world.assign(unknown, "Reader", AT_SUBSCRIPTION, NAME, principalType="User").code == (
        "PrincipalNotFound"
    )
    assert world.assign(unknown, "Reader", AT_SUBSCRIPTION, NAME).status == 201


def test_a_principal_of_another_tenant_is_not_found(world: World) -> None:
    stranger = world.principal("stranger", OTHER_TENANT)
    answer = world.assign(stranger, "Reader", AT_SUBSCRIPTION, NAME, principalType=None)
    assert (answer.status, answer.code) == (400, "PrincipalNotFound")


def test_a_principal_that_is_still_being_replicated_is_not_found_without_its_type(world: World) -> None:
    world.cloud.faults.set_visibility("service-principals", 1)
    identity = world.identity().body["properties"]["principalId"]
    answer = world.assign(identity, "Reader", AT_SUBSCRIPTION, NAME, principalType=None)
    assert (answer.status, answer.code) == (400, "PrincipalNotFound")
    assert world.assign(identity, "Reader", AT_SUBSCRIPTION, NAME, principalType=None).status == 201


def test_a_service_principal_that_is_called_a_user_is_refused(world: World) -> None:
    answer = world.assign(world.principal("receiver"), "Reader", AT_SUBSCRIPTION, principalType="User")
    assert (answer.status, answer.code) == (400, "UnmatchedPrincipalType")
    assert held(world) == []


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"principalId": "x"}, "InvalidPrincipalId"),
        ({"principalId": None}, "BadRequestFormat"),
        ({"roleDefinitionId": None}, "BadRequestFormat"),
        ({"roleDefinitionId": f"/{DEFINITIONS}/{NAME}"}, "RoleDefinitionDoesNotExist"),
        ({"principalType": "Robot"}, "InvalidPrincipalType"),
        ({"condition": "@Resource[a:b] StringEquals 'c'"}, "InvalidRoleAssignmentCondition"),
        ({"conditionVersion": "2.0"}, "InvalidRoleAssignmentCondition"),
        (
            {"condition": "@Resource[a:b] StringEquals 'c'", "conditionVersion": "1.0"},
            "InvalidRoleAssignmentCondition",
        ),
        (
            {"condition": "@Resource[a:b] Resembles", "conditionVersion": "2.0"},
            "InvalidRoleAssignmentCondition",
        ),
    ],
)
def test_a_request_that_is_not_right_is_refused(
    world: World, properties: dict[str, str | None], code: str
) -> None:
    answer = world.assign(world.principal("receiver"), "Reader", AT_SUBSCRIPTION, NAME, **properties)
    assert (answer.status, answer.code) == (400, code)
    assert held(world) == []


def test_the_name_of_an_assignment_has_to_be_a_guid(world: World) -> None:
    answer = world.assign(world.principal("receiver"), "Reader", AT_SUBSCRIPTION, "reader")
    assert (answer.status, answer.code) == (400, "InvalidRoleAssignmentId")


def test_nothing_is_assigned_where_nothing_is(world: World) -> None:
    receiver = world.principal("receiver")
    assert world.assign(receiver, "Reader", AT_GROUP).code == "ResourceGroupNotFound"
    assert world.assign(receiver, "Reader", f"{IDENTITIES}/id-payments").code == "ResourceGroupNotFound"
    world.resource_group()
    assert world.assign(receiver, "Reader", f"{IDENTITIES}/id-payments").code == "ResourceNotFound"
    group = "/providers/Microsoft.Management/managementGroups/none"
    assert world.assign(receiver, "Reader", group).code == "NotFound"
    assert held(world) == []


def test_an_assignment_keeps_the_spelling_of_what_it_is_made_at(world: World) -> None:
    world.resource_group()
    answer = world.assign(world.principal("receiver"), "Reader", AT_GROUP.lower(), NAME)
    assert answer.body["properties"]["scope"] == AT_GROUP
    assert answer.body["id"] == f"{AT_GROUP}/{ASSIGNMENTS}/{NAME}"


def test_a_subscription_takes_only_so_many_assignments(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(role_assignment, "SUBSCRIPTION_LIMIT", 2)
    world.resource_group()
    assert world.assign(world.principal("first"), "Reader", AT_SUBSCRIPTION).status == 201
    assert world.assign(world.principal("second"), "Reader", AT_GROUP).status == 201
    answer = world.assign(world.principal("third"), "Reader", AT_GROUP)
    assert (answer.status, answer.code) == (400, "RoleAssignmentLimitExceeded")
    assert len(held(world)) == 2


def test_the_limits_are_azures() -> None:
    assert (role_assignment.SUBSCRIPTION_LIMIT, role_assignment.MANAGEMENT_GROUP_LIMIT) == (4000, 500)


def test_assignments_are_listed_at_a_scope_above_it_and_below_it(world: World) -> None:
    world.resource_group()
    receiver = world.principal("receiver")
    at = {
        scope: world.assign(receiver, "Reader", scope).body["name"]
        for scope in ("/", AT_SUBSCRIPTION, AT_GROUP)
    }
    by_principal = f"principalId eq '{receiver}'"
    listed = world.ask("GET", f"{AT_SUBSCRIPTION}/{ASSIGNMENTS}", filter=by_principal)
    assert listed.names == list(at.values())
    own = f"atScope() and {by_principal}"
    assert world.ask("GET", f"{AT_SUBSCRIPTION}/{ASSIGNMENTS}", filter=own).names == [
        at["/"],
        at[AT_SUBSCRIPTION],
    ]
    assert world.ask("GET", f"/{ASSIGNMENTS}", filter=by_principal).names == list(at.values())
    assert world.ask("GET", f"/{ASSIGNMENTS}", filter=own).names == [at["/"]]
    everyone = world.ask("GET", f"{AT_GROUP}/{ASSIGNMENTS}").names
    assert set(at.values()) < set(everyone)


def test_assigned_to_finds_what_a_principal_has_through_its_groups(world: World) -> None:
    member = world.principal("member")
    group = world.group("outer", world.group("inner", member))
    name = world.assign(group, "Reader", AT_SUBSCRIPTION, principalType="Group").body["name"]
    path = f"{AT_SUBSCRIPTION}/{ASSIGNMENTS}"
    assert world.ask("GET", path, filter=f"assignedTo('{member}')").names == [name]
    assert world.ask("GET", path, filter=f"principalId eq '{member}'").names == []


def test_an_unknown_filter_is_refused(world: World) -> None:
    answer = world.ask("GET", f"{AT_SUBSCRIPTION}/{ASSIGNMENTS}", filter="roleName eq 'Reader'")
    assert (answer.status, answer.code) == (400, "UnsupportedQuery")


def test_deleting_gives_back_what_was_and_then_nothing(world: World) -> None:
    made = world.assign(world.principal("receiver"), "Reader", AT_SUBSCRIPTION, NAME)
    gone = world.ask("DELETE", made.body["id"])
    assert (gone.status, gone.body) == (200, made.body)
    assert world.ask("DELETE", made.body["id"]).status == 204
    missing = world.ask("GET", made.body["id"])
    assert (missing.status, missing.code) == (404, "RoleAssignmentNotFound")


def test_a_contributor_takes_no_role_away(world: World) -> None:
    made = world.assign(world.principal("receiver"), "Reader", AT_SUBSCRIPTION, NAME)
    contributor = world.granted("Contributor", AT_SUBSCRIPTION)
    assert world.ask("DELETE", made.body["id"], by=contributor).code == "AuthorizationFailed"
    assert NAME in held(world)


def test_the_last_owner_of_a_subscription_stays_unless_the_right_to_remove_it_comes_from_the_root(
    world: World,
) -> None:
    made = world.assign(world.principal("last"), "Owner", AT_SUBSCRIPTION, NAME)
    administrator = world.granted("User Access Administrator", AT_SUBSCRIPTION)
    refused = world.ask("DELETE", made.body["id"], by=administrator)
    assert (refused.status, refused.code) == (412, "CannotDeleteLastRbacAdminAssignment")
    assert NAME in held(world)
    second = world.assign(world.principal("second"), "Owner", AT_SUBSCRIPTION).body["id"]
    assert world.ask("DELETE", second, by=administrator).status == 200
    assert world.ask("DELETE", made.body["id"]).status == 200


def test_assignments_of_a_deleted_identity_stay_behind(world: World) -> None:
    principal = world.identity().body["properties"]["principalId"]
    world.assign(principal, "Reader", AT_SUBSCRIPTION, NAME)
    world.assign(world.principal("reader of it"), "Reader", f"{IDENTITIES}/id-payments")
    assert world.ask("DELETE", f"{IDENTITIES}/id-payments").status == 200
    assert held(world) == [NAME]


def test_an_identity_acts_with_the_roles_of_its_own_principal(world: World) -> None:
    principal = world.identity().body["properties"]["principalId"]
    world.assign(principal, "Contributor", f"/subscriptions/{SUBSCRIPTION}")
    assert world.ask("GET", AT_GROUP, by=principal).status == 200
