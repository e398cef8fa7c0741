"""The command `connections plan`: the file that it writes, what it prints, and its exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from old_connections import OldConnections, apply

from azure_service_connections.cli.plan import plan
from azure_service_connections.lifecycle.apply.journal import journal_path
from azure_service_connections.lifecycle.plan.plan_file import Plan
from azure_service_connections.lifecycle.plan.plan_reading import read_plan


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands are run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(plan, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def written(name: str = "conversion-plan.yaml") -> Plan:
    return read_plan(Path(name))


def actions(found: Plan) -> dict[str, tuple[str, str]]:
    return {each.connection: (each.action, each.credential) for each in found.entries}


def test_a_plan_for_what_exists_is_written_for_review(old: OldConnections) -> None:
    old.make_automatic("till")
    done = run()
    assert done.exit_code == 3, done.output
    assert actions(written()) == {
        "legacy": ("migrate-issuer", "place"),
        "network": ("migrate-issuer", "place"),
        "press-a": ("convert", "place"),
        "press-b": ("convert", "place"),
        "store": ("convert", "place"),
        "till": ("convert", "service"),
    }
    text = Path("conversion-plan.yaml").read_text()
    assert (
        "# What is to be done about service connections that exist: 4 convert and 2 migrate-issuer." in text
    )
    assert "- {project: Web, pipeline: deploy, tasks: [AzureCLI@2]}" in text
    assert done.stderr.splitlines()[-1] == (
        "4 convert and 2 migrate-issuer; review conversion-plan.yaml, then run `connections apply "
        "conversion-plan.yaml`"
    )
    assert "reading pipelines: 1 of 1" in done.stderr


def test_the_table_counts_actions_with_their_reasons(old: OldConnections) -> None:
    rows = [" ".join(line.split()) for line in run().stdout.splitlines()]
    assert rows[1] == "Action Count Reason Such as"
    assert "convert 3 it was made by hand; the federated credential is placed first Web/press-a" in rows
    assert any(row.startswith("migrate-issuer 2 Azure DevOps' own issuer ends on 2027-07-01") for row in rows)
    assert max(len(line.rstrip()) for line in run("--force").stdout.splitlines()) <= 120


def test_several_organizations_are_planned_at_once_and_written_the_same_again(old: OldConnections) -> None:
    run("-o", old.organization("northwind"), "-o", old.organization(), "-f", "one.yaml")
    run("-o", old.organization(), "-o", old.organization("northwind"), "-f", "two.yaml")
    one, two = written("one.yaml"), written("two.yaml")
    assert [each.connection for each in one.entries][-1] == "tills"
    assert one.entries == two.entries


def test_a_plan_is_about_the_connections_that_are_named(old: OldConnections) -> None:
    done = run("--only", "web/STORE", "--retire", "secrets")
    assert done.exit_code == 3
    (entry,) = written().entries
    assert (entry.connection, entry.retire) == ("store", ("secrets",))
    assert run("--only", "stroe").stderr.endswith("did you mean 'store'?\n")


def test_where_there_is_nothing_to_do_the_exit_code_is_0(old: OldConnections) -> None:
    old.cloud.store.remove("endpoints", old.endpoint("legacy")["id"])
    done = run("--only", "network", "--project", "Books")
    assert done.exit_code == 1
    assert "There is no connection 'network'" in done.stderr
    done = run("--project", "Books")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines()[-1] == "nothing to do: no connections"


def test_an_operator_who_may_not_change_applications_keeps_or_hands_off(
    old: OldConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    press = old.one("service-principals", displayName="press")
    old.put("service-principals", {**press, "directoryRoles": ["Application.Read.All"]})
    monkeypatch.setenv("ARM_CLIENT_ID", press["appId"])
    monkeypatch.setenv("ARM_CLIENT_SECRET", "secret-of-press")
    run("--only", "store")
    (entry,) = written().entries
    assert entry.action == "keep"
    assert entry.reason.startswith("it was made by hand, and the application 'store' belongs to others")
    assert run("--only", "store", "--handoff").exit_code == 3
    assert actions(written()) == {"store": ("convert", "handoff")}


def test_tasks_decide_and_a_table_of_one_s_own_goes_before(old: OldConnections) -> None:
    Path("tasks.yaml").write_text("tasks: {AzureCLI@2: {federation: unsupported, instead: AzureCLI@3}}")
    done = run("--only", "store", "--tasks", "tasks.yaml")
    assert done.exit_code == 0
    (entry,) = written().entries
    assert entry.action == "keep"
    assert entry.reason.startswith("AzureCLI@2 does not work with federation (in deploy); replace what fails")
    assert run("--only", "store", "--tasks", "tasks.yaml", "--convert", "store").exit_code == 3
    assert run("--only", "store", "--tasks", "tasks.yaml", "--accept-unsupported").exit_code == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"tasks: {A: supported}", "tasks.yaml: tasks.A is no task with its major version"),
        (b"\xff", "tasks.yaml: is not text in UTF-8."),
        (None, "tasks.yaml cannot be read (No such file or directory); name a table of tasks."),
    ],
)
def test_a_table_that_cannot_be_read_is_a_sentence(
    old: OldConnections, content: bytes | None, said: str
) -> None:
    if content is not None:
        Path("tasks.yaml").write_bytes(content)
    done = run("--tasks", "tasks.yaml")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert said in done.stderr


def test_the_plan_can_go_to_standard_output_or_be_json(old: OldConnections) -> None:
    done = run("--only", "store", "--output", "-")
    assert done.exit_code == 3
    Path("piped.yaml").write_text(done.stdout)
    assert actions(written("piped.yaml")) == {"store": ("convert", "place")}
    assert not Path("conversion-plan.yaml").exists()
    done = run("--only", "store", "--json")
    document: Any = json.loads(done.stdout)
    assert document["entries"][0]["action"] == "convert"
    assert document == written().as_json()
    wrong = run("--json", "--output", "-")
    assert (wrong.exit_code, "Only one of --json and --output -" in wrong.stderr) == (2, True)


def test_an_organization_that_cannot_be_read_leaves_an_earlier_plan_alone(
    old: OldConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    before = Path("conversion-plan.yaml").read_text()
    monkeypatch.setenv("AZDO_PERSONAL_ACCESS_TOKEN", "wrong-token")
    done = run()
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("error: The organization fabrikam does not take the ")
    assert Path("conversion-plan.yaml").read_text() == before


def test_a_plan_that_was_carried_out_is_not_overwritten_and_its_journal_is_kept(
    old: OldConnections, folder: Path
) -> None:
    run("--only", "store", "-f", "plan.yaml")
    apply(old, written("plan.yaml"), folder)
    before = Path("plan.yaml").read_text()
    done = run("-f", "plan.yaml")
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: plan.yaml has been carried out, and plan.yaml.journal.jsonl tells how far; write the new "
        "plan to another file with --output, or give --force to put the journal aside.\n"
    )
    assert Path("plan.yaml").read_text() == before
    journal = journal_path(folder / "plan.yaml").read_text()
    done = run("-f", "plan.yaml", "--force")
    assert done.exit_code == 3
    (aside,) = folder.glob("plan.yaml.journal.jsonl.*")
    assert aside.read_text() == journal
    assert not journal_path(folder / "plan.yaml").exists()
    assert f"put the journal of the earlier plan aside: {aside.name}" in done.stderr
    assert actions(written("plan.yaml"))["store"] == ("keep", "none")


def test_a_file_that_is_no_plan_is_not_overwritten(old: OldConnections) -> None:
    Path("README.md").write_text("read me")
    done = run("-f", "README.md")
    assert done.exit_code == 1
    assert "README.md exists and is no plan in order; write to another file with --output" in done.stderr
    assert Path("README.md").read_text() == "read me"
    assert run("-f", "README.md", "--force").exit_code == 3
    assert run("-f", "README.md").exit_code == 3


def test_a_plan_that_cannot_be_written_is_a_sentence_and_leaves_nothing(
    old: OldConnections, folder: Path
) -> None:
    done = run("-f", "nowhere/plan.yaml")
    assert done.exit_code == 1
    assert "nowhere/plan.yaml cannot be written (No such file or directory)" in done.stderr
    assert list(folder.iterdir()) == []


def test_an_organization_that_cannot_be_read_leaves_a_plan_for_the_others(old: OldConnections) -> None:
    done = run("-o", old.organization(), "-o", old.organization("nobody"))
    assert done.exit_code == 1
    assert "nobody" in done.stderr
    assert "store" in actions(written())


def test_what_a_connection_says_after_its_conversion_is_planned_from_anew(
    old: OldConnections, folder: Path
) -> None:
    old.make_automatic("till")
    run("--only", "till", "-f", "plan.yaml")
    (outcome,) = apply(old, written("plan.yaml"), folder)
    assert outcome.state == "done"
    assert run("--only", "till", "-f", "back.yaml").exit_code == 0
    (kept,) = written("back.yaml").entries
    assert kept.reason.startswith("it trusts Entra's issuer already; it can be reverted until ")
    assert run("--only", "till", "--revert", "till", "-f", "back.yaml").exit_code == 3
    (back,) = written("back.yaml").entries
    assert (back.action, back.deadline) == ("revert", kept.deadline)


def test_no_secret_is_ever_written(old: OldConnections) -> None:
    done = run("--retire", "secrets")
    everything = done.output + Path("conversion-plan.yaml").read_text()
    for secret in ("secret-of-store", "secret-of-press", "secret-of-the-operator", "token-of-kim"):
        assert secret not in everything


def test_what_has_lost_its_other_half_is_listed_and_removed_only_where_asked_for(old: OldConnections) -> None:
    store = old.one("applications", displayName="store")
    for collection, key in (("applications", "id"), ("service-principals", "id")):
        held = old.one(collection, appId=store["appId"])
        old.cloud.store.remove(collection, held[key])
    both = ("-o", old.organization(), "-o", old.organization("northwind"))
    assert run(*both, "--orphans").exit_code == 3
    found = {(each.kind, each.name): each.action for each in written().removals}
    assert found[("serviceConnection", "store")] == "keep"
    assert found[("serviceConnection", "tills")] == "keep"
    assert set(found.values()) == {"keep"}
    done = run(*both, "--remove-orphans")
    assert {each.action for each in written().removals} == {"remove"}
    assert actions(written())["store"] == ("keep", "none")
    assert f"and {len(found)} removed; review" in done.stderr
    for narrowed in (("--project", "Web"), ("--only", "press-a")):
        wrong = run("--remove-orphans", *narrowed)
        assert (wrong.exit_code, f"leave {narrowed[0]} out" in wrong.stderr) == (2, True)


def test_orphans_are_not_told_where_not_everything_could_be_read(old: OldConnections) -> None:
    done = run("-o", old.organization(), "-o", old.organization("nobody"), "--remove-orphans")
    assert done.exit_code == 1
    assert "Not everything could be read, so nobody can tell what is orphaned" in done.stderr
    assert not Path("conversion-plan.yaml").exists()
