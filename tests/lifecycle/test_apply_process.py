"""`connections apply` as a process of its own, and killed."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from old_connections import OldConnections, entry, lines, save

from azure_service_connections.cli.main import main
from azure_service_connections.cli.removable import KINDS
from azure_service_connections.lifecycle.plan.plan_reading import read_plan
from azure_service_connections.sandbox.devops import service_connections

COMMAND = [sys.executable, "-m", "azure_service_connections.cli.main", "apply"]


def start(old: OldConnections, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, **old.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell runs in the background ignores interrupts, and so does everything that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize(
    "after",
    ["POST .*federatedIdentityCredentials", "PUT .*serviceendpoint/endpoints/", "POST .*removePassword"],
)
def test_a_process_that_is_killed_leaves_a_plan_that_the_next_one_brings_to_its_end(
    old: OldConnections, tmp_path: Path, after: str
) -> None:
    first, second = old.read("press-a", "press-b")
    plan = save(
        old.plan(
            entry(first, "convert", "place", retire=("secrets",)),
            entry(second, "convert", "place", retire=("secrets",)),
        ),
        tmp_path,
    )
    old.cloud.faults.set_latency(0.02)
    with start(old, str(plan), "--yes", "--parallel", "2") as process:
        old.after(after, process.kill)
        process.communicate(timeout=60)
    assert process.returncode == -9
    assert old.works("press-a")
    assert old.works("press-b")
    with start(old, str(plan), "--yes", "--json") as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert [each["state"] for each in json.loads(output)] == ["done", "done"]
    assert len(old.trusts(first.client_id)) == 2
    assert old.one("applications", appId=first.client_id)["passwordCredentials"] == []
    assert old.asked("POST", "federatedIdentityCredentials") == 2
    assert old.asked("PUT", "serviceendpoint/endpoints") == 2
    assert old.asked("POST", "removePassword") == 1
    for secret in ("secret-of-press", "personal-access-token", "secret-of-the-operator"):
        assert secret not in output + errors + (tmp_path / "plan.yaml.journal.jsonl").read_text()


def test_a_second_process_is_told_of_the_first(old: OldConnections, tmp_path: Path) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place")), tmp_path)
    seen: list[tuple[int, str]] = []

    def try_it_as_well() -> None:
        with start(old, str(plan), "--yes") as second:
            _, errors = second.communicate(timeout=60)
        seen.append((second.returncode, errors))

    old.after("PUT .*serviceendpoint/endpoints/", try_it_as_well)
    with start(old, str(plan), "--yes") as process:
        process.communicate(timeout=60)
    assert process.returncode == 0
    ((code, errors),) = seen
    assert code == 1
    assert f"plan.yaml is being worked on by `connections apply` (process {process.pid}" in errors
    assert old.asked("PUT", "serviceendpoint/endpoints") == 1


def test_the_command_shows_what_it_did_and_the_second_time_does_nothing(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, legacy = old.read("store", "legacy")
    plan = save(
        old.plan(
            entry(store, "convert", "place"),
            entry(legacy, "migrate-issuer", "place", retire=("old-credential",)),
        ),
        tmp_path,
    )
    assert main(["apply", str(plan), "--yes"]) == 0
    shown = capsys.readouterr()
    assert (
        "About to convert 1 connection, move 1 connection to Entra's issuer, place 2 federated" in shown.err
    )
    assert "[1/2]" in shown.err
    assert shown.err.endswith("2 entries: 2 done\n")
    assert "converted; signs in and reads its scope" in shown.out
    old.cloud.traffic.clear()
    assert main(["apply", str(plan), "--yes", "--json"]) == 0
    assert [each["changed"] for each in json.loads(capsys.readouterr().out)] == [False, False]
    assert list(old.cloud.traffic.entries) == []


def test_without_a_terminal_somebody_has_to_say_yes(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place")), tmp_path)
    assert main(["apply", str(plan)]) == 2
    errors = capsys.readouterr().err
    assert "error: There is no terminal to ask on; give --yes where nobody is to be asked" in errors
    assert lines(tmp_path) == ()
    assert old.scheme("store") == "ServicePrincipal"


def test_on_a_terminal_a_no_changes_nothing_and_a_yes_does_it(
    old: OldConnections,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place")), tmp_path)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert main(["apply", str(plan)]) == 1
    errors = capsys.readouterr().err
    assert "About to convert 1 connection and place 1 federated credential." in errors
    assert errors.endswith("error: Nothing was changed, as the answer was no.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["plan.yaml"]
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert main(["apply", str(plan)]) == 0
    assert old.scheme("store") == "WorkloadIdentityFederation"


def test_a_plan_of_hand_made_nonsense_changes_nothing(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place")), tmp_path)
    plan.write_text(plan.read_text().replace("action: convert", "action: destroy"))
    assert main(["apply", str(plan), "--yes"]) == 1
    assert "action" in capsys.readouterr().err
    assert old.scheme("store") == "ServicePrincipal"
    assert not (tmp_path / "plan.yaml.journal.jsonl").exists()


def test_a_token_goes_to_no_host_that_only_the_plan_names(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place")), tmp_path)
    plan.write_text(plan.read_text().replace(old.url, "https://dev.azure.example"))
    assert main(["apply", str(plan), "--yes"]) == 1
    assert "is about the organization https://dev.azure.example/fabrikam, which is at another host than" in (
        capsys.readouterr().err
    )


def test_a_plan_for_another_organization_than_the_given_one_says_so(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place")), tmp_path)
    assert main(["apply", str(plan), "--yes", "-o", "northwind"]) == 1
    assert "is about 'fabrikam', not about 'northwind'; name one of its organizations" in (
        capsys.readouterr().err
    )
    assert old.scheme("store") == "ServicePrincipal"


def test_what_failed_is_named_at_the_end_with_exit_code_1(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place").model_copy(update={"expects": "0" * 16})), tmp_path)
    assert main(["apply", str(plan), "--yes"]) == 1
    shown = capsys.readouterr()
    assert "error: fabrikam/Web/store: its scope, what its identity trusts" in shown.err
    assert "refused" in shown.out


def test_an_interrupt_lets_what_is_under_way_come_to_its_end_and_begins_nothing_more(
    old: OldConnections, tmp_path: Path
) -> None:
    names = ["store", "press-a", "press-b"]
    plan = save(old.plan(*(entry(each, "convert", "place") for each in old.read(*names))), tmp_path)
    old.cloud.faults.set_latency(0.05)
    with start(old, str(plan), "--yes", "--parallel", "1") as process:
        old.after("PUT .*serviceendpoint/endpoints/", lambda: process.send_signal(signal.SIGINT))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.endswith("error: interrupted; run the command again to go on.\n")
    assert "Traceback" not in errors
    assert [(line.step, line.state) for line in lines(tmp_path)][-1] == ("proven", "done")
    assert old.asked("PUT", "serviceendpoint/endpoints") == 1
    with start(old, str(plan), "--yes", "--json") as process:
        output, _ = process.communicate(timeout=60)
    assert [each["state"] for each in json.loads(output)] == ["done"] * 3
    assert old.asked("PUT", "serviceendpoint/endpoints") == 3


def test_orphans_of_a_plan_are_removed_unless_they_are_none_any_more(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (network,) = old.read("network")
    legacy = old.endpoint("legacy")
    kept = old.endpoint("network")
    for endpoint in (legacy, kept):
        service_connections.remove(old.cloud, endpoint)
    plan = tmp_path / "plan.yaml"
    words = ["plan", "-o", "fabrikam", "-o", "northwind", "-f", str(plan), "--remove-orphans", "--json"]
    assert main(words) == 3
    removals = json.loads(capsys.readouterr().out)["removals"]
    save(read_plan(plan).model_copy(update={"entries": ()}), tmp_path)
    assert {each["action"] for each in removals} == {"remove"}
    assert {each["kind"] for each in removals} >= {"application", "federatedCredential"}
    old.keep(kept)
    assert main(["apply", str(plan), "--yes", "--json"]) == 1
    shown = capsys.readouterr()
    states = {each["id"]: each["state"] for each in json.loads(shown.out)}
    refused = [each for each in removals if states[each["id"]] == "refused"]
    assert [each["kind"] for each in refused] == ["federatedCredential"]
    for each in removals:
        assert f"  remove the {KINDS[each['kind']]} {each['name']}: {each['reason']}\n" in shown.err
    assert "it is no orphan any more, or cannot be seen to be one; write a new plan" in shown.err
    assert old.cloud.store.one("applications", displayName="legacy") is None
    assert old.trusts(network.client_id)
    assert old.works("network")
    assert old.works("store")


def test_on_a_terminal_a_bar_shows_how_far_it_is(
    old: OldConnections,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place")), tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert main(["apply", str(plan), "--yes"]) == 0
    errors = capsys.readouterr().err
    assert "store: done" in errors
    assert "1/1" in errors
    assert "[1/1]" not in errors
