"""The people and groups of an organization, and the roles that they have on service connections."""

from typing import Any

import pytest
from devops_world import PERSON, PROJECT, TENANT, Answer, World

GROUP = "44444444-4444-4444-8444-444444444403"
SCOPE = "_apis/securityroles/scopes/distributedtask.serviceendpointrole"


def search(world: World, kind: str, value: str) -> list[dict[str, Any]]:
    answer = world.ask("GET", "_apis/identities", searchFilter=kind, filterValue=value)
    return list(answer.body["value"])


def roles_of(world: World, endpoint: Any, access: str = "assigned") -> dict[str, str]:
    answer = world.ask("GET", f"{SCOPE}/roleassignments/resources/{PROJECT}_{endpoint['id']}")
    return {
        each["identity"]["uniqueName"]: each["role"]["name"]
        for each in answer.body["value"]
        if each["access"] == access
    }


def assign(world: World, endpoint: Any, method: str, body: Any) -> Answer:
    return world.ask(method, f"{SCOPE}/roleassignments/resources/{PROJECT}_{endpoint['id']}", body)


def test_a_person_is_found_by_account_and_by_name_under_the_organizations_own_id(world: World) -> None:
    (by_account,) = search(world, "AccountName", "ADA@contoso.example")
    (by_name,) = search(world, "DisplayName", "Ada Park")
    assert by_account["id"] == by_name["id"] != PERSON
    assert by_account["subjectDescriptor"].startswith("aad.")
    assert by_account["properties"]["Account"]["$value"] == "ada@contoso.example"
    assert search(world, "AccountName", "ada@contoso") == []
    read = world.ask("GET", f"_apis/identities/{by_account['id']}")
    assert read.body["providerDisplayName"] == "Ada Park"
    assert world.ask("GET", f"_apis/identities/{PERSON}").status == 404


def test_groups_of_the_directory_and_of_projects_are_found_by_name(world: World) -> None:
    world.cloud.store.put("groups", GROUP, {"id": GROUP, "tenantId": TENANT, "displayName": "release"})
    (group,) = search(world, "DisplayName", "release")
    assert group["providerDisplayName"] == "[TEAM FOUNDATION]\\release"
    assert (group["subjectDescriptor"][:6], group["isContainer"]) == ("aadgp.", True)
    listed = world.ask("GET", "_apis/groups", scopeIds=PROJECT).body["value"]
    assert "[Payments]\\Release Administrators" in [each["providerDisplayName"] for each in listed]
    assert all(each["providerDisplayName"].startswith("[Payments]\\") for each in listed)


def test_a_search_without_a_kind_is_refused(world: World) -> None:
    assert world.ask("GET", "_apis/identities").status == 400


def test_who_makes_a_connection_administers_it(world: World) -> None:
    assert roles_of(world, world.connection()) == {"ada@contoso.example": "Administrator"}


def test_roles_are_given_changed_and_taken_away(world: World) -> None:
    world.cloud.store.put("groups", GROUP, {"id": GROUP, "tenantId": TENANT, "displayName": "release"})
    (group,) = search(world, "DisplayName", "release")
    endpoint = world.connection()
    given = assign(world, endpoint, "PUT", [{"userId": group["id"], "roleName": "User"}])
    assert given.body["count"] == 1
    assert given.body["value"][0]["role"]["scope"] == "distributedtask.serviceendpointrole"
    assert roles_of(world, endpoint)["release"] == "User"
    assign(world, endpoint, "PUT", [{"userId": group["id"], "roleName": "reader"}])
    assert roles_of(world, endpoint)["release"] == "Reader"
    assert assign(world, endpoint, "PATCH", [group["id"]]).status == 204
    assert roles_of(world, endpoint) == {"ada@contoso.example": "Administrator"}


def test_a_project_hands_roles_down_until_that_is_ended(world: World) -> None:
    endpoint = world.connection()
    inherited = {"Endpoint Administrators": "Administrator", "Contributors": "User"}
    assert roles_of(world, endpoint, "inherited") == inherited
    groups = world.ask("GET", "_apis/groups", scopeIds=PROJECT).body["value"]
    contributors = next(each for each in groups if each["providerDisplayName"] == "[Payments]\\Contributors")
    assign(world, endpoint, "PUT", [{"userId": contributors["id"], "roleName": "Reader"}])
    assert roles_of(world, endpoint)["Contributors"] == "Reader"
    assert "Contributors" not in roles_of(world, endpoint, "inherited")
    path = f"{SCOPE}/roleassignments/resources/{PROJECT}_{endpoint['id']}"
    assert world.ask("PATCH", path, inheritPermissions="false").status == 204
    assert roles_of(world, endpoint, "inherited") == {}
    assert world.ask("PATCH", path, inheritPermissions="true").status == 204
    assert roles_of(world, endpoint, "inherited") == {"Endpoint Administrators": "Administrator"}


def test_an_id_of_the_directory_is_passed_over_in_silence(world: World) -> None:
    endpoint = world.connection()
    answer = assign(world, endpoint, "PUT", [{"userId": PERSON, "roleName": "User"}])
    assert (answer.status, answer.body) == (200, {"count": 0, "value": []})


@pytest.mark.parametrize(
    "body", [{"userId": "x"}, [{"userId": "x", "roleName": "King"}], ["User"]], ids=["map", "role", "text"]
)
def test_roles_that_make_no_sense_are_refused(world: World, body: Any) -> None:
    assert assign(world, world.connection(), "PUT", body).status == 400


def test_a_connection_that_is_not_there_has_no_roles(world: World) -> None:
    assert world.ask("GET", f"{SCOPE}/roleassignments/resources/{PROJECT}_{GROUP}").status == 404
    assert world.ask("GET", "_apis/securityroles/scopes/other/roledefinitions").status == 404
    names = [each["name"] for each in world.ask("GET", f"{SCOPE}/roledefinitions").body["value"]]
    assert names == ["Reader", "User", "Administrator"]
