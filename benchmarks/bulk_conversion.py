"""Hundreds of connections converted under throttling: a plan carried out, against one after another."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.measurement import Measurement, measure
from benchmarks.mixed_estate import estate_file
from benchmarks.sandbox import Sandbox, running_sandbox

REQUESTS_PER_SECOND = 30
"""What the sandbox's Azure DevOps takes before it answers 429."""
_PROGRAMS = Path(__file__).parent / "programs"


def measure_loop(connections: int, latency: float) -> tuple[Measurement, int]:
    """Convert one connection after another; the cost, and how many it converted."""
    with _estate(connections, latency) as sandbox:
        before = _federated(sandbox)
        cost = _measured(sandbox, sys.executable, str(_PROGRAMS / "conversion_loop.py"))
        return cost, _federated(sandbox) - before


def measure_plan_and_apply(connections: int, latency: float) -> tuple[Measurement, Measurement, int]:
    """Plan, then convert what Azure DevOps converts by itself; each one's cost, and how many it did."""
    with _estate(connections, latency) as sandbox:
        before = _federated(sandbox)
        plan = _measured(sandbox, sys.executable, str(_PROGRAMS / "automatic_plan.py"))
        apply = _measured(sandbox, "connections", "apply", "conversion-plan.yaml", "--yes")
        return plan, apply, _federated(sandbox) - before


@contextmanager
def _estate(connections: int, latency: float) -> Iterator[Sandbox]:
    with running_sandbox(latency, connections, estate_file(connections, organizations=1)) as sandbox:
        limit = {"service": "devops", "requestsPerSecond": REQUESTS_PER_SECOND, "retryAfter": 1}
        _control(sandbox, "throttle", json=limit)
        yield sandbox


def _measured(sandbox: Sandbox, *command: str) -> Measurement:
    return measure(command, sandbox.folder, sandbox.environment, sandbox.requests, sandbox.folder)


def _federated(sandbox: Sandbox) -> int:
    held = _control(sandbox, "dump", method="GET").json()["endpoints"].values()
    return sum(1 for each in held if each["authorization"]["scheme"] == "WorkloadIdentityFederation")


def _control(sandbox: Sandbox, path: str, method: str = "POST", **more: object) -> httpx.Response:
    address = f"{sandbox.environment['SANDBOX_URL']}/_sandbox/{path}"
    with httpx.Client(verify=sandbox.environment["SSL_CERT_FILE"], timeout=60) as client:
        answer = client.request(method, address, **more)  # type: ignore[arg-type]
    return answer.raise_for_status()
