"""Who is still at work on a stack: engines, and the plugins that outlive an engine that was killed.

A plugin is started with the address of its engine as last argument and in the folder of the project; when
nobody listens at that address any more, its engine is gone. On systems without /proc the folder of a process
cannot be told, and each may be one of the project's.
"""

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azure_service_connections.catalogue.wording import counted

WAIT_SECONDS: Final = 90.0
"""How long leftovers are waited for: a plugin may be in the middle of a creation that takes a while."""

_PROCESSES: Final = Path("/proc")
_STEP_SECONDS: Final = 0.5
_ADDRESS: Final = re.compile(r"127\.0\.0\.1:(\d+)")
_PLUGIN: Final = re.compile(r"pulumi-(resource|language)-|azure_service_connections\.providers\.")
_CHANGING: Final = ("up", "update", "destroy", "refresh", "import", "watch", "state")


@dataclass(frozen=True)
class Process:
    """A process of this machine."""

    pid: int
    arguments: tuple[str, ...]
    folder: Path | None
    """Where it works, or None where that cannot be told."""


def processes() -> Iterator[Process]:
    """The processes of this machine that still run."""
    if _PROCESSES.is_dir():
        for folder in _PROCESSES.iterdir():
            if folder.name.isdigit():
                # One that has ended by now cannot be read, and one that nobody has buried has no arguments.
                with contextlib.suppress(OSError):
                    words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                    if words := [word for word in words if word]:
                        yield Process(int(folder.name), tuple(words), (folder / "cwd").readlink())
        return
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,args="], capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        pid, _, arguments = line.strip().partition(" ")
        yield Process(int(pid), tuple(arguments.split()), None)


def engines(found: Sequence[Process], project: Path, stack: str | None) -> list[Process]:
    """The engines that may be changing the stack: those in its project that name it or no stack."""
    return [
        each
        for each in found
        if each.arguments
        and Path(each.arguments[0]).name == "pulumi"
        and any(word in _CHANGING for word in each.arguments[1:])
        and _inside(each.folder, project)
        and _stack_of(each.arguments) in (None, stack)
        and each.pid != os.getpid()
    ]


def leftovers(found: Sequence[Process], project: Path) -> list[Process]:
    """The plugins of the project whose engine is gone."""
    return [
        each
        for each in found
        if any(_PLUGIN.search(word) for word in each.arguments)
        and (address := _ADDRESS.fullmatch(each.arguments[-1]))
        and _inside(each.folder, project)
        and not _listens(int(address[1]))
    ]


def wait_for_leftovers(
    project: Path,
    look: Callable[[], Iterator[Process]] = processes,
    pause: Callable[[float], None] = time.sleep,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Process]:
    """Wait until the plugins of a killed engine have ended; returns those that have not after 90 seconds."""
    left = leftovers(list(look()), project)
    if left:
        tell(f"Waiting for {counted(len(left), 'plugin')} of the interrupted run to end.")
    for _ in range(round(WAIT_SECONDS / _STEP_SECONDS)):
        if not left:
            break
        pause(_STEP_SECONDS)
        left = leftovers(list(look()), project)
    return left


def _inside(folder: Path | None, project: Path) -> bool:
    return folder is None or folder.is_relative_to(project.resolve())


def _stack_of(arguments: Sequence[str]) -> str | None:
    for position, word in enumerate(arguments):
        if word in ("-s", "--stack") and position + 1 < len(arguments):
            return arguments[position + 1].rpartition("/")[2]
        if word.startswith(("--stack=", "-s=")):
            return word.partition("=")[2].rpartition("/")[2]
    return None


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
