"""What became of the entries of a plan."""

from datetime import datetime
from typing import Final, Literal

from azure_service_connections.lifecycle.document import Document
from azure_service_connections.lifecycle.plan.plan_file import Entry, Removal

OutcomeState = Literal["done", "waiting", "refused", "failed", "rolledBack", "notStarted", "kept"]

BAD: Final = ("failed", "refused", "rolledBack", "notStarted")


class Outcome(Document):
    """What became of one entry or removal."""

    connection: str
    """Its name, or that of what is removed."""
    organization: str
    project: str
    id: str
    action: str
    state: OutcomeState
    note: str
    """What was done, or why it was not and what to do; a sentence without its full stop."""
    changed: bool = False
    """Whether this run changed something for it."""
    revert_deadline: datetime | None = None
    """Until when it can be reverted."""


def of_entry(
    entry: Entry,
    state: OutcomeState,
    note: str,
    *,
    changed: bool = False,
    revert_deadline: datetime | None = None,
) -> Outcome:
    """What became of an entry."""
    return Outcome(
        connection=entry.connection,
        organization=entry.organization,
        project=entry.project,
        id=entry.id,
        action=entry.action,
        state=state,
        note=note.rstrip("."),
        changed=changed,
        revert_deadline=revert_deadline,
    )


def of_removal(removal: Removal, state: OutcomeState, note: str, *, changed: bool = False) -> Outcome:
    """What became of a removal."""
    return Outcome(
        connection=removal.name,
        organization=removal.organization,
        project=removal.project,
        id=removal.id,
        action=removal.action,
        state=state,
        note=note.rstrip("."),
        changed=changed,
    )
