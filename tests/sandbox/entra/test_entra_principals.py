"""What the other services ask of the directory: principals, their groups, and the check of a token."""

import pytest
from entra_world import TENANT, World

from azure_service_connections.sandbox.entra.access_tokens import (
    DEVOPS_RESOURCES,
    RESOURCE_MANAGER_RESOURCES,
    Refusal,
    bearer,
    issue,
)
from azure_service_connections.sandbox.entra.errors import GraphError
from azure_service_connections.sandbox.entra.principals import (
    create_managed_identity,
    find_principal,
    groups_of,
    managed_identity,
    remove_managed_identity,
)
from azure_service_connections.sandbox.message import Request

IDENTITY = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Id"


def test_every_kind_of_principal_is_found_with_its_type(world: World) -> None:
    kinds = {
        world.operator["id"]: "ServicePrincipal",
        world.person("Ada Park", "ada@contoso.example"): "User",
        world.group("platform-engineers"): "Group",
        create_managed_identity(world.cloud, TENANT, "Id", IDENTITY)[0]: "ServicePrincipal",
    }

    for identifier, kind in kinds.items():
        for spelling in (identifier, identifier.upper()):
            found = find_principal(world.cloud, spelling)
            assert found is not None
            assert (found["id"], found["principalType"]) == (identifier, kind)
    application = world.cloud.store.one("applications", appId=world.operator["appId"])
    assert application is not None
    assert find_principal(world.cloud, application["id"]) is None


def test_a_principal_that_is_not_replicated_is_absent_only_for_those_who_ask_so(world: World) -> None:
    world.cloud.faults.set_visibility("service-principals", 2)
    principal_id, _ = create_managed_identity(world.cloud, TENANT, "Id", IDENTITY)

    assert find_principal(world.cloud, principal_id) is not None
    seen = [find_principal(world.cloud, principal_id, replicated=True) is not None for _ in range(3)]
    assert seen == [False, False, True]


def test_groups_count_through_other_groups_and_through_a_circle(world: World) -> None:
    ada = world.person("Ada Park", "ada@contoso.example")
    inner = world.group("inner", ada)
    outer = world.group("outer", inner)
    world.group("elsewhere")
    group = world.cloud.store.get("groups", inner)
    assert group is not None
    world.cloud.store.put("groups", inner, {**group, "members": [ada, outer]})

    assert groups_of(world.cloud, ada) == {inner, outer}
    assert groups_of(world.cloud, world.operator["id"]) == set()


def test_a_managed_identity_keeps_its_ids_until_it_is_removed(world: World) -> None:
    first = create_managed_identity(world.cloud, TENANT, "Id", IDENTITY)

    assert create_managed_identity(world.cloud, TENANT, "Id", IDENTITY.lower()) == first
    found = managed_identity(world.cloud, IDENTITY.upper())
    assert found is not None
    assert (found["id"], found["appId"]) == first
    remove_managed_identity(world.cloud, IDENTITY)
    remove_managed_identity(world.cloud, IDENTITY)
    assert find_principal(world.cloud, first[0]) is None
    assert create_managed_identity(world.cloud, TENANT, "Id", IDENTITY) != first


def test_removing_a_managed_identity_takes_its_federated_credentials_along(world: World) -> None:
    create_managed_identity(world.cloud, TENANT, "Id", IDENTITY)
    for identifier, parent in (("one", IDENTITY.lower()), ("two", "another")):
        world.cloud.store.put("federated-credentials", identifier, {"id": identifier, "parent": parent})

    remove_managed_identity(world.cloud, IDENTITY)

    assert world.cloud.store.keys("federated-credentials") == ["two"]


def check(world: World, authorization: str, audiences: tuple[str, ...]) -> str:
    """The object id of a token's holder, or the reason for which it is refused."""
    request = Request("GET", "/", {}, {"authorization": authorization} if authorization else {})
    try:
        claims = bearer(world.cloud, request, audiences, lambda reason: GraphError(401, "x", reason))
    except GraphError as error:
        return error.message
    return str(claims["oid"])


@pytest.mark.parametrize(
    ("resource", "audiences", "good"),
    [
        ("https://management.azure.com", RESOURCE_MANAGER_RESOURCES, True),
        ("https://management.azure.com/", RESOURCE_MANAGER_RESOURCES, True),
        ("https://Management.Core.Windows.net//", RESOURCE_MANAGER_RESOURCES, True),
        ("499b84ac-1321-427f-aa17-267ca6975798", DEVOPS_RESOURCES, True),
        ("https://graph.microsoft.com", RESOURCE_MANAGER_RESOURCES, False),
        ("https://management.azure.com.example", RESOURCE_MANAGER_RESOURCES, False),
    ],
)
def test_a_token_is_good_for_the_audience_that_it_names(
    world: World, resource: str, audiences: tuple[str, ...], good: bool
) -> None:
    token = issue(world.cloud, TENANT, world.operator, resource)

    answer = check(world, f"Bearer {token}", audiences)

    assert answer == (world.operator["id"] if good else Refusal.AUDIENCE)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic abc"])
def test_a_missing_token_is_told_from_a_bad_one(world: World, authorization: str) -> None:
    assert check(world, authorization, (world.cloud.url,)) == Refusal.MISSING
    assert check(world, "Bearer abc", (world.cloud.url,)) == Refusal.MALFORMED


def test_an_expired_token_is_told_from_one_of_the_future(world: World) -> None:
    world.cloud.clock.advance(3599)
    assert check(world, f"bearer {world.token}", (world.cloud.url,)) == Refusal.EXPIRED
    world.cloud.clock.advance(-7200)
    assert check(world, f"Bearer {world.token}", (world.cloud.url,)) == Refusal.NOT_YET_VALID
