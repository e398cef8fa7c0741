"""Stacks as a released version left them: their state, their configuration, and what the services held.

    python tests/engine/recorded_stack.py

records those of the version in hand; a released one is never recorded again.
"""

import json
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import yaml
from engine_stack import PYTHON, ROOT, Sandbox, Stack, make_project, run, running_sandbox

from azure_service_connections.sandbox.store import Store
from azure_service_connections.version import VERSION

RECORDED: Final = ROOT / "tests" / "engine" / "upgrades"
STACKS: Final = ("sandbox", "matrix")
_OF_THE_MACHINE: Final = frozenset({"stackTrace", "sourcePosition"})
"""Where in a program a resource stands: paths of a machine, and nothing that an up compares."""


@dataclass(frozen=True)
class RecordedStack:
    """One stack of one version."""

    name: str
    configuration: str
    """The text of its stack file."""
    state: dict[str, Any]
    """What `pulumi stack export` wrote; its secrets are locked with the sandbox's passphrase."""
    services: dict[str, dict[str, Any]]
    """What the sandbox held, by collection and id. Previews look up objects of the stack, too."""

    @classmethod
    def read(cls, version: str, name: str) -> Self:
        folder = RECORDED / version
        return cls(
            name,
            (folder / f"Pulumi.{name}.yaml").read_text("utf-8"),
            json.loads((folder / f"{name}.state.json").read_text("utf-8")),
            json.loads((folder / f"{name}.services.json").read_text("utf-8")),
        )

    def write(self, version: str) -> None:
        folder = RECORDED / version
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"Pulumi.{self.name}.yaml").write_text(self.configuration, "utf-8")
        (folder / f"{self.name}.state.json").write_text(_text(self.state), "utf-8")
        (folder / f"{self.name}.services.json").write_text(_text(self.services), "utf-8")

    def plant(self, home: Path) -> None:
        """Give a sandbox that has not started yet in a home what the services held."""
        store = Store(home / "state.db")
        with store.transaction():
            for collection, documents in self.services.items():
                for identifier, document in documents.items():
                    store.put(collection, identifier, document)
        store.close()

    def imported(self, sandbox: Sandbox, folder: Path) -> Stack:
        """A stack of today's program that has this state."""
        stack = program(sandbox, folder, self.name).text(self.configuration).init()
        (folder / "recorded.json").write_text(json.dumps(self.state))
        stack.pulumi("stack", "import", "--stack", self.name, "--file", str(folder / "recorded.json"))
        return stack


def program(sandbox: Sandbox, folder: Path, name: str) -> Stack:
    """A stack of this repository's program in a folder that does not exist yet."""
    folder.mkdir()
    project = {**yaml.safe_load((ROOT / "Pulumi.yaml").read_text()), "runtime": PYTHON}
    return make_project(sandbox, folder, name, project, (ROOT / "__main__.py").read_text())


def record(name: str, folder: Path) -> RecordedStack:
    """Bring a stack up on a sandbox of its own and write down both."""
    with running_sandbox(os.environ["PATH"], folder / "home") as sandbox:
        configuration = (ROOT / "stacks" / f"Pulumi.{name}.yaml").read_text()
        stack = program(sandbox, folder / name, name).text(configuration).init()
        stack.up()
        state = json.loads(stack.pulumi("stack", "export", "--stack", name))
        held = json.dumps(sandbox.control("GET", "dump"))
        # A sandbox has another port each time; nothing in the state names it.
        held = re.sub(r"https://127\.0\.0\.1:\d+", "https://sandbox.example", held)
        return RecordedStack(name, configuration, _without_machine(state), json.loads(held))


def _without_machine(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_machine(value) for key, value in part.items() if key not in _OF_THE_MACHINE}
    return [_without_machine(each) for each in part] if isinstance(part, list) else part


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=0, ensure_ascii=False) + "\n"


def main() -> int:
    """Record the stacks of this version."""
    engine = run([sys.executable, str(ROOT / "toolchain" / "engine.py")], dict(os.environ))
    folders = [engine.stdout.strip(), str(Path(sys.executable).parent), os.environ["PATH"]]
    os.environ["PATH"] = os.pathsep.join(folder for folder in folders if folder)
    for name in STACKS:
        with tempfile.TemporaryDirectory() as folder:
            record(name, Path(folder)).write(VERSION)
    return 0


if __name__ == "__main__":
    sys.exit(main())
