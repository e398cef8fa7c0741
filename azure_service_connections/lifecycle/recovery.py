"""Brings a stack back into order after a `pulumi up` that was interrupted.

What such a run leaves: plugins that finish what they were at, a lock, and operations in the state of which
nobody saw the end. The objects behind them are looked up first, then the state is put right.
"""

import json
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import yaml

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.lifecycle.backend_files import BackendFiles
from azure_service_connections.lifecycle.engine import Engine, NoSuchStackError, StackLockedError
from azure_service_connections.lifecycle.engine_leftovers import (
    Process,
    engines,
    processes,
    wait_for_leftovers,
)
from azure_service_connections.lifecycle.errors import EngineError
from azure_service_connections.lifecycle.http_client import HttpClient
from azure_service_connections.lifecycle.import_file import import_file
from azure_service_connections.lifecycle.lost_objects import creations, plan_creations, plan_deletions
from azure_service_connections.lifecycle.object_lookup import ObjectLookup
from azure_service_connections.lifecycle.pending_operations import State
from azure_service_connections.lifecycle.recovery_plan import Outcome, RecoveryPlan, plan_recovery
from azure_service_connections.lifecycle.stack_locks import StackLock, locks_in_files, locks_in_words


@dataclass
class Report:
    """What was done to a stack."""

    stack: str
    lock: str = ""
    """Whose lock was taken off, or empty."""
    mended: bool = False
    """Whether a half-written file of the backend was repaired."""
    outcomes: list[Outcome] = field(default_factory=list)
    note: str = ""
    """Why there was nothing to do, where that needs a word."""

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not self.lock and not self.mended and not self.outcomes

    @property
    def unclear(self) -> bool:
        """Whether a person has to look after something."""
        return any(each.action == "unclear" for each in self.outcomes)


