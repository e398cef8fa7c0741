"""How far a plan is, told by its journal alone: nobody is asked."""

import fcntl
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from azure_service_connections.lifecycle.apply.endpoint import deadline_of
from azure_service_connections.lifecycle.apply.entry_history import EntryHistory, by_id, history_of
from azure_service_connections.lifecycle.apply.journal import SUFFIX, Line, journal_path, read_journal
from azure_service_connections.lifecycle.apply.plan_lock import lock_path
from azure_service_connections.lifecycle.apply.reversion import days_left
from azure_service_connections.lifecycle.document import Document
from azure_service_connections.lifecycle.plan.plan_file import Entry, Plan
from azure_service_connections.lifecycle.plan.plan_reading import read_plan

EntryState = Literal[
    "open", "done", "reverted", "rolledBack", "waiting", "refused", "failed", "interrupted", "kept"
]


class EntryStatus(Document):
    """How far one entry is."""

    connection: str
    organization: str
    project: str
    id: str
    action: str
    state: EntryState
    step: str = ""
    """The last step that the journal tells of."""
    note: str = ""
    time: datetime | None = None
    revert_deadline: datetime | None = None
    """Until when its conversion can be taken back."""
    revert_left: str = ""
    """How long that is, in words; `over` where it has passed, empty where there is no way back."""


class PlanStatus(Document):
    """How far a plan is."""

    plan: str
    state: Literal["running", "done", "unfinished", "notStarted"]
    entries: tuple[EntryStatus, ...]


def plan_status(path: Path, now: datetime | None = None) -> PlanStatus:
    """How far the plan in a file is; LifecycleError where it or its journal cannot be read."""
    plan, lines = read_plan(path), read_journal(journal_path(path))
    own = by_id(lines)
    entries = tuple(
        _entry(each, history_of(own[each.id], each), now or datetime.now(UTC)) for each in plan.entries
    )
    return PlanStatus(plan=str(path), state=_state(path, plan, entries, lines), entries=entries)


def plans_with_journal(folder: Path) -> list[Path]:
    """The plans of a folder that were begun."""
    found = (each.with_name(each.name.removesuffix(SUFFIX)) for each in sorted(folder.glob(f"*{SUFFIX}")))
    return [each for each in found if each.is_file()]


def _state(
    path: Path, plan: Plan, entries: Iterable[EntryStatus], lines: Sequence[Line]
) -> Literal["running", "done", "unfinished", "notStarted"]:
    if _held(lock_path(path)):
        return "running"
    removed = {line.id for line in lines if line.step == "removed" and line.state == "done"}
    wanted = {each.id for each in plan.removals if each.action == "remove"}
    if wanted <= removed and all(each.state in ("done", "reverted", "kept") for each in entries):
        return "done"
    return "unfinished" if lines else "notStarted"


def _held(lock: Path) -> bool:
    """Whether a process holds a lock now."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _entry(entry: Entry, history: EntryHistory, now: datetime) -> EntryStatus:
    last = history.lines[-1] if history.lines else None
    deadline = deadline_of(str(history.detail("converted", "revertDeadline") or ""))
    federated = deadline is not None and history.last("converted", "reverted") == history.done("converted")
    return EntryStatus(
        connection=entry.connection,
        organization=entry.organization,
        project=entry.project,
        id=entry.id,
        action=entry.action,
        state=_state_of(entry, history),
        step=last.step if last else "",
        note=last.note if last else "",
        time=last.time if last else None,
        revert_deadline=deadline if federated else None,
        revert_left=days_left(deadline, now) if federated and deadline else "",
    )


def _state_of(entry: Entry, history: EntryHistory) -> EntryState:
    if entry.action == "keep":
        return "kept"
    if not history.lines:
        return "open"
    last = history.lines[-1]
    if entry.action == "revert" and history.done("reverted"):
        return "done"
    if history.taken_back:
        return "reverted"
    if history.proven and (not entry.retire or _retired(history)):
        return "done"
    if last.step == "reverted" and last.state == "done":
        return "rolledBack"
    if last.step == "checked" and last.state == "failed":
        return "refused"
    if last.state == "failed" or last.state == "waiting":
        return last.state
    return "interrupted"


def _retired(history: EntryHistory) -> bool:
    """Whether what was to be removed is gone, or stays because something needs it."""
    last = history.last("retired")
    return last is not None and last.state in ("done", "skipped")
