"""Measures `pulumi up` of one of the programs in benchmarks/programs."""

import subprocess
from pathlib import Path

from benchmarks.measurement import Measurement, measure
from benchmarks.sandbox import running_sandbox

_PROGRAMS = Path(__file__).parent / "programs"


def measure_up(program: str, connections: int, latency: float) -> Measurement:
    """Bring a program up on a fresh sandbox; the stack is made before the clock starts."""
    with running_sandbox(latency, connections) as sandbox:
        folder = _PROGRAMS / program
        config = ["--stack", "benchmark", "--config-file", str(sandbox.folder / "Pulumi.benchmark.yaml")]
        subprocess.run(
            ["pulumi", "stack", "init", "benchmark"],
            cwd=folder,
            env=sandbox.environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return measure(
            ["pulumi", "up", *config, "--yes", "--skip-preview", "--non-interactive"],
            sandbox.folder,
            sandbox.environment,
            sandbox.requests,
            folder,
        )
