"""`pulumi up` killed on the real engine at several points, recovered and taken up again."""

import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LEAKING = ("PULUMI_", "AZDO_", "ARM_", "AZURE_", "SANDBOX_", "REQUESTS_CA", "SSL_CERT")
SECONDS = 240


def command(environment: dict[str, str], *words: str, folder: Path = ROOT) -> str:
    """What a command writes to its output; it has to succeed."""
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Interrupted:
    """A stack on the real engine against a sandbox of the estate of these tests."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        trust = ssl.create_default_context(cafile=environment["SSL_CERT_FILE"])
        self._control = httpx.Client(base_url=environment["SANDBOX_URL"], verify=trust, trust_env=False)

    def close(self) -> None:
        self._control.close()

    def dump(self) -> dict[str, dict[str, Any]]:
        """What the services hold."""
        answer = self._control.get("/_sandbox/dump")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def configure(self) -> None:
        """Two connections: an application and a managed identity, each made here."""
        subscription = next(
            key for key, each in self.dump()["subscriptions"].items() if each["name"] == "Shop"
        )
        scope = {"subscriptionId": subscription, "subscriptionName": "Shop", "name": "rg-shop"}
        common = {"project": "Web", "resourceGroup": scope, "pipelines": ["lint"], "replace": "allowed"}
        identity = {"name": "id-new", "resourceGroup": "rg-shop", "location": "northeurope"}
        connections = {
            "new-app": {**common, "appRegistration": {}, "roles": {"read": {"role": "Reader"}}},
            "new-identity": {
                **common,
                "managedIdentity": identity,
                "roles": {"write": {"role": "Contributor"}},
            },
        }
        (self.folder / "stacks" / "Pulumi.interrupted.yaml").write_text(
            yaml.safe_dump({"config": {"azure-service-connections:connections": connections}})
        )

    def run(self, *words: str) -> str:
        """What a command prints; it has to succeed."""
        return command(self.environment, *words, folder=self.folder)

    def pulumi(self, *arguments: str) -> str:
        return self.run("pulumi", *arguments, "--stack", "interrupted", "--non-interactive")

    def up(self, *arguments: str) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", *arguments)

    def kill(self, verb: str, method: str, path: str) -> None:
        """Run an engine and kill it as soon as the sandbox has answered a request."""
        process = self._run_until(verb, method, path)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL

    def lose_services(self, verb: str, method: str, path: str, times: int) -> None:
        """Run an engine, kill the sandbox as soon as it has answered some requests, and start it again.

        The run fails in between.
        """
        process = self._run_until(verb, method, path, times)
        running = json.loads((Path(self.environment["SANDBOX_HOME"]) / "sandbox.json").read_text())
        os.kill(running["pid"], signal.SIGKILL)
        assert process.wait(SECONDS) not in (0, -signal.SIGKILL)
        self.run("connections", "sandbox", "up")

    def _run_until(self, verb: str, method: str, path: str, times: int = 1) -> subprocess.Popen[bytes]:
        """An engine that runs and has sent requests which the sandbox has answered."""
        self._control.delete("/_sandbox/requests")
        process = subprocess.Popen(
            ["pulumi", verb, "--yes", "--skip-preview", "--stack", "interrupted", "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + SECONDS
        while self._asked(method, path) < times:
            assert process.poll() is None, f"the run ended before {method} {path}"
            assert time.monotonic() < until
        return process

    def _asked(self, method: str, path: str) -> int:
        return sum(
            each["method"] == method and re.search(path, each["path"], re.IGNORECASE) is not None
            for each in self._control.get("/_sandbox/requests").json()["value"]
        )

    def recover(self) -> dict[str, Any]:
        """The report of `connections recover`."""
        return dict(json.loads(self.run("connections", "recover", "--stack", "interrupted", "--json")))

    def state(self) -> list[dict[str, Any]]:
        """The resources in the state; nothing in it is pending."""
        deployment = json.loads(self.pulumi("stack", "export"))["deployment"]
        assert not deployment.get("pending_operations")
        return list(deployment.get("resources") or ())

    def counts(self) -> dict[str, int]:
        """How many objects the services hold of each kind that a connection is made of."""
        held = self.dump()
        kinds = ("applications", "service-principals", "federated-credentials", "endpoints")
        counted = {kind: len(held.get(kind, {})) for kind in (*kinds, "role-assignments", "resources")}
        rights = held.get("pipeline-permissions", {}).values()
        return {**counted, "rights": sum(len(each["pipelines"]) for each in rights)}


@pytest.fixture
def variables(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables with which clients find a sandbox of the test's own."""
    engine = command(dict(os.environ), sys.executable, str(ROOT / "toolchain" / "engine.py")).strip()
    folders = [engine, str(Path(sys.executable).parent), os.environ["PATH"]]
    base = {key: value for key, value in os.environ.items() if not key.startswith(LEAKING)}
    base |= {"PATH": os.pathsep.join(filter(None, folders)), "SANDBOX_HOME": str(tmp_path / "home")}
    command(base, "connections", "sandbox", "up", "--port", "0")
    command(base, "connections", "sandbox", "seed", str(Path(__file__).with_name("estate.yaml")))
    printed = command(base, "connections", "sandbox", "env")
    exports = (line.removeprefix("export ").partition("=") for line in printed.splitlines())
    yield {**base, **{name: shlex.split(value)[0] for name, _, value in exports if value}}
    command(base, "connections", "sandbox", "down")


