"""The journal of a plan: what was begun and what was done, line by line, beside the plan.

A line is written and on the disk before what it announces happens, so that whoever comes after a process that
was killed knows what may have been done. Lines are only ever added. No secret is ever in one: what is written
are ids, issuers, subjects and words.
"""

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from pydantic import Field, ValidationError

from azure_service_connections.lifecycle.apply.ends import StoppedError
from azure_service_connections.lifecycle.document import Document
from azure_service_connections.lifecycle.errors import LifecycleError

Step = Literal[
    "checked", "credential-placed", "converted", "migrated", "reverted", "proven", "retired", "removed"
]
State = Literal["begun", "done", "failed", "skipped", "waiting"]

SUFFIX: Final = ".journal.jsonl"


class Line(Document):
    """One line: what became of one step of one connection, or of one thing that is removed."""

    time: datetime
    organization: str
    id: str
    """Id of the connection, or of what is removed."""
    step: Step
    state: State
    note: str = ""
    """A sentence for people."""
    detail: dict[str, Any] = Field(default_factory=dict)
    """What whoever goes on has to know."""


def journal_path(plan: Path) -> Path:
    """Where the journal of a plan is: beside it, with `.journal.jsonl` added to its name."""
    return plan.with_name(f"{plan.name}{SUFFIX}")


def read_journal(path: Path) -> tuple[Line, ...]:
    """The lines of a journal, the oldest first; none where there is no file.

    A last line that was cut off is left out: what it was to announce had not begun. Raises LifecycleError
    for any other line that is none.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise LifecycleError(f"{path} cannot be read ({error.strerror}); check who may read it.") from error
    return tuple(_lines(path, content))


def _lines(path: Path, content: bytes) -> Iterator[Line]:
    whole, _, _ = content.rpartition(b"\n")
    numbered = enumerate(whole.split(b"\n") if whole else (), start=1)
    for number, text in numbered:
        try:
            yield Line.model_validate_json(text)
        except ValidationError as error:
            raise LifecycleError(
                f"{path}, line {number}: this is no line of a journal ({error.errors()[0]['msg']}); restore "
                "the file, or move it away to start anew with what is there now."
            ) from None


class Journal:
    """A journal that is being written; safe between threads."""

    def __init__(self, path: Path) -> None:
        """Reads what is there; LifecycleError where that cannot be read or nothing can be written."""
        self.path = path
        self._lines = list(read_journal(path))
        self._own: defaultdict[str, list[Line]] = defaultdict(list)
        for line in self._lines:
            self._own[line.id].append(line)
        self._lock = threading.Lock()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise LifecycleError(
                f"{path} cannot be written ({error.strerror}), and nothing is done without a journal; put "
                "the plan into a folder that you may write to."
            ) from error
        self._drop_torn_line()

    def __enter__(self) -> Self:
        """Leave the block to close the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; one without a line goes, for nothing was begun."""
        os.close(self._file)
        if not self._lines:
            self.path.unlink(missing_ok=True)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, those of earlier runs first."""
        with self._lock:
            return tuple(self._lines)

    def of(self, identifier: str) -> tuple[Line, ...]:
        """The lines of one connection."""
        with self._lock:
            return tuple(self._own[identifier])

    def write(
        self, organization: str, identifier: str, step: Step, state: State, note: str = "", **detail: Any
    ) -> Line:
        """Add a line; it is on the disk when this returns."""
        line = Line(
            time=datetime.now(UTC),
            organization=organization,
            id=identifier,
            step=step,
            state=state,
            note=note,
            detail=detail,
        )
        text = json.dumps(line.as_json(), ensure_ascii=False, separators=(",", ":")) + "\n"
        with self._lock:
            try:
                os.write(self._file, text.encode())
                os.fsync(self._file)
            except OSError as error:
                raise StoppedError(
                    f"{self.path} cannot be written any more ({error.strerror}), and nothing is done "
                    "without a journal; make room and run the command again."
                ) from error
            self._lines.append(line)
            self._own[identifier].append(line)
        return line

    def _drop_torn_line(self) -> None:
        """Cut off what a process that was killed wrote of its last line, so that the next one starts anew."""
        content = self.path.read_bytes()
        if content and not content.endswith(b"\n"):
            os.ftruncate(self._file, content.rfind(b"\n") + 1)
            os.fsync(self._file)
