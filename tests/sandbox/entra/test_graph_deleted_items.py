"""What Graph still knows of deleted applications and service principals."""

import pytest
from entra_world import OTHER_TENANT, World

DELETED = "directory/deletedItems"
DAY = 86400


def test_a_deleted_application_is_found_with_its_service_principal(world: World) -> None:
    made = world.app_with_principal()
    assert world.graph("DELETE", f"applications/{made['id']}").status == 204
    found = world.graph("GET", f"{DELETED}/{made['id']}").body
    assert (found["@odata.type"], found["appId"]) == ("#microsoft.graph.application", made["appId"])
    assert found["deletedDateTime"].endswith("Z")
    for kind in ("application", "servicePrincipal"):
        path = f"{DELETED}/microsoft.graph.{kind}?$filter=appId eq '{made['appId']}'"
        (listed,) = world.graph("GET", path).body["value"]
        assert listed["displayName"] == "deployer"
    assert world.graph("GET", f"applications/{made['id']}").status == 404
    held = world.graph("GET", "applications").body["value"]
    assert [each["displayName"] for each in held] == ["operator"]


def test_a_restored_application_signs_in_as_before(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)
    world.graph("DELETE", f"applications/{made['id']}")
    assert world.exchange(made, world.assertion()).aadsts == 700016
    answer = world.graph("POST", f"{DELETED}/{made['id']}/restore")
    assert (answer.status, answer.body["deletedDateTime"]) == (200, None)
    assert world.exchange(made, world.assertion()).status == 200
    assert world.graph("GET", f"{DELETED}/microsoft.graph.application").body["value"] == []
    assert world.graph("GET", f"{DELETED}/microsoft.graph.servicePrincipal").body["value"] == []


def test_a_service_principal_is_deleted_and_restored_alone(world: World) -> None:
    made = world.made("applications", {"displayName": "deployer"})
    principal = world.made("servicePrincipals", {"appId": made["appId"]})
    world.graph("DELETE", f"servicePrincipals/{principal['id']}")
    assert world.graph("GET", f"{DELETED}/{principal['id']}").body["appId"] == made["appId"]
    assert world.graph("POST", f"{DELETED}/{principal['id']}/restore").status == 200
    assert world.graph("GET", f"servicePrincipals/{principal['id']}").status == 200


def test_a_service_principal_whose_place_is_taken_is_not_restored(world: World) -> None:
    made = world.made("applications", {"displayName": "deployer"})
    principal = world.made("servicePrincipals", {"appId": made["appId"]})
    world.graph("DELETE", f"servicePrincipals/{principal['id']}")
    world.made("servicePrincipals", {"appId": made["appId"]})
    answer = world.graph("POST", f"{DELETED}/{principal['id']}/restore")
    assert (answer.status, answer.code) == (409, "Request_MultipleObjectsWithSameKeyValue")


@pytest.mark.parametrize("how", ["thirty days", "for good"])
def test_a_deleted_application_is_lost_after_thirty_days_or_when_it_is_deleted_again(
    world: World, how: str
) -> None:
    made = world.app_with_principal()
    world.graph("DELETE", f"applications/{made['id']}")
    if how == "for good":
        assert world.graph("DELETE", f"{DELETED}/{made['id']}").status == 204
    else:
        world.cloud.clock.advance(30 * DAY + 1)
        world.token = world.token_of(world.operator["appId"], "operator-secret")
    for kind in ("application", "servicePrincipal"):
        assert world.graph("GET", f"{DELETED}/microsoft.graph.{kind}").body["value"] == []
    assert world.graph("GET", f"{DELETED}/{made['id']}").status == 404
    assert world.graph("POST", f"{DELETED}/{made['id']}/restore").status == 404


def test_deleted_items_are_for_those_who_may_read_and_write_applications(world: World) -> None:
    made = world.app_with_principal()
    world.graph("DELETE", f"applications/{made['id']}")
    nobody = world.client("nobody")
    foreign = world.client("foreign", "Application Administrator", tenant=OTHER_TENANT)
    token = world.token_of(nobody["appId"], "secret")
    assert world.graph("GET", f"{DELETED}/{made['id']}", token=token).status == 403
    assert world.graph("POST", f"{DELETED}/{made['id']}/restore", token=token).status == 403
    token = world.token_of(foreign["appId"], "secret", tenant=OTHER_TENANT)
    assert world.graph("GET", f"{DELETED}/{made['id']}", token=token).status == 404
