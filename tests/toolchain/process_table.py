"""What runs on this machine, and what a process has started."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable

#: Some tests take it off PATH.
PS = shutil.which("ps") or "ps"


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether something comes to hold within a time."""
    ends = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        if time.monotonic() > ends:
            return False
        pause.wait(0.02)
    return True


def processes() -> dict[int, tuple[int, str]]:
    """Process id to parent and command line, of all that have not ended."""
    listing = subprocess.run(
        [PS, "-axwwo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 3) for line in listing.stdout.splitlines())
    return {
        int(row[0]): (int(row[1]), row[3]) for row in rows if len(row) == 4 and not row[2].startswith("Z")
    }


class Family:
    """A process and everything that it has started, by the way of their parents."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._known: dict[int, str] = {}

    def members(self) -> list[str]:
        """Command lines of those alive now, of all that were ever seen."""
        alive = processes()
        found = {self._root}
        while grown := {pid for pid, (parent, _) in alive.items() if parent in found} - found:
            found |= grown
        self._known |= {pid: alive[pid][1] for pid in found if pid in alive}
        return [command for pid, command in self._known.items() if pid in alive and alive[pid][1] == command]
