"""`make matrix`: brings every kind of connection up in one run on the sandbox, proves each, writes the table.

The stack is stacks/Pulumi.matrix.yaml, a row a connection.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

STACK = "matrix"
PAGE = Path(__file__).parent.parent / "docs" / "matrix.md"
_COMPONENT = "azure-service-connections:index:ServiceConnection"
_HEAD = Path(__file__).with_name("matrix-head.md")


class MatrixError(Exception):
    """A step failed; the message is what it printed last."""


@dataclass(frozen=True)
class Row:
    """One connection of the matrix."""

    key: str
    identity: str
    credential: str
    scope: str
    resources: int
    ready: float
    verified: str

    def line(self, changes: int) -> str:
        """The row of the table."""
        cells = (
            f"`{self.key}`",
            self.identity,
            self.credential,
            self.scope,
            str(self.resources),
            f"{self.ready:.0f}",
            self.verified,
            str(changes),
        )
        return f"| {' | '.join(cells)} |"


def main() -> int:
    """Run everything; exit code 0 when every row is verified and a second run changes nothing."""
    try:
        _run("pulumi", "stack", "init", STACK)
        started = datetime.now(UTC)
        _say("Bringing every row up")
        _run("pulumi", "up", "--stack", STACK, "--yes", "--skip-preview", "--suppress-outputs")
        _say("Proving every row")
        proofs = {proof["key"]: proof for proof in json.loads(_run(*_VERIFY, accepted=(0, 1)))}
        _say("Running it a second time")
        changes = _changes(json.loads(_run("pulumi", "preview", "--stack", STACK, "--json")))
        outputs = json.loads(_run("pulumi", "stack", "output", "--stack", STACK, "--json"))["connections"]
        state = json.loads(_run("pulumi", "stack", "export", "--stack", STACK))["deployment"]["resources"]
    except MatrixError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    rows = [_row(key, output, proofs[key], state, started) for key, output in outputs.items()]
    table = "\n".join(row.line(changes.get(row.key, 0)) for row in rows)
    total = (
        f"\n{len(rows)} rows, {len(state)} resources, {sum(changes.values())} changes in the second run.\n"
    )
    PAGE.write_text(f"{_HEAD.read_text('utf-8')}{table}\n{total}", "utf-8")
    sys.stdout.write(f"{table}\n{total}")
    return 0 if all(proof["ok"] for proof in proofs.values()) and not changes else 1


_VERIFY = ("connections", "verify", "--stack", STACK, "--json")


def _row(
    key: str, output: dict[str, Any], proof: dict[str, Any], state: list[dict[str, Any]], started: datetime
) -> Row:
    family = _family(key, state)
    created = [datetime.fromisoformat(each["created"]) for each in family if each.get("created")]
    used = ("token", "read", "write")
    steps = [name for name in used if proof[name] == "done"]
    verified = ", ".join(steps) if steps else "pipeline only"
    return Row(
        key,
        _words(output["identity"]),
        _words(output["credential"]),
        _scope(output["scope"]),
        len(family),
        (max(created) - started).total_seconds() if created else 0.0,
        verified if proof["ok"] else f"**no**: {proof['problem']}",
    )


def _family(key: str, state: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A connection's component and everything below it."""
    found = {each["urn"] for each in state if each["type"] == _COMPONENT and each["urn"].endswith(f"::{key}")}
    while grown := {each["urn"] for each in state if each.get("parent") in found} - found:
        found |= grown
    return [each for each in state if each["urn"] in found]


def _changes(preview: dict[str, Any]) -> dict[str, int]:
    """How many resources of which name a preview would change."""
    counted: dict[str, int] = {}
    for step in preview.get("steps", []):
        if step["op"] != "same":
            key = step["urn"].rsplit("::", 1)[-1].split("/", 1)[0]
            counted[key] = counted.get(key, 0) + 1
    return counted


def _scope(path: str) -> str:
    lower = path.lower()
    for part, name in (
        ("microsoft.web/sites", "App Service"),
        ("microsoft.machinelearningservices", "workspace"),
        ("managementgroups", "management group"),
        ("resourcegroups", "resource group"),
    ):
        if part in lower:
            return name
    return "subscription"


def _words(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)


def _run(*command: str, accepted: tuple[int, ...] = (0,)) -> str:
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in accepted:
        raise MatrixError(f"`{' '.join(command)}` failed: {(done.stdout + done.stderr)[-2000:]}")
    _say(f"  {' '.join(command[:2])}: {time.monotonic() - started:.0f} s")
    return done.stdout


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
