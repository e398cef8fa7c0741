"""`make examples`: runs what each example's page says on a sandbox of its own, proves it and takes it down.

The examples are copied first, so that the checkout stays as it is.
"""

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from examples.page import Page

ROOT: Final = Path(__file__).parent
AT_A_TIME: Final = 3
_LEAKING: Final = ("PULUMI_", "AZDO_", "ARM_", "AZURE_", "SANDBOX_")
_MADE: Final = (
    "applications",
    "service-principals",
    "federated-credentials",
    "resources",
    "role-assignments",
    "endpoints",
)
"""What a program can make in the services, by the names of the sandbox's collections."""


class ExampleError(Exception):
    """A step failed; the message is what it printed last."""


@dataclass(frozen=True)
class Outcome:
    """What became of an example."""

    name: str
    resources: int = 0
    seconds: float = 0.0
    verified: str = "no"
    changes: int = 0
    left: int = 0
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether everything is as it should be."""
        return not self.problem and not self.changes and not self.left

    def line(self) -> str:
        """The row of the table."""
        cells = (self.resources, f"{self.seconds:.0f}", self.verified, self.changes, self.left)
        return f"| {self.name} | {' | '.join(str(each) for each in cells)} |"


class Example:
    """One example in its copy, with a sandbox of its own."""

    def __init__(self, name: str, copy: Path, home: Path) -> None:
        self.name = name
        self._folder = copy / name
        self._page = Page.read(self._folder / "README.md")
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(_LEAKING)}
        self._environment = {**inherited, "SANDBOX_HOME": str(home), "SANDBOX_PORT": "0"}

    def run(self) -> Outcome:
        """Bring it up, prove it, look at a second run, and take it down."""
        try:
            return self._run()
        except ExampleError as error:
            return Outcome(self.name, problem=str(error))
        finally:
            subprocess.run(
                ["connections", "sandbox", "down"], env=self._environment, capture_output=True, check=False
            )

    def _run(self) -> Outcome:
        self._bash(self._page.start)
        before = self._held()
        started = time.monotonic()
        self._bash(self._page.up)
        seconds = time.monotonic() - started
        self._environment |= self._variables()
        stacks = sorted(path.parent for path in self._folder.rglob("Pulumi.yaml"))
        resources = changes = 0
        # Where no one stack can be verified at once, the page names each connection, and has failed with it.
        proven = self._page.up.count("connections verify --organization")
        for folder in stacks:
            state = json.loads(self._bash("pulumi stack export --stack sandbox", folder))
            resources += len(state["deployment"].get("resources", ()))
            preview = json.loads(self._bash("pulumi preview --stack sandbox --json", folder))
            changes += sum(
                count for kind, count in preview["changeSummary"].items() if kind not in ("same", "read")
            )
            outputs = json.loads(self._bash("pulumi stack output --stack sandbox --json", folder))
            if "connections" in outputs and "connections verify --stack" in self._page.up:
                proofs = json.loads(self._bash("connections verify --stack sandbox --json", folder))
                proven += sum(1 for proof in proofs if proof["ok"])
        self._bash(self._page.down)
        left = self._held() - before
        return Outcome(self.name, resources, seconds, str(proven), changes, len(left))

    def _held(self) -> set[str]:
        """The ids of everything that a program could have made."""
        variables = self._variables()
        trusted = ssl.create_default_context(cafile=variables["SSL_CERT_FILE"])
        with httpx.Client(verify=trusted, trust_env=False) as client:
            answer = client.get(f"{variables['SANDBOX_URL']}/_sandbox/dump").raise_for_status()
        held: dict[str, Any] = answer.json()
        return {f"{kind}/{key}" for kind in _MADE for key in held.get(kind, {})}

    def _variables(self) -> Mapping[str, str]:
        found: dict[str, str] = json.loads(self._bash("connections sandbox env --json"))
        return found

    def _bash(self, text: str, folder: Path | None = None) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=folder or self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ExampleError(f"{text.splitlines()[0]} …: {(done.stdout + done.stderr)[-3000:]}")
        return done.stdout


def main(arguments: list[str]) -> int:
    """Run the examples that are named, or all; exit code 0 when every one is as it should be."""
    known = sorted(path.parent.name for path in ROOT.glob("*/README.md"))
    if unknown := [each for each in arguments if each not in known]:
        sys.stderr.write(f"error: there is no example {unknown[0]}; name some of {', '.join(known)}.\n")
        return 2
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_A_TIME) as together:
        place = Path(folder)
        shutil.copytree(ROOT, place / ROOT.name, ignore=shutil.ignore_patterns("__pycache__", ".sandbox"))
        # The projects name them as two or three folders up.
        for beside in (".venv", "components", "azure_service_connections"):
            (place / beside).symlink_to(ROOT.parent / beside)
        examples = [
            Example(name, place / ROOT.name, place / "sandboxes" / name) for name in arguments or known
        ]
        for outcome in together.map(Example.run, examples):
            state = "is as it should be" if outcome.good else "is not as it should be"
            sys.stderr.write(f"[{len(outcomes) + 1}/{len(examples)}] {outcome.name} {state}\n")
            outcomes.append(outcome)
    sys.stdout.write(
        "| example | resources | seconds | verified | second run's changes | left after destroy |\n"
    )
    sys.stdout.write("| --- | --- | --- | --- | --- | --- |\n")
    for outcome in outcomes:
        sys.stdout.write(f"{outcome.line()}\n")
    for outcome in outcomes:
        if outcome.problem:
            sys.stderr.write(f"error: {outcome.name}: {outcome.problem}\n")
    return 0 if all(outcome.good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
