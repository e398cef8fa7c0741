"""Puts back what an adoption has changed: after a failure at once, after a kill by the next run.

What was there before stands in a file beside the stack's until the adoption is done.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from azure_service_connections.lifecycle.adopt.written_files import FileChange
from azure_service_connections.lifecycle.engine import Engine, NoSuchStackError
from azure_service_connections.lifecycle.errors import EngineError, LifecycleError
from azure_service_connections.lifecycle.pending_operations import State

_EMPTY: Final[Mapping[str, Any]] = {"version": 3, "deployment": {}}


class Undo:
    """The way back from an adoption into one stack."""

    def __init__(
        self,
        engine: Engine,
        stack_file: Path,
        state: Mapping[str, Any] | None,
        changes: Sequence[FileChange],
        *,
        imported: bool = False,
    ) -> None:
        """`state` is that before, None where there was no stack; of `changes` only what was before counts."""
        self._engine = engine
        self._record = record_beside(stack_file)
        self._state = state
        self._changes = tuple(changes)
        self._imported = imported

    @classmethod
    def left_behind(cls, engine: Engine, stack_file: Path) -> Self | None:
        """The way back from an adoption that was killed, or None where none was."""
        record = record_beside(stack_file)
        if not record.is_file():
            return None
        try:
            held = json.loads(record.read_text(encoding="utf-8"))
            changes = [FileChange(Path(path), before, "") for path, before in held["files"]]
            return cls(engine, stack_file, held["state"], changes, imported=held["imported"])
        except (ValueError, KeyError, TypeError) as error:
            raise LifecycleError(
                f"{record} cannot be read, and says what an interrupted adoption is to put back; look at the "
                "stack's file and remove it."
            ) from error

    def remember(self, *, imported: bool = False) -> None:
        """Keep what was there before, so that a kill loses nothing. `imported`: the state may change now."""
        self._imported = imported
        held = {
            "state": self._state,
            "files": [[str(each.path), each.before] for each in self._changes],
            "imported": imported,
        }
        self._record.parent.mkdir(parents=True, exist_ok=True)
        beginning = self._record.with_name(f"{self._record.name}.new")
        with beginning.open("w", encoding="utf-8") as file:
            json.dump(held, file)
            file.flush()
            os.fsync(file.fileno())
        beginning.replace(self._record)

    def forget(self) -> None:
        """The adoption is done, or all is as it was."""
        self._record.unlink(missing_ok=True)

    def refuse_later_changes(self) -> None:
        """LifecycleError where the stack has changed since it was adopted into and the run was killed."""
        if self._state is None or not self._imported:
            return
        now = {each["urn"]: each for each in State(self._engine.export()).resources}
        if any(now.get(each["urn"]) != each for each in State(self._state).resources):
            raise LifecycleError(
                "An adoption into this stack was interrupted and the stack has changed since, so its state "
                f"is not put back; see whether it is in order, and remove {self._record}."
            )

    def run(self) -> None:
        """Put everything back; LifecycleError where the engine refuses: the next run tries again."""
        for change in self._changes:
            change.undo()
        try:
            if self._state is None:
                self._engine.put(_EMPTY)
                self._engine.remove()
            elif self._imported:
                self._engine.put(self._state)
        except NoSuchStackError:
            pass  # it was not made yet
        except EngineError as error:
            raise EngineError(
                f"The state could not be put back ({str(error).rstrip('.')}); it is kept in {self._record}, "
                "and `connections adopt` puts it back when it runs again."
            ) from error
        finally:
            # The engine removes the file of a stack that it forgets, also one that was there before.
            for change in self._changes:
                change.undo()
        self.forget()


def record_beside(stack_file: Path) -> Path:
    """Where the state and the files before an adoption are kept while it runs."""
    return stack_file.with_name(f"{stack_file.name}.before-adoption.json")
