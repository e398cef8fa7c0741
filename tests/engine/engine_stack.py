"""The program of this repository on the real engine, and a sandbox that it works against."""

import json
import os
import shlex
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

ROOT = Path(__file__).resolve().parents[2]
LEAKING = ("PULUMI_", "AZDO_", "ARM_", "AZURE_", "SANDBOX_")
CONNECTIONS = "azure-service-connections:connections"
PYTHON = {"name": "python", "options": {"virtualenv": sys.prefix}}
"""The runtime of a project or a package: Python from the environment that runs the tests."""


def run(
    command: list[str], environment: dict[str, str], folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@dataclass
class Sandbox:
    """A running sandbox with the sample estate, and what its services hold."""

    environment: dict[str, str]

    def control(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self.send(method, f"{self.environment['SANDBOX_URL']}/_sandbox/{path}", **arguments)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def send(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """What it answers to a request."""
        with httpx.Client(verify=self._trust(), trust_env=False) as client:
            return client.request(method, url, **arguments)

    def holds(self, collection: str) -> list[dict[str, Any]]:
        """The documents of one collection."""
        return list(self.control("GET", "dump").get(collection, {}).values())

    def requests(self) -> list[dict[str, Any]]:
        """Every request so far: service, method, path, status."""
        return list(self.control("GET", "requests")["value"])

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.environment["SSL_CERT_FILE"])


@contextmanager
def running_sandbox(engine_path: str, home: Path) -> Iterator[Sandbox]:
    """A new sandbox with the sample estate, which is stopped at the end."""
    base = {key: value for key, value in os.environ.items() if not key.startswith(LEAKING)}
    base |= {"PATH": engine_path, "SANDBOX_HOME": str(home)}
    done = run(["connections", "sandbox", "up", "--port", "0"], base)
    assert done.returncode == 0, done.stderr
    try:
        exports = run(["connections", "sandbox", "env"], base)
        assert exports.returncode == 0, exports.stderr
        variables = dict(
            word.split("=", 1)
            for line in exports.stdout.splitlines()
            for word in shlex.split(line.removeprefix("export "))
            if "=" in word
        )
        path = variables.pop("PATH").replace("$PATH", engine_path).replace("${PATH}", engine_path)
        yield Sandbox({**base, **variables, "PATH": path})
    finally:
        run(["connections", "sandbox", "down"], base)


@dataclass
class Stack:
    """A stack of a program in a project folder of its own, so that the checkout stays as it is."""

    folder: Path
    environment: dict[str, str]
    name: str = "test"
    printed: list[str] = field(default_factory=list)

    def connections(self, connections: Any) -> "Stack":
        """Write the stack's configuration."""
        return self.text(yaml.safe_dump({"config": {CONNECTIONS: connections}}, sort_keys=False))

    def text(self, text: str) -> "Stack":
        """Write the stack's file as it stands."""
        (self.folder / "stacks" / f"Pulumi.{self.name}.yaml").write_text(text)
        return self

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        """What a pulumi command prints; it must succeed, or fail if that is expected."""
        done = run(["pulumi", *arguments, "--non-interactive"], self.environment, self.folder)
        output = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, output
        assert "Traceback" not in output, output
        return output

    def init(self) -> "Stack":
        self.pulumi("stack", "init", self.name)
        return self

    def up(self, *arguments: str, fails: bool = False) -> str:
        return self.pulumi("up", "--stack", self.name, "--yes", "--skip-preview", *arguments, fails=fails)

    def preview(self, *arguments: str, fails: bool = False) -> str:
        return self.pulumi("preview", "--stack", self.name, *arguments, fails=fails)

    def destroy(self) -> str:
        # Connections are protected: see docs/decisions/0004-connections-are-protected.md.
        self.pulumi("state", "unprotect", "--all", "--yes", "--stack", self.name)
        return self.pulumi("destroy", "--stack", self.name, "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """The stack's output `connections`."""
        return dict(json.loads(self.pulumi("stack", "output", "--stack", self.name, "--json"))["connections"])

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the stack's state."""
        state = json.loads(self.pulumi("stack", "export", "--stack", self.name))
        return list(state["deployment"].get("resources", []))


def make_project(
    sandbox: Sandbox, folder: Path, name: str, project: Mapping[str, Any], program: str | None = None
) -> Stack:
    """A stack in a new project folder with the components beside it.

    The program is the text of a `__main__.py`; a project in YAML holds its own.
    """
    (folder / "stacks").mkdir()
    # JSON is YAML without aliases, which programs in YAML cannot hold.
    (folder / "Pulumi.yaml").write_text(json.dumps({"stackConfigDir": "stacks", **project}, indent=2))
    if program is not None:
        (folder / "__main__.py").write_text(program)
    components = folder / "components"
    shutil.copytree(ROOT / "components", components, ignore=shutil.ignore_patterns("__pycache__"))
    (components / "PulumiPlugin.yaml").write_text(yaml.safe_dump({"runtime": PYTHON}))
    backend = folder / "backend"
    backend.mkdir()
    return Stack(folder, {**sandbox.environment, "PULUMI_BACKEND_URL": f"file://{backend}"}, name)