class Recovery:
    """Recovers one stack."""

    def __init__(
        self,
        engine: Engine,
        environment: Mapping[str, str],
        tell: Callable[[str], None] = lambda line: None,
        *,
        scan: bool = False,
        http: HttpClient | None = None,
        look: Callable[[], Iterator[Process]] = processes,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`tell` gets lines about the progress; `look` lists the machine's processes.

        With `scan`, what a failed update may have made is looked for even where the last one succeeded.
        """
        self._scan = scan
        self._engine = engine
        self._environment = environment
        self._tell = tell
        self._http = http
        self._look = look
        self._pause = pause

    def run(self) -> Report:
        """Recover the stack. Raises LifecycleError, nothing lost, where that cannot be done now."""
        project_file = self._engine.project_file
        try:
            stack = self._engine.select()
            report = Report(stack)
            self._refuse_running(project_file.parent, stack)
            self._wait(project_file.parent)
            self._unlock(project_file, stack, report)
            exported = self._engine.export()
        except NoSuchStackError as error:
            # The engine's own advice would read like a mistake: there may be no stack yet.
            if self._engine.stack is None:
                return Report("", note=str(error))
            return Report(
                self._engine.stack, note=f"stack {self._engine.stack!r} has not been brought up yet."
            )
        state = State(exported)
        if state.pending:
            self._tell(f"The state holds {counted(len(state.pending), 'unfinished operation')}.")
            plan = self._plan(state)
            self._carry_out(plan, report)
            report.outcomes = plan.outcomes
        self._look_for_lost(report)
        return report

    def _look_for_lost(self, report: Report) -> None:
        """Look for what a failed run made or removed without seeing that, where there is reason to."""
        try:
            kind, succeeded = self._engine.last_change()
        except EngineError as error:
            self._tell(f"Whether the last run failed cannot be told: {error}")
            kind, succeeded = "", True
        if succeeded and not self._scan:
            return
        steps = []
        if self._scan or kind == "update":
            self._tell("Looking for what a failed update has made: previewing the next one.")
            try:
                steps = self._engine.preview()
            except EngineError as error:
                self._tell(f"What a failed update has made is not looked for, for the preview fails: {error}")
        exported = self._engine.export()
        state, plan = State(exported), RecoveryPlan()
        lookup = ObjectLookup(
            State(self._engine.export(show_secrets=True)), self._environment, self._http, self._pause
        )
        try:
            plan_creations(plan, state, lookup, creations(steps, state))
            if kind == "destroy" and not succeeded:
                plan_deletions(plan, state, lookup)
        finally:
            lookup.close()
        if plan.imports or plan.gone:
            self._carry_out(plan, report)
        report.outcomes += plan.outcomes

    def _refuse_running(self, project: Path, stack: str) -> None:
        running = engines(list(self._look()), project, stack.rpartition("/")[2])
        if running:
            raise EngineError(
                f"`{' '.join(running[0].arguments[:2])}` (process {running[0].pid}) is still at work on "
                f"stack {stack!r}; wait for its end, or end it, and run the command again."
            )

    def _wait(self, project: Path) -> None:
        left = wait_for_leftovers(project, self._look, self._pause, self._tell)
        if left:
            numbers = " ".join(str(each.pid) for each in left)
            raise EngineError(
                f"Plugins of the interrupted run have not ended yet (processes {numbers}); end them with "
                f"`kill {numbers}` and run the command again."
            )

    def _unlock(self, project_file: Path, stack: str, report: Report) -> None:
        """Repair the backend's files and take off locks that nobody holds any more."""
        project = str((yaml.safe_load(project_file.read_text(encoding="utf-8")) or {}).get("name", ""))
        files = BackendFiles.of(self._engine.backend(), project, stack.rpartition("/")[2])
        if files is None:
            return
        locks = locks_in_files(files.locks)
        self._refuse_held(locks)
        report.mended = files.mend()
        if locks:
            report.lock = self._release(locks)

    def _refuse_held(self, locks: list[StackLock]) -> None:
        running = {
            each.pid for each in self._look() if each.arguments and Path(each.arguments[0]).name == "pulumi"
        }
        for lock in locks:
            if lock.held(socket.gethostname(), running):
                raise EngineError(
                    f"The stack is locked by {lock}; recover it there or, if that machine is gone, run "
                    "`pulumi cancel` first."
                )

    def _release(self, locks: list[StackLock]) -> str:
        """Take the locks off; whose they were."""
        self._engine.cancel()
        return ", ".join(str(each) for each in locks)

    def _plan(self, state: State) -> RecoveryPlan:
        # Names and credentials may be secret; what is written back is the export that keeps them encrypted.
        shown = State(self._engine.export(show_secrets=True))
        lookup = ObjectLookup(shown, self._environment, self._http, self._pause)
        try:
            return plan_recovery(state, lookup)
        finally:
            lookup.close()

    def _carry_out(self, plan: RecoveryPlan, report: Report) -> None:
        # Putting an edited state back drops the pending entries, which are all that is known of an object
        # until it is imported; so that comes last.
        if plan.imports:
            self._tell(f"Importing {counted(len(plan.imports), 'object')}.")
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "import.json"
                path.write_text(json.dumps(import_file(plan.imports)), encoding="utf-8")
                self._unlocked(partial(self._engine.import_resources, path), report)
        self._unlocked(partial(self._engine.put, plan.applied_to(State(self._engine.export()))), report)
        if plan.replaced:
            self._engine.refresh(plan.replaced)
        if plan.updated:
            try:
                self._engine.refresh(plan.updated)
            except EngineError as error:
                # Nothing is lost: the state holds what was before, so the updates are made again.
                self._tell(f"{error} The next `pulumi up` repeats the updates.")

    def _unlocked(self, command: Callable[[], None], report: Report) -> None:
        """Run a command; where it meets locks that nobody holds, take them off and run it again.

        Locks in a backend that is no folder are seen only this way.
        """
        try:
            command()
        except StackLockedError as error:
            locks = locks_in_words(error.said)
            if not locks:
                raise
            self._refuse_held(locks)
            report.lock = self._release(locks)
            command()
