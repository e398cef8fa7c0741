"""Owners of applications and service principals in Graph."""

import pytest
from entra_world import World

from azure_service_connections.sandbox.entra.owners import MOST_BOUND


@pytest.fixture(params=["applications", "servicePrincipals"])
def owned(world: World, request: pytest.FixtureRequest) -> str:
    """The address of something that can be owned."""
    made = world.app_with_principal()
    kind: str = request.param
    return f"{kind}(appId='{made['appId']}')"


def owners_of(world: World, owned: str) -> set[tuple[str, str]]:
    value = world.graph("GET", f"{owned}/owners").body["value"]
    return {(each["@odata.type"], each["id"]) for each in value}


def test_owners_are_added_and_removed_one_by_one(world: World, owned: str) -> None:
    ada = world.person("Ada Park", "ada@contoso.example")
    base = world.cloud.url

    for address in (
        f"{base}/v1.0/directoryObjects/{ada}",
        f"{base}/v1.0/servicePrincipals/{world.operator['id']}",
    ):
        assert world.graph("POST", f"{owned}/owners/$ref", {"@odata.id": address}).status == 204

    assert owners_of(world, owned) == {
        ("#microsoft.graph.user", ada),
        ("#microsoft.graph.servicePrincipal", world.operator["id"]),
    }
    assert world.graph("DELETE", f"{owned}/owners/{world.operator['id']}/$ref").status == 204
    assert owners_of(world, owned) == {("#microsoft.graph.user", ada)}
    assert world.graph("DELETE", f"{owned}/owners/{world.operator['id']}/$ref").status == 404


def test_an_owner_is_added_once(world: World, owned: str) -> None:
    ada = world.person("Ada Park", "ada@contoso.example")
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{ada}"}
    world.graph("POST", f"{owned}/owners/$ref", reference)

    again = world.graph("POST", f"{owned}/owners/$ref", reference)

    assert (again.status, again.code) == (400, "Request_BadRequest")
    assert "'owners'" in again.body["error"]["message"]
    assert owners_of(world, owned) == {("#microsoft.graph.user", ada)}


def test_an_owner_must_exist_and_be_a_person_or_a_service_principal(world: World, owned: str) -> None:
    group = world.group("platform-engineers")
    unknown = "99999999-9999-4999-8999-999999999999"

    def add(identifier: str) -> int:
        body = {"@odata.id": f"{world.cloud.url}/v1.0/directoryObjects/{identifier}"}
        return world.graph("POST", f"{owned}/owners/$ref", body).status

    assert (add(unknown), add(group)) == (404, 400)
    assert world.graph("POST", f"{owned}/owners/$ref", {"@odata.id": "somewhere"}).status == 400
    assert world.graph("POST", f"{owned}/owners/$ref", {}).status == 400
    assert owners_of(world, owned) == set()


def test_an_owner_that_was_deleted_is_no_longer_listed(world: World, owned: str) -> None:
    other = world.client("leaver")
    body = {"@odata.id": f"{world.cloud.url}/v1.0/directoryObjects/{other['id']}"}
    world.graph("POST", f"{owned}/owners/$ref", body)
    assert len(owners_of(world, owned)) == 1

    world.graph("DELETE", f"servicePrincipals/{other['id']}")

    assert owners_of(world, owned) == set()


def test_a_create_binds_at_most_twenty_owners(world: World) -> None:
    people = [world.person(f"P{number}", f"p{number}@contoso.example") for number in range(MOST_BOUND + 1)]
    addresses = [f"{world.cloud.url}/v1.0/directoryObjects/{person}" for person in people]

    refused = world.graph("POST", "applications", {"displayName": "many", "owners@odata.bind": addresses})
    made = world.made("applications", {"displayName": "many", "owners@odata.bind": addresses[:MOST_BOUND]})

    assert refused.status == 400
    assert len(owners_of(world, f"applications/{made['id']}")) == MOST_BOUND


def test_binding_an_unknown_owner_makes_nothing(world: World) -> None:
    before = world.cloud.store.keys("applications")
    unknown = f"{world.cloud.url}/v1.0/directoryObjects/99999999-9999-4999-8999-999999999999"

    answer = world.graph("POST", "applications", {"displayName": "new", "owners@odata.bind": [unknown]})

    assert answer.code == "Request_ResourceNotFound"
    assert world.cloud.store.keys("applications") == before
