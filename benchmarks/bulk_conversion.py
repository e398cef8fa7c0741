"""Hundreds of connections converted under throttling: a plan carried out, against one after another."""

import sys
from pathlib import Path

import httpx

from benchmarks.measurement import Measurement, measure
from benchmarks.mixed_estate import estate_file
from benchmarks.sandbox import Sandbox, running_sandbox

REQUESTS_PER_SECOND = 30
"""What the sandbox's Azure DevOps takes before it answers 429."""
_PROGRAMS = Path(__file__).parent / "programs"


def measure_conversion(program: str, connections: int, latency: float) -> tuple[Measurement, int]:
    """Run one of the two programs on a fresh estate; the cost, and how many connections it federated."""
    with running_sandbox(latency, connections, estate_file(connections, organizations=1)) as sandbox:
        _control(
            sandbox,
            "throttle",
            json={"service": "devops", "requestsPerSecond": REQUESTS_PER_SECOND, "retryAfter": 1},
        )
        before = _federated(sandbox)
        result = measure(
            [sys.executable, str(_PROGRAMS / f"{program}.py")],
            sandbox.folder,
            sandbox.environment,
            sandbox.requests,
            sandbox.folder,
        )
        return result, _federated(sandbox) - before


def _federated(sandbox: Sandbox) -> int:
    held = _control(sandbox, "dump", method="GET").json()["endpoints"].values()
    return sum(1 for each in held if each["authorization"]["scheme"] == "WorkloadIdentityFederation")


def _control(sandbox: Sandbox, path: str, method: str = "POST", **more: object) -> httpx.Response:
    address = f"{sandbox.environment['SANDBOX_URL']}/_sandbox/{path}"
    with httpx.Client(verify=sandbox.environment["SSL_CERT_FILE"], timeout=60) as client:
        answer = client.request(method, address, **more)  # type: ignore[arg-type]
    return answer.raise_for_status()
