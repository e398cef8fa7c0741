"""The journal of a plan and the lock beside it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.lifecycle.apply.ends import StoppedError
from azure_service_connections.lifecycle.apply.journal import Journal, journal_path, read_journal
from azure_service_connections.lifecycle.apply.plan_lock import PlanLock, lock_path
from azure_service_connections.lifecycle.errors import LifecycleError

ORGANIZATION = "https://dev.azure.com/contoso"


def test_a_line_is_on_the_disk_and_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = journal_path(tmp_path / "plan.yaml")
    with Journal(path) as journal:
        line = journal.write(ORGANIZATION, "one", "converted", "begun", "ä sentence", issuer="https://x")
        assert read_journal(path) == (line,)
    assert path.name == "plan.yaml.journal.jsonl"
    assert json.loads(path.read_text()) == {
        "time": line.as_json()["time"],
        "organization": ORGANIZATION,
        "id": "one",
        "step": "converted",
        "state": "begun",
        "note": "ä sentence",
        "detail": {"issuer": "https://x"},
    }


def test_lines_are_only_ever_added(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.write(ORGANIZATION, "one", "checked", "done")
    before = path.read_bytes()
    with Journal(path) as journal:
        journal.write(ORGANIZATION, "two", "checked", "done")
        assert [line.id for line in journal.lines] == ["one", "two"]
    assert path.read_bytes().startswith(before)


@pytest.mark.parametrize("kept", [1, 20, -1])
def test_a_last_line_that_was_cut_off_is_no_line_and_the_next_one_is_whole(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.write(ORGANIZATION, "one", "checked", "done")
        whole = path.stat().st_size
        journal.write(ORGANIZATION, "two", "checked", "done")
        size = path.stat().st_size
    os.truncate(path, whole + kept if kept > 0 else size + kept)
    assert [line.id for line in read_journal(path)] == ["one"]
    with Journal(path) as journal:
        journal.write(ORGANIZATION, "three", "checked", "done")
    assert [line.id for line in read_journal(path)] == ["one", "three"]


def test_a_line_in_the_middle_that_is_none_is_said_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.write(ORGANIZATION, "one", "checked", "done")
    path.write_text("{}\n" + path.read_text())
    with pytest.raises(
        LifecycleError, match=r"journal, line 1: this is no line of a journal .*; restore the"
    ):
        read_journal(path)


def test_a_journal_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(LifecycleError, match="nothing is done without a journal"):
        Journal(tmp_path / "nowhere" / "journal")
    with Path("/dev/full").open("wb") as full, Journal(tmp_path / "journal") as journal:
        os.dup2(full.fileno(), journal._file)
        with pytest.raises(StoppedError, match=r"cannot be written any more \(No space left on device\)"):
            journal.write(ORGANIZATION, "one", "checked", "done")
        assert journal.lines == ()


def test_a_second_run_is_refused_with_the_process_that_has_the_plan(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    with (
        PlanLock(plan, "connections apply"),
        pytest.raises(
            LifecycleError,
            match=rf"plan\.yaml is being worked on by `connections apply` \(process {os.getpid()}, since ",
        ),
        PlanLock(plan, "connections revert"),
    ):
        pass
    with PlanLock(plan, "connections revert"):
        assert json.loads(lock_path(plan).read_text())["doing"] == "connections revert"
    assert not lock_path(plan).exists()


def test_a_journal_without_a_line_leaves_no_file(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal") as journal:
        assert journal.lines == ()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_process_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    script = (
        "import sys, pathlib\n"
        "from azure_service_connections.lifecycle.apply.plan_lock import PlanLock\n"
        "with PlanLock(pathlib.Path(sys.argv[1]), 'connections apply'):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(plan)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(LifecycleError, match=f"process {process.pid}"), PlanLock(plan, "x"):
            pass
        process.kill()
    assert json.loads(lock_path(plan).read_text())["pid"] == process.pid
    started = time.monotonic()
    with PlanLock(plan, "connections apply"):
        assert json.loads(lock_path(plan).read_text())["pid"] == os.getpid()
    assert time.monotonic() - started < 5


NOTES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(
    notes=st.lists(
        st.tuples(NOTES, st.dictionaries(NOTES, st.one_of(NOTES, st.booleans(), st.none()))), min_size=1
    ),
    cut=st.floats(0, 1),
)
def test_wherever_a_journal_is_cut_off_the_whole_lines_before_are_read(
    tmp_path_factory: pytest.TempPathFactory, notes: list[tuple[str, dict[str, object]]], cut: float
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal"
    ends = [0]
    with Journal(path) as journal:
        for note, detail in notes:
            journal.write(ORGANIZATION, "one", "checked", "done", note, more=detail)
            ends.append(path.stat().st_size)
        written = journal.lines
    size = int(ends[-1] * cut)
    os.truncate(path, size)
    whole = sum(end <= size for end in ends) - 1
    assert read_journal(path) == written[:whole]
    with Journal(path) as journal:
        journal.write(ORGANIZATION, "two", "proven", "done")
    assert [line.id for line in read_journal(path)] == ["one"] * whole + ["two"]
