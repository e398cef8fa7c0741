"""The way back to the secret: by name, from a plan, in time and too late."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from old_connections import OldConnections, apply, entry, save, steps

from azure_service_connections.cli.main import main

DAY = 86400.0


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[dict[str, Any]], str]]:
    """Runs the command; its exit code, what became of each connection, and what it said."""

    def run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        capsys.readouterr()
        code = main(["revert", *arguments, "--yes", "--json"])
        shown = capsys.readouterr()
        return code, json.loads(shown.out or "[]"), shown.err

    return run


def test_a_converted_connection_gets_its_secret_back_by_its_name(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    apply(old, old.plan(entry(shelf, "convert", "service")), tmp_path)
    code, (outcome,), errors = ask("shelf")
    assert code == 0
    assert outcome["note"] == "reverted to its secret; signs in and reads its scope"
    assert "fabrikam/Web/shelf: 6 days left" in errors
    assert old.scheme("shelf") == "ServicePrincipal"
    assert old.works("shelf")
    code, (outcome,), _ = ask("shelf")
    assert (code, outcome["note"], outcome["changed"]) == (0, "reverted already; it has its secret", False)


def test_all_that_a_plan_converted_is_taken_back_and_stays_so_when_the_plan_is_run_again(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    for name in ("shelf", "counter"):
        old.make_automatic(name)
    shelf, counter = old.read("shelf", "counter")
    plan = old.plan(entry(shelf, "convert", "service"), entry(counter, "convert", "service"))
    path = save(plan, tmp_path)
    apply(old, plan, tmp_path)
    code, outcomes, _ = ask("--plan", str(path))
    assert code == 0
    assert [each["state"] for each in outcomes] == ["done", "done"]
    assert {old.scheme("shelf"), old.scheme("counter")} == {"ServicePrincipal"}
    assert steps(tmp_path, shelf.id)[-2:] == [("reverted", "begun"), ("reverted", "done")]
    again = apply(old, plan, tmp_path)
    assert [each.note for each in again] == [
        "it was reverted after this plan had converted it; write a new plan"
    ] * 2
    assert old.scheme("shelf") == "ServicePrincipal"
    code, outcomes, errors = ask("--plan", str(path))
    assert (code, outcomes) == (0, [])
    assert errors.endswith("nothing to do\n")


def test_a_plan_of_the_folder_hears_of_a_connection_that_is_reverted_by_its_name(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    plan = old.plan(entry(shelf, "convert", "service"))
    save(plan, tmp_path)
    apply(old, plan, tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.yaml").write_text("nonsense: 1\n")
    (tmp_path / "broken.yaml.journal.jsonl").write_text("")
    code, _, errors = ask("shelf")
    assert code == 0
    assert "broken.yaml is left out: " in errors
    assert steps(tmp_path, shelf.id)[-2:] == [("reverted", "begun"), ("reverted", "done")]
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "kept"
    assert old.scheme("shelf") == "ServicePrincipal"


def test_one_of_a_plan_is_taken_back_and_the_others_stay(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    for name in ("shelf", "counter"):
        old.make_automatic(name)
    shelf, counter = old.read("shelf", "counter")
    plan = old.plan(entry(shelf, "convert", "service"), entry(counter, "convert", "service"))
    path = save(plan, tmp_path)
    apply(old, plan, tmp_path)
    assert ask("counter", "--plan", str(path))[0] == 0
    assert (old.scheme("shelf"), old.scheme("counter")) == ("WorkloadIdentityFederation", "ServicePrincipal")
    code, _, errors = ask("till", "--plan", str(path))
    assert code == 1
    assert "plan.yaml has not converted 'till'; see `connections status" in errors


def test_a_plan_may_say_that_a_connection_is_reverted(old: OldConnections, tmp_path: Path) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    (tmp_path / "before").mkdir()
    apply(old, old.plan(entry(shelf, "convert", "service")), tmp_path / "before")
    (shelf,) = old.read("shelf")
    plan = old.plan(entry(shelf, "revert"))
    (outcome,) = apply(old, plan, tmp_path)
    assert (outcome.state, outcome.changed) == ("done", True)
    assert old.works("shelf")
    (outcome,) = apply(old, plan, tmp_path)
    assert (outcome.note, outcome.changed) == ("reverted by an earlier run", False)


def test_what_was_made_by_hand_has_no_way_back_and_is_told_what_to_do(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    (store,) = old.read("store")
    apply(old, old.plan(entry(store, "convert", "place")), tmp_path)
    code, (outcome,), errors = ask("store")
    assert (code, outcome["state"]) == (1, "refused")
    assert outcome["note"].startswith(
        "it was made by hand, and Azure DevOps has no secret of it to go back to; "
    )
    assert "make a new secret of its application in Entra ID" in errors
    assert old.works("store")


def test_after_seven_days_the_reason_and_the_way_by_hand_are_said(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    old.cloud.clock.advance(-8 * DAY)
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    apply(old, old.plan(entry(shelf, "convert", "service")), tmp_path)
    old.cloud.clock.advance(8 * DAY)
    code, (outcome,), _ = ask("shelf")
    assert (code, outcome["state"]) == (1, "refused")
    assert "7 days" in outcome["note"]
    assert "make a new secret" in outcome["note"]
    assert old.works("shelf")
    assert old.asked("PUT", "serviceendpoint/endpoints") == 1


def test_a_secret_that_does_not_sign_in_any_more_leaves_the_connection_federated(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    plan = old.plan(entry(shelf, "convert", "service"))
    path = save(plan, tmp_path)
    apply(old, plan, tmp_path)
    application = old.one("applications", appId=shelf.client_id)
    expired = [{**each, "endDateTime": "2020-01-01T00:00:00Z"} for each in application["passwordCredentials"]]
    old.put("applications", {**application, "passwordCredentials": expired})
    code, (outcome,), _ = ask("--plan", str(path))
    assert (code, outcome["state"]) == (1, "failed")
    assert outcome["note"].startswith("its secret does not sign in any more (AADSTS7000222: ")
    assert "so it is federated as before; make a new secret" in outcome["note"]
    assert old.scheme("shelf") == "WorkloadIdentityFederation"
    assert old.works("shelf")


def test_where_the_secrets_were_retired_there_is_no_way_back(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    apply(old, old.plan(entry(shelf, "convert", "service", retire=("secrets",))), tmp_path)
    code, (outcome,), _ = ask("shelf")
    assert (code, outcome["state"]) == (1, "refused")
    assert outcome["note"].startswith("the secrets of its application have been removed; make a new secret")
    assert old.works("shelf")


def test_a_move_to_entra_is_not_taken_back(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    (legacy,) = old.read("legacy")
    plan = old.plan(entry(legacy, "migrate-issuer", "place"))
    apply(old, plan, tmp_path)
    code, (outcome,), _ = ask("--plan", str(save(plan, tmp_path)))
    assert (code, outcome["state"]) == (1, "refused")
    assert outcome["note"].startswith("a move to Entra's issuer has no way back, and needs none")


def test_a_name_that_is_not_there_or_there_twice_reverts_nothing(
    old: OldConnections, ask: Callable[..., Any]
) -> None:
    code, _, errors = ask("nobody")
    assert code == 1
    assert "error: There is no connection 'nobody' among those that were read" in errors
    endpoint = old.endpoint("store")
    books = old.one("projects", name="Books")
    reference = {**endpoint["references"][0], "projectId": books["id"]}
    old.keep({**endpoint, "id": str(uuid4()), "references": [reference]})
    code, _, errors = ask("store")
    assert code == 1
    assert (
        "'store' is the name of several connections: 'fabrikam/Books/store' and 'fabrikam/Web/store'"
        in errors
    )
    code, (outcome,), _ = ask("Books/store")
    assert (code, outcome["project"]) == (0, "Books")
    code, (outcome,), _ = ask(endpoint["id"])
    assert (code, outcome["project"]) == (0, "Web")


def test_what_has_no_way_back_is_not_announced_as_going_back(
    old: OldConnections, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    apply(old, old.plan(entry(shelf, "convert", "service")), tmp_path)
    code, _, errors = ask("shelf", "legacy")
    assert code == 1
    assert "About to give 1 connection the old secret back:\n  fabrikam/Web/shelf: 6 days left\n" in errors
    assert "No old secret is kept of 1 connection:\n  fabrikam/Web/legacy: " in errors


def test_somebody_has_to_be_asked_and_something_to_be_named(
    old: OldConnections, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["revert"]) == 2
    assert "Name connections, or give --plan" in capsys.readouterr().err
    assert main(["revert", "legacy"]) == 2
    assert "There is no terminal to ask on" in capsys.readouterr().err
