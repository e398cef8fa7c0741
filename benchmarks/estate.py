"""`make estate`: everything that is done to connections that exist, on an estate of hundreds of them.

Inventory, plan, apply, a second plan that finds nothing left to do, ten reverted, the rest adopted into a
stack, and a preview of it that shows no change. It prints the counts and writes docs/estate.md.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "estate.md"
STACK: Final = "estate"
REVERTED: Final = 10
_HEAD: Final = Path(__file__).with_name("estate-head.txt")
_PLAN: Final = "conversion-plan.yaml"
_CHANGES: Final = 3
"""The exit code of a command that found something to do."""


class StepError(Exception):
    """A step did not do what it has to; the message says what it printed last."""


class Steps:
    """Runs commands one after another in a project folder and keeps a row of the table for each."""

    def __init__(self, folder: Path, organizations: Iterable[str]) -> None:
        self._folder = folder
        self._organizations = [word for each in organizations for word in ("-o", each)]
        self.rows: list[tuple[str, str, float]] = []

    def inventory(self) -> list[dict[str, Any]]:
        """Every connection of the estate."""
        records: list[dict[str, Any]] = self._json("inventory", "inventory", "--json")
        self._note("inventory", _counted((_kind(each) for each in records), len(records), "connections"))
        return records

    def plan(self, name: str, *options: str) -> dict[str, Any]:
        """What a plan says; its file is in the project folder."""
        self._run(name, "connections", "plan", *self._organizations, *options, accepted=(0, _CHANGES))
        plan: dict[str, Any] = yaml.safe_load((self._folder / _PLAN).read_text("utf-8"))
        self._note(name, _counted((each["action"] for each in plan["entries"]), None, "entries"))
        return plan

    def apply(self) -> list[dict[str, Any]]:
        """Carry the plan out."""
        outcomes: list[dict[str, Any]] = json.loads(
            self._run("apply", "connections", "apply", _PLAN, "--yes", "--json")
        )
        self._note("apply", _counted((each["state"] for each in outcomes), None, "entries"))
        return outcomes

    def revert(self, names: list[str]) -> None:
        """Take conversions back."""
        self._run("revert", "connections", "revert", *self._organizations, *names, "--yes")
        self._note("revert", f"{len(names)} connections")

    def adopt(self) -> dict[str, Any]:
        """Take what can be taken into the stack."""
        adopted: dict[str, Any] = self._json("adopt", "adopt", "--stack", STACK, "--yes", "--json")
        return adopted

    def preview(self) -> int:
        """The number of changes that a preview of the stack proposes."""
        printed = self._run("preview", "pulumi", "preview", "--stack", STACK, "--json")
        summary: Mapping[str, int] = json.loads(printed)["changeSummary"]
        changes = sum(count for kind, count in summary.items() if kind not in ("same", "read"))
        self._note("preview", f"{changes} changes, {summary.get('same', 0)} resources unchanged")
        return changes

    def verify(self) -> dict[str, dict[str, Any]]:
        """Let Azure DevOps sign in with every connection, and look for what is wrong with each."""
        printed = self._run(
            "verify", "connections", "verify", *self._organizations, "--json", accepted=(0, _CHANGES)
        )
        rows: list[dict[str, Any]] = json.loads(printed)
        healthy = sum(1 for each in rows if not each["findings"])
        signing_in = _counted((f"sign in: {each['signIn']}" for each in rows), None, "")
        self._note("verify", f"{signing_in}; {healthy} without any finding")
        return {each["id"]: each for each in rows}

    def note(self, step: str, what: str) -> None:
        """Say more about the step that was done last."""
        self._note(step, what)

    def pulumi(self, *arguments: str) -> None:
        """A command of the engine that is no step of its own."""
        self._run("pulumi", "pulumi", *arguments)

    def _json(self, step: str, verb: str, *options: str) -> Any:
        return json.loads(self._run(step, "connections", verb, *self._organizations, *options))

    def _run(self, step: str, *command: str, accepted: tuple[int, ...] = (0,)) -> str:
        started = time.monotonic()
        sys.stderr.write(f"{step}: {' '.join(command[:3])} …\n")
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)
        self._seconds = time.monotonic() - started
        if done.returncode not in accepted or (not done.stdout and "--json" in command):
            raise StepError(f"{step} ended with {done.returncode}: {(done.stderr or done.stdout)[-3000:]}")
        return done.stdout

    def _note(self, step: str, what: str) -> None:
        self.rows.append((step, what, self._seconds))


def main(arguments: list[str]) -> int:
    """Run everything; exit code 0 when each step did what it has to."""
    parser = argparse.ArgumentParser(prog="benchmarks.estate", description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty folder for the project of the stack")
    parser.add_argument("organizations", nargs="+", help="addresses of the estate's organizations")
    given = parser.parse_args(arguments)
    _make_project(given.folder)
    steps = Steps(given.folder, given.organizations)
    try:
        _everything(steps)
    except StepError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    table = "".join(f"| {step} | {what} | {seconds:.0f} |\n" for step, what, seconds in steps.rows)
    PAGE.write_text(_HEAD.read_text("utf-8") + table, "utf-8")
    sys.stdout.write(table)
    return 0


def _everything(steps: Steps) -> None:
    before = {each["id"]: each for each in steps.inventory()}
    plan = steps.plan("plan", "--retire", "old-credential")
    planned = [each for each in plan["entries"] if each["action"] != "keep"]
    outcomes = {each["id"]: each for each in steps.apply()}
    _expect(all(outcomes[each["id"]]["state"] == "done" for each in planned), "apply left entries undone")
    verified = steps.verify()
    broken = [each for each in planned if verified[each["id"]]["signIn"] != "yes"]
    _expect(not broken, f"{len(broken)} connections that were changed do not sign in")
    again = steps.plan("plan again", "--force")
    left = [each for each in again["entries"] if each["action"] != "keep"]
    _expect(not left, f"a second plan still finds {len(left)} connections to change")
    reverted = [each for each in planned if _revertible(each, before[each["id"]])][:REVERTED]
    steps.revert([each["id"] for each in reverted])
    after = {each["id"]: each for each in steps.inventory()}
    _expect(
        all(after[each["id"]]["scheme"] == "ServicePrincipal" for each in reverted),
        "a revert changed nothing",
    )
    steps.pulumi("stack", "init", STACK)
    adopted = steps.adopt()
    steps.note("adopt", f"{len(adopted['adopted'])} adopted, {len(adopted['leftOut'])} left out")
    _expect(bool(adopted["adopted"]), "nothing was adopted")
    _expect(steps.preview() == 0, "the preview after the adoption proposes changes")


def _revertible(entry: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether Azure DevOps made the identity of a converted connection, and its old secret still signs in."""
    if entry["action"] != "convert" or entry["credential"] != "service":
        return False
    now = datetime.now(UTC)
    return any(datetime.fromisoformat(each["expires"]) > now for each in record["identity"]["secrets"])


def _make_project(folder: Path) -> None:
    """A project of the program of this repository, so that the checkout's own stacks stay as they are."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))
    project["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False), "utf-8")
    (folder / "stacks").mkdir()
    for name in ("__main__.py", "components"):
        (folder / name).symlink_to(ROOT / name)


def _kind(record: Mapping[str, Any]) -> str:
    if record["credentialKind"] != "federated":
        return str(record["credentialKind"])
    return f"federated by {'Entra' if record['issuerKind'] == 'entra' else 'Azure DevOps'}"


def _counted(kinds: Iterable[str], total: int | None, of: str) -> str:
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(kinds).items()))
    return f"{total} {of}: {counts}" if total is not None else counts


def _expect(condition: bool, problem: str) -> None:
    if not condition:
        raise StepError(problem)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
