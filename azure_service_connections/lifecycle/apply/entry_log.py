"""What the journal is told of one entry while it is carried out."""

from typing import Any

from azure_service_connections.lifecycle.apply.journal import Journal, State, Step
from azure_service_connections.lifecycle.plan.plan_file import Entry


class EntryLog:
    """Writes the lines of one entry, and knows where it is."""

    def __init__(self, journal: Journal, entry: Entry) -> None:
        self._journal = journal
        self._entry = entry
        self.step: Step = "checked"
        """The step that the entry is at: where a failure belongs to."""
        self.changed = False
        """Whether this run has begun to change something."""

    def begin(self, step: Step, **detail: Any) -> None:
        """Announce a change, just before it."""
        self.write(step, "begun", **detail)
        self.changed = True

    def fail(self, note: str) -> None:
        """Say why the entry does not come further than the step that it is at."""
        self.write(self.step, "failed", note)

    def write(self, step: Step, state: State, note: str = "", **detail: Any) -> None:
        """Write a line."""
        self.step = step
        self._journal.write(self._entry.organization, self._entry.id, step, state, note, **detail)
