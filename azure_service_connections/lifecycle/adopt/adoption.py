"""Takes existing connections into a stack: its file, its state, and the proof that nothing would change.

Nothing is half done: where a step fails, file and state are what they were before.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from azure_service_connections.catalogue.wording import counted, listed
from azure_service_connections.configuration.mistakes import ConfigurationError
from azure_service_connections.configuration.stack_file import StackFileError, path_of, read
from azure_service_connections.lifecycle.adopt.application_facts import read_applications
from azure_service_connections.lifecycle.adopt.candidate import Candidate, by_key
from azure_service_connections.lifecycle.adopt.import_document import Preview, changes_in
from azure_service_connections.lifecycle.adopt.imported_state import completed
from azure_service_connections.lifecycle.adopt.outcome import LeftOut
from azure_service_connections.lifecycle.adopt.selection import IMPORT, Selection, select, surroundings_of
from azure_service_connections.lifecycle.adopt.stack_document import existing_keys
from azure_service_connections.lifecycle.adopt.undo import Undo
from azure_service_connections.lifecycle.adopt.written_files import FileChange, changes_for
from azure_service_connections.lifecycle.engine import Engine, NoSuchStackError
from azure_service_connections.lifecycle.errors import EngineError, LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.workers import Tell
from azure_service_connections.lifecycle.pending_operations import State
from azure_service_connections.lifecycle.services import Services

PREVIEW_SECONDS: Final = 1800.0
"""How long a preview of a stack with hundreds of connections may take."""
_SHOWN: Final = 10
"""How many changes an error names."""
_EMPTY: Final[Mapping[str, Any]] = {"version": 3, "deployment": {}}


@dataclass(frozen=True)
class Planned:
    """What an adoption is going to do."""

    stack: str
    path: Path
    """The stack's file."""
    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]
    state: Mapping[str, Any] | None
    """The state of the stack before, or None where there is no stack yet."""
    project_folder: Path
    changes: tuple[FileChange, ...]
    """What is written: the stack's file, and files of connections where there are many."""