@pytest.fixture
def interrupted(variables: dict[str, str], tmp_path: Path) -> Iterator[Interrupted]:
    """A project with an empty stack."""
    folder = tmp_path / "project"
    (folder / "stacks").mkdir(parents=True)
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    shutil.copy(ROOT / "__main__.py", folder)
    shutil.copytree(ROOT / "components", folder / "components")
    stack = Interrupted(folder, variables)
    stack.configure()
    stack.pulumi("stack", "init")
    yield stack
    stack.close()


GROWTH = {
    "applications": 1,
    "service-principals": 2,
    "federated-credentials": 2,
    "endpoints": 2,
    "role-assignments": 2,
    "resources": 1,
    "rights": 2,
}
"""What the two connections are made of."""


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", r"/applications$"),
        ("POST", r"/serviceendpoint/endpoints$"),
        ("PUT", r"/federatedIdentityCredentials/"),
    ],
    ids=["an application is made", "a connection is made", "a credential is made"],
)
def test_a_run_that_is_killed_when_something_was_just_made_converges_after_recovery(
    interrupted: Interrupted, method: str, path: str
) -> None:
    before = interrupted.counts()
    interrupted.kill("up", method, path)
    report = interrupted.recover()
    assert report["lock"]
    assert report["operations"]
    assert {each["action"] for each in report["operations"]} <= {"imported", "dropped"}
    assert interrupted.recover()["operations"] == []
    interrupted.up()
    grown = {kind: count - before[kind] for kind, count in interrupted.counts().items()}
    assert grown == GROWTH
    ids = Counter(each["id"] for each in interrupted.state() if each.get("custom"))
    assert [each for each, count in ids.items() if count > 1] == []
    interrupted.up("--expect-no-changes")


def test_a_run_whose_services_went_away_while_a_connection_was_made_converges_after_recovery(
    interrupted: Interrupted,
) -> None:
    before = interrupted.counts()
    # Both connections are in the wait that follows their creation, and nothing else is under way.
    interrupted.lose_services("up", "POST", r"/serviceendpoint/endpoints$", times=2)
    assert interrupted.counts()["endpoints"] - before["endpoints"] == 2
    assert not [each for each in interrupted.state() if each["type"].endswith(":ServiceEndpointAzureRM")]
    report = interrupted.recover()
    assert [each["action"] for each in report["operations"]] == ["imported", "imported"]
    assert interrupted.recover()["operations"] == []
    interrupted.up()
    grown = {kind: count - before[kind] for kind, count in interrupted.counts().items()}
    assert grown == GROWTH
    ids = Counter(each["id"] for each in interrupted.state() if each.get("custom"))
    assert [each for each, count in ids.items() if count > 1] == []
    interrupted.up("--expect-no-changes")


def test_a_destruction_that_is_killed_goes_on_after_recovery(interrupted: Interrupted) -> None:
    before = interrupted.counts()
    interrupted.up()
    interrupted.run("connections", "verify", "--stack", "interrupted")
    interrupted.kill("destroy", "DELETE", r"/serviceendpoint/endpoints/")
    report = interrupted.recover()
    assert {each["operation"] for each in report["operations"]} == {"deleting"}
    assert {each["action"] for each in report["operations"]} <= {"dropped", "kept"}
    interrupted.pulumi("destroy", "--yes", "--skip-preview")
    assert interrupted.counts() == before
    assert interrupted.state() == []
