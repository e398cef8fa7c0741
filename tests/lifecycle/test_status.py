"""How far plans are, from their journals, and how long conversions can be taken back."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from old_connections import OldConnections, apply, apply_until, entry, save

from azure_service_connections.cli.main import main
from azure_service_connections.lifecycle.apply.plan_lock import PlanLock
from azure_service_connections.lifecycle.apply.plan_status import plan_status
from azure_service_connections.lifecycle.apply.reversion import days_left


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    code = main(["status", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_plan_is_told_entry_by_entry_without_asking_anybody(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old.make_automatic("shelf")
    shelf, store, legacy, first = old.read("shelf", "store", "legacy", "press-a")
    plan = old.plan(
        entry(shelf, "convert", "service"),
        entry(store, "convert", "place").model_copy(update={"expects": "0" * 16}),
        entry(legacy, "migrate-issuer", "handoff"),
        entry(first, "keep"),
    )
    path = save(plan, tmp_path)
    code, (told,) = shown(capsys, str(path))
    assert (code, told["state"]) == (3, "notStarted")
    assert [each["state"] for each in told["entries"]] == ["open", "open", "open", "kept"]
    apply(old, plan, tmp_path)
    old.cloud.traffic.clear()
    code, (told,) = shown(capsys, str(path))
    assert (code, told["state"]) == (3, "unfinished")
    assert [each["state"] for each in told["entries"]] == ["done", "refused", "waiting", "kept"]
    assert [each["step"] for each in told["entries"]] == ["proven", "checked", "credential-placed", ""]
    assert told["entries"][0]["revertLeft"] == "6 days"
    assert told["entries"][1]["note"].startswith("its scope, what its identity trusts")
    assert list(old.cloud.traffic.entries) == []


def test_a_plan_that_is_done_is_finished_and_the_command_ends_with_0(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place", retire=("secrets",)))
    save(plan, tmp_path)
    apply(old, plan, tmp_path)
    monkeypatch.chdir(tmp_path)
    code, (told,) = shown(capsys)
    assert (code, told["plan"].endswith("plan.yaml"), told["state"]) == (0, True, "done")
    assert main(["status"]) == 0
    text = capsys.readouterr().out
    assert "plan.yaml: finished; 1 done" in " ".join(text.split())
    assert "store" in text


def test_a_folder_without_a_plan_that_was_begun_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["status"]) == 0
    assert capsys.readouterr().out == "no plan of this folder was begun\n"


def test_a_plan_that_a_process_works_on_is_running(old: OldConnections, tmp_path: Path) -> None:
    (store,) = old.read("store")
    path = save(old.plan(entry(store, "convert", "place")), tmp_path)
    with PlanLock(path, "connections apply"):
        assert plan_status(path).state == "running"
    assert plan_status(path).state == "notStarted"


def test_an_entry_that_was_cut_off_is_interrupted(old: OldConnections, tmp_path: Path) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place"))
    path = save(plan, tmp_path)
    apply(old, plan, tmp_path)
    journal = tmp_path / "plan.yaml.journal.jsonl"
    whole = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(whole[:4]))
    (told,) = plan_status(path).entries
    assert (told.state, told.step) == ("interrupted", "converted")


def test_a_run_that_stopped_leaves_its_entries_failed_and_open(old: OldConnections, tmp_path: Path) -> None:
    store, first = old.read("store", "press-a")
    plan = old.plan(entry(store, "convert", "place"), entry(first, "convert", "place"))
    path = save(plan, tmp_path)
    old.cloud.faults.fail_next("devops", 429, count=100_000, retry_after=1, method="PUT")
    apply_until(old, plan, tmp_path, at_a_time=1)
    assert [each.state for each in plan_status(path).entries] == ["failed", "open"]


def test_days_left_are_told_for_every_connection_of_an_organization(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    assert main(["status", "-o", "fabrikam"]) == 0
    assert capsys.readouterr().out == "no conversion can be taken back any more\n"
    apply(old, old.plan(entry(shelf, "convert", "service")), tmp_path)
    code, (told,) = shown(capsys, "-o", "fabrikam")
    assert code == 0
    assert (told["connection"], told["project"], told["revertLeft"]) == ("shelf", "Web", "6 days")
    assert main(["status", "-o", "fabrikam"]) == 0
    assert "fabrikam/Web/shelf" in capsys.readouterr().out


def test_a_plan_and_organizations_at_once_are_too_much(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "plan.yaml", "-o", "fabrikam"]) == 2
    assert "Give a plan or --organization, not both" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=6, hours=23), "6 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=5, minutes=30), "5 hours"),
        (timedelta(minutes=20), "less than an hour"),
        (timedelta(seconds=-1), "over"),
    ],
)
def test_what_is_left_is_told_in_words(left: timedelta, words: str) -> None:
    now = datetime.now(UTC)
    assert days_left(now + left, now) == words