class Adoption:
    """Takes connections into one stack."""

    def __init__(
        self,
        engine: Engine,
        services: Services,
        tell: Callable[[str], None] = lambda line: None,
        progress: Tell | None = None,
    ) -> None:
        """`tell` gets lines about the progress, `progress` counts of what is read."""
        self._engine = engine
        self._services = services
        self._tell = tell
        self._progress = progress

    def put_back(self, *, only_look: bool = False) -> None:
        """Put back what an adoption that was killed has left half done.

        With `only_look` that is refused where there is something to put back: nothing may be written.
        """
        _, path = self._stack_file()
        undo = Undo.left_behind(self._engine, path)
        if undo is None:
            return
        if only_look:
            raise LifecycleError(
                "An adoption into this stack was interrupted; run the command without --dry-run, which puts "
                "file and state back first."
            )
        undo.refuse_later_changes()
        self._tell("An adoption was interrupted: putting the stack's file and its state back as they were.")
        undo.run()

    def plan(self, connections: Sequence[ExistingConnection], identities: str = IMPORT) -> Planned:
        """Decide what is taken over and what the stack's file will be. Nothing is written."""
        project_file = self._engine.project_file
        stack = self._engine.select()
        project, path = self._stack_file()
        text = path.read_text(encoding="utf-8") if path.is_file() else None
        state = self._state()
        surroundings = surroundings_of(
            State(state or _EMPTY),
            str(project.get("name", "")),
            stack,
            self._organization(text),
            _keys(text or "", path),
        )
        selection: Selection = select(
            connections,
            surroundings,
            identities,
            lambda ids: read_applications(self._services, ids, self._progress),
        )
        candidates = tuple(selection.candidates)
        changes = changes_for(stack.rpartition("/")[2], path, text, candidates, project_file.parent)
        left_out = tuple(selection.left_out)
        return Planned(stack, path, candidates, left_out, state, project_file.parent, changes)

    def carry_out(self, planned: Planned) -> None:
        """Write the file, import, and prove that a preview is empty. LifecycleError where anything fails."""
        undo = Undo(self._engine, planned.path, planned.state, planned.changes)
        undo.remember()
        try:
            self._carry_out(planned, undo)
        except BaseException:
            self._tell("Putting the stack's file and its state back as they were.")
            undo.run()
            raise
        undo.forget()

    def _carry_out(self, planned: Planned, undo: Undo) -> None:
        changes = planned.changes
        if planned.state is None:
            self._engine.create()
            # The engine notes in the file how the stack's secrets are encrypted.
            text = planned.path.read_text(encoding="utf-8") if planned.path.is_file() else None
            name = planned.stack.rpartition("/")[2]
            changes = changes_for(name, planned.path, text, planned.candidates, planned.project_folder)
        for change in changes:
            change.make()
        _refuse_mistakes(planned.path)
        self._tell(f"Asking the engine for the parts of {counted(len(planned.candidates), 'connection')}.")
        preview = self._preview(planned)
        shown = self._preview(planned, show_secrets=True) if preview.holds_secrets() else None
        count = sum(len(each.ids) for each in planned.candidates)
        self._tell(f"Importing {counted(count, 'object')}.")
        undo.remember(imported=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "import.json"
            path.write_text(json.dumps(preview.document(shown)), encoding="utf-8")
            # What is half imported is put back anyway.
            self._engine.import_resources(path, checkpoints=False)
        self._engine.put(completed(self._engine.export(), preview))
        self._tell("Previewing the stack, which has to show no change.")
        differences = changes_in(self._engine.preview(PREVIEW_SECONDS))
        if differences:
            raise EngineError(
                f"The stack is not what exists: {_some(differences)}. Nothing was adopted; leave out what "
                "differs with --except, or make it alike first."
            )

    def _stack_file(self) -> tuple[Mapping[str, Any], Path]:
        """The project's file, read, and the path of the stack's."""
        project_file = self._engine.project_file
        project = yaml.safe_load(project_file.read_text(encoding="utf-8")) or {}
        folder = project_file.parent / str(project.get("stackConfigDir") or ".")
        return project, path_of(self._engine.select().rpartition("/")[2], folder)

    def _preview(self, planned: Planned, show_secrets: bool = False) -> Preview:
        steps = self._engine.preview(PREVIEW_SECONDS, show_secrets)
        preview = Preview(steps, by_key(planned.candidates))
        if others := preview.others():
            raise EngineError(
                f"Stack {planned.stack!r} has changes of its own that are still to be made "
                f"({_some(others)}); run `pulumi up` first."
            )
        if unfound := preview.unfound():
            raise EngineError(
                f"The stack would make what does not exist yet: {_some(unfound)}. Nothing was adopted; leave "
                "these connections out with --except."
            )
        return preview

    def _state(self) -> Mapping[str, Any] | None:
        try:
            return self._engine.export()
        except NoSuchStackError:
            return None

    def _organization(self, text: str | None) -> str:
        """The organization that the stack's provider works in: its configuration, else the environment."""
        config = (yaml.safe_load(text or "") or {}).get("config") or {}
        said = config.get("azuredevops:orgServiceUrl")
        if isinstance(said, str) and said:
            return said
        return self._services.environment.get("AZDO_ORG_SERVICE_URL", "")


def _keys(text: str, path: Path) -> set[str]:
    """The keys of the stack's connections, also of those in files that the stack's file names."""
    try:
        further = set(read(path))
    except (StackFileError, ConfigurationError):
        # It may be new, or hold no connection yet; what is wrong with it is told once it is written.
        further = set()
    return further | set(existing_keys(text, str(path)))


def _refuse_mistakes(path: Path) -> None:
    """What is wrong with the stack's file, in its own words, before an engine is started."""
    try:
        read(path)
    except StackFileError as error:
        raise LifecycleError(f"{error}.") from error
    except ConfigurationError as error:
        first, *more = str(error).splitlines()
        details = "; ".join(line.strip() for line in more)
        raise LifecycleError(
            f"The stack would not be valid: {details or first}. Nothing was adopted; leave the connection "
            "out with --except."
        ) from error


def _some(entries: Sequence[str]) -> str:
    shown = list(entries[:_SHOWN])
    if len(entries) > _SHOWN:
        shown.append(f"{len(entries) - _SHOWN} more")
    return listed(shown, "and")
