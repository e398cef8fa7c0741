"""How long `connections review` takes for a preview of many resources."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.measurement import MeasurementError

_RECORDED: Final = (
    Path(__file__).parents[1] / "tests" / "lifecycle" / "reviews" / "new-federated-connection.json"
)
_NAME: Final = "new-federated-connection"
_CHANGES: Final = 3
"""The exit code of a review that found changes."""
_RUNS: Final = 5


def measure_review(resources: int) -> dict[str, Any]:
    """The fastest of five runs of the command, from its start to its end, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "preview.json"
        text, steps = preview_of(resources)
        path.write_text(text, encoding="utf-8")
        seconds = min(_run(path) for _ in range(_RUNS))
    return {"resources": steps, "mebibytes": round(len(text) / 2**20, 2), "seconds": round(seconds, 3)}


def preview_of(resources: int) -> tuple[str, int]:
    """A preview of new connections with so many resources or a few more, made of a recorded one."""
    recorded = json.loads(_RECORDED.read_text(encoding="utf-8"))
    steps = json.dumps(recorded["steps"])
    made: list[Any] = []
    while len(made) < resources:
        made += json.loads(steps.replace(_NAME, f"connection-{len(made)}"))
    return json.dumps({**recorded, "steps": made}, indent=1), len(made)


def _run(path: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "azure_service_connections.cli.main", "review", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != _CHANGES:
        raise MeasurementError(done.stderr.strip() or f"`connections review` ended with {done.returncode}")
    return time.perf_counter() - began
