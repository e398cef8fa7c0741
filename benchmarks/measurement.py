"""Time, REST calls and memory of one command that talks to the sandbox."""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_SAMPLE_SECONDS = 0.1


class MeasurementError(Exception):
    """The measured command failed; the message ends with what it printed last."""


@dataclass(frozen=True)
class Measurement:
    """What one command cost."""

    seconds: float
    """Wall time of the whole process."""
    requests: int
    """REST calls that the sandbox answered meanwhile."""
    peak_memory_mib: float
    """Largest sum of resident memory over the command and all its descendants, sampled ten times a second."""

    def row(self) -> dict[str, float | int]:
        """The figures as they are printed."""
        return {
            "seconds": round(self.seconds, 2),
            "restCalls": self.requests,
            "peakMemoryMiB": round(self.peak_memory_mib, 1),
        }


def measure(
    command: Sequence[str],
    log_folder: Path,
    environment: Mapping[str, str],
    count_requests: Callable[[], int],
    folder: Path,
) -> Measurement:
    """Run a command in a folder and measure it; raises `MeasurementError` when it fails."""
    before = count_requests()
    started = time.monotonic()
    with (
        Path(log_folder, "measured.log").open("w+") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        sampler = _MemorySampler(process.pid)
        sampler.start()
        code = process.wait()
        seconds = time.monotonic() - started
        sampler.stop()
        log.seek(0)
        tail = log.read()[-2000:]
    if code != 0:
        raise MeasurementError(f"{' '.join(command)} ended with {code}: {tail}")
    return Measurement(seconds, count_requests() - before, sampler.peak / 2**20)


class _MemorySampler(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(pid)
        self._stopped = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._stopped.wait(_SAMPLE_SECONDS):
            self.peak = max(self.peak, _tree_memory(self._root))

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def _tree_memory(root: psutil.Process) -> int:
    total = 0
    try:
        processes = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return total
