"""One `apply` at a time: a lock beside the plan."""

import fcntl
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from azure_service_connections.lifecycle.errors import LifecycleError


def lock_path(plan: Path) -> Path:
    """Where the lock of a plan is: beside it, with `.lock` added to its name."""
    return plan.with_name(f"{plan.name}.lock")


class PlanLock:
    """Held while a plan is carried out or taken back.

    The operating system gives it up when its process ends, however that ends: the file that a killed process
    leaves behind holds nobody up. It tells who holds the lock.
    """

    def __init__(self, plan: Path, doing: str) -> None:
        """`doing` is the verb that holds it, such as `apply`."""
        self._path = lock_path(plan)
        self._doing = doing
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Take the lock; LifecycleError that names the process which has it."""
        while not self._take():
            self._close()
        content = {
            "doing": self._doing,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        assert self._file is not None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(content).encode(), 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock up, and take its file away."""
        self._path.unlink(missing_ok=True)
        self._close()

    def _take(self) -> bool:
        """Whether what stands there now is locked; a file that its holder has just taken away is not."""
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise LifecycleError(
                f"{self._path} cannot be written ({error.strerror}), so nothing keeps two runs apart; "
                "put the plan into a folder that you may write to."
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._holder()
            self._close()
            raise LifecycleError(
                f"{self._path.name.removesuffix('.lock')} is being worked on by {holder}; wait until it has "
                "ended and run the command again."
            ) from None
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except FileNotFoundError:
            return False

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _holder(self) -> str:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            where = "" if content["host"] == socket.gethostname() else f" on {content['host']}"
            return f"`{content['doing']}` (process {content['pid']}{where}, since {content['since']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
