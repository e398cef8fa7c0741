"""The ids of role assignments and of what they assign."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mock_cloud import PRINCIPAL, ROLE_ASSIGNMENT, SUBSCRIPTION, Cloud, run, start

from azure_service_connections.catalogue.roles import (
    BUILT_IN_ROLES,
    role_assignment_name,
    role_definition_id,
    role_guid,
)
from components import RoleAssignment

SCOPE = f"/subscriptions/{SUBSCRIPTION}"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def assigned(**changes: str) -> dict[str, str]:
    """What is sent for one assignment."""
    cloud = start(Cloud())
    inputs = {"principal_id": PRINCIPAL, "role": "Reader", "scope": SCOPE, **changes}
    run(lambda: RoleAssignment("look", inputs))  # type: ignore[typeddict-item]
    return cloud.one(ROLE_ASSIGNMENT)


def test_the_principal_is_always_called_a_service_principal() -> None:
    assert assigned()["principalType"] == "ServicePrincipal"


@pytest.mark.parametrize(
    "role",
    [
        "Reader",
        "reader",
        READER,
        READER.upper(),
        f"/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        f"/subscriptions/{SUBSCRIPTION}/providers/microsoft.authorization/roledefinitions/{READER}",
    ],
)
def test_a_role_is_the_same_however_it_is_written(role: str) -> None:
    assert assigned(role=role) == assigned()


@pytest.mark.parametrize(
    ("scope", "prefix"),
    [
        (SCOPE, SCOPE),
        (SCOPE.upper().replace("SUBSCRIPTIONS", "subscriptions"), SCOPE),
        (f"{SCOPE}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv", SCOPE),
        ("/providers/Microsoft.Management/managementGroups/corp", ""),
        ("/", ""),
    ],
)
def test_the_definition_is_named_as_azure_answers_it(scope: str, prefix: str) -> None:
    definition = f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    assert assigned(scope=scope)["roleDefinitionId"] == definition


def test_the_id_follows_from_scope_principal_and_role_and_from_nothing_else() -> None:
    name = assigned()["roleAssignmentName"]
    assert str(uuid.UUID(name)) == name
    assert assigned(description="another reason", condition="(true)")["roleAssignmentName"] == name
    assert assigned(scope=f"{SCOPE}/")["roleAssignmentName"] == name
    others = [
        assigned(role="Contributor"),
        assigned(scope=f"{SCOPE}/resourceGroups/rg"),
        assigned(principal_id=SUBSCRIPTION),
    ]
    assert len({name, *(other["roleAssignmentName"] for other in others)}) == 4


def test_an_id_in_capital_letters_asks_for_the_same_assignment() -> None:
    group = f"{SCOPE}/resourceGroups/Rg"
    capitals = f"/subscriptions/{SUBSCRIPTION.upper()}/resourceGroups/Rg/"
    assert assigned(scope=capitals, principal_id=PRINCIPAL.upper()) == assigned(scope=group)


def test_the_id_of_an_assignment_that_exists_can_be_given() -> None:
    assert assigned(assignment_name=READER)["roleAssignmentName"] == READER


guids = st.uuids().map(str)


@given(
    guids,
    guids,
    st.sampled_from(sorted(BUILT_IN_ROLES.values())),
    st.sampled_from(["", "/resourceGroups/Rg"]),
)
def test_the_id_is_the_same_in_any_case(subscription: str, principal: str, role: str, below: str) -> None:
    scope = f"/subscriptions/{subscription}{below}"
    name = role_assignment_name(scope, principal, role)
    assert role_assignment_name(scope.upper(), principal.upper(), role.upper()) == name


@given(guids, guids)
def test_a_definition_id_reads_back_as_its_role(subscription: str, role: str) -> None:
    assert role_guid(role_definition_id(f"/subscriptions/{subscription}", role)) == role


def test_no_two_built_in_roles_share_an_id() -> None:
    assert len(set(BUILT_IN_ROLES.values())) == len(BUILT_IN_ROLES)
    assert all(role_guid(name) == guid for name, guid in BUILT_IN_ROLES.items())
