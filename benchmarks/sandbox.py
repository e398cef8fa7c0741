"""A sandbox of its own for one measured command."""

import os
import shlex
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ORGANIZATION = "contoso"
PROJECT = "Payments"
PIPELINE = "deploy-payments"
SUBSCRIPTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
CLIENT = "0a4b5c6d-1e2f-4a3b-8c4d-5e6f7a8b9c01"


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox."""

    folder: Path
    environment: dict[str, str]

    def requests(self) -> int:
        """How many requests the services have answered so far."""
        answer = httpx.get(
            f"{self.environment['SANDBOX_URL']}/_sandbox/requests",
            verify=self.environment["SSL_CERT_FILE"],
        )
        answer.raise_for_status()
        return sum(answer.json()["counts"].values())


@contextmanager
def running_sandbox(latency: float, connections: int, estate: str = "") -> Iterator[Sandbox]:
    """Start a fresh sandbox whose every answer waits `latency` seconds; stop it at the end.

    It holds the sample estate, or else the one whose text is given.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = {**os.environ, "SANDBOX_HOME": str(folder / "sandbox")}
        command = ["connections", "sandbox", "up", "--port", str(_free_port())]
        if estate:
            (folder / "estate.yaml").write_text(estate, "utf-8")
            command += ["--estate", str(folder / "estate.yaml")]
        _run(command, base)
        try:
            environment = {**base, **_exports(_run(["connections", "sandbox", "env"], base))}
            httpx.post(
                f"{environment['SANDBOX_URL']}/_sandbox/latency",
                json={"seconds": latency},
                verify=environment["SSL_CERT_FILE"],
            ).raise_for_status()
            environment.update(
                BENCHMARK_CONNECTIONS=str(connections),
                BENCHMARK_PROJECT=PROJECT,
                BENCHMARK_PIPELINE=PIPELINE,
                BENCHMARK_SUBSCRIPTION=SUBSCRIPTION,
                BENCHMARK_CLIENT_ID=CLIENT,
            )
            yield Sandbox(folder, environment)
        finally:
            _run(["connections", "sandbox", "down"], base)


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _exports(text: str) -> dict[str, str]:
    values = {}
    for line in text.splitlines():
        for word in shlex.split(line.removeprefix("export ")):
            key, _, value = word.partition("=")
            values[key] = os.path.expandvars(value)
    return values


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
