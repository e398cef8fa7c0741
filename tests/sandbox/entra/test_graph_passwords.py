"""Passwords of applications and service principals in Graph."""

from datetime import datetime, timedelta

import pytest
from entra_world import World


def test_a_secret_is_shown_once(world: World) -> None:
    made = world.app_with_principal()

    answer = world.graph(
        "POST",
        f"applications/{made['id']}/addPassword",
        {"passwordCredential": {"displayName": "deploy", "endDateTime": "2030-01-01T00:00:00Z"}},
    )

    assert answer.status == 200
    added = answer.body
    assert len(added["secretText"]) == 40
    assert added["secretText"].startswith(added["hint"])
    (shown,) = world.graph("GET", f"applications/{made['id']}").body["passwordCredentials"]
    assert shown["secretText"] is None
    assert (shown["keyId"], shown["displayName"]) == (added["keyId"], "deploy")
    assert shown["endDateTime"] == "2030-01-01T00:00:00Z"
    assert added["secretText"] not in str(world.graph("GET", "applications").body)


def test_a_password_lives_two_years_where_nothing_is_said(world: World) -> None:
    made = world.app_with_principal()

    added = world.graph("POST", f"applications/{made['id']}/addPassword").body

    start, end = (datetime.fromisoformat(added[name]) for name in ("startDateTime", "endDateTime"))
    assert end - start == timedelta(days=730)
    assert abs((start - world.cloud.clock.now()).total_seconds()) < 60


@pytest.mark.parametrize(
    "credential",
    [
        {"startDateTime": "2030-01-01T00:00:00Z", "endDateTime": "2029-01-01T00:00:00Z"},
        {"endDateTime": "next year"},
        "deploy",
    ],
)
def test_a_password_that_may_not_be_is_refused(world: World, credential: object) -> None:
    made = world.app_with_principal()

    answer = world.graph("POST", f"applications/{made['id']}/addPassword", {"passwordCredential": credential})

    assert (answer.status, answer.code) == (400, "Request_BadRequest")
    assert world.graph("GET", f"applications/{made['id']}").body["passwordCredentials"] == []


def test_a_password_is_removed_by_its_key_id_and_only_once(world: World) -> None:
    made = world.app_with_principal()
    first = world.graph("POST", f"applications/{made['id']}/addPassword").body
    second = world.graph("POST", f"applications/{made['id']}/addPassword").body

    removed = world.graph("POST", f"applications/{made['id']}/removePassword", {"keyId": first["keyId"]})
    again = world.graph("POST", f"applications/{made['id']}/removePassword", {"keyId": first["keyId"]})

    assert (removed.status, again.status) == (204, 400)
    (left,) = world.graph("GET", f"applications/{made['id']}").body["passwordCredentials"]
    assert left["keyId"] == second["keyId"]


def test_a_password_of_a_service_principal_is_its_own(world: World) -> None:
    made = world.app_with_principal()
    address = f"servicePrincipals(appId='{made['appId']}')"

    added = world.graph("POST", f"{address}/addPassword", {"passwordCredential": {"displayName": "x"}}).body

    (shown,) = world.graph("GET", address).body["passwordCredentials"]
    assert (shown["keyId"], shown["secretText"]) == (added["keyId"], None)
    assert world.graph("GET", f"applications/{made['id']}").body["passwordCredentials"] == []
    assert world.graph("POST", f"{address}/removePassword", {"keyId": added["keyId"]}).status == 204
    assert world.graph("GET", address).body["passwordCredentials"] == []


def test_a_create_may_ask_for_a_password_and_its_answer_holds_the_secret(world: World) -> None:
    made = world.made(
        "applications", {"displayName": "with password", "passwordCredentials": [{"displayName": "first"}]}
    )
    world.made("servicePrincipals", {"appId": made["appId"]})

    (credential,) = made["passwordCredentials"]

    assert world.sign_in(client_id=made["appId"], client_secret=credential["secretText"]).status == 200
    (shown,) = world.graph("GET", f"applications/{made['id']}").body["passwordCredentials"]
    assert shown["secretText"] is None


def test_a_patch_can_drop_passwords_but_not_make_them(world: World) -> None:
    made = world.app_with_principal()
    keep = world.graph("POST", f"applications/{made['id']}/addPassword").body
    world.graph("POST", f"applications/{made['id']}/addPassword")
    address = f"applications/{made['id']}"

    refused = world.graph("PATCH", address, {"passwordCredentials": [{"displayName": "mine"}]})
    dropped = world.graph("PATCH", address, {"passwordCredentials": [{"keyId": keep["keyId"]}]})

    assert (refused.status, dropped.status) == (400, 204)
    assert "service actions" in refused.body["error"]["message"]
    (left,) = world.graph("GET", address).body["passwordCredentials"]
    assert left["keyId"] == keep["keyId"]
    assert world.sign_in(client_id=made["appId"], client_secret=keep["secretText"]).status == 200
