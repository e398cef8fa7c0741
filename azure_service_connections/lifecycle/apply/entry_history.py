"""What a journal tells about one entry of a plan, and about what was done to an identity by this plan."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.lifecycle.apply.journal import Line, Step
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import Secret, Trust
from azure_service_connections.lifecycle.plan.plan_file import Entry

CHANGING: Final[tuple[Step, ...]] = ("credential-placed", "converted", "migrated", "reverted", "retired")
"""The steps that change something."""


@dataclass(frozen=True)
class EntryHistory:
    """The lines about one entry as it stands in the plan now, none about an older form of it."""

    lines: tuple[Line, ...]

    @property
    def touched(self) -> bool:
        """Whether something may have been changed."""
        return any(line.step in CHANGING and line.state in ("begun", "done") for line in self.lines)

    @property
    def taken_back(self) -> bool:
        """Whether the connection was reverted on purpose after it had been proven."""
        for line in reversed(self.lines):
            if line.step == "reverted" and line.state == "done":
                return not line.detail.get("rolledBack")
            if line.step in ("converted", "migrated"):
                return False
        return False

    def last(self, *steps: Step) -> Line | None:
        """The latest line of one of these steps."""
        return next((line for line in reversed(self.lines) if line.step in steps), None)

    def done(self, *steps: Step) -> Line | None:
        """The latest line of one of these steps, if it says that it was done."""
        line = self.last(*steps)
        return line if line is not None and line.state == "done" else None

    @property
    def proven(self) -> bool:
        """Whether the new way was proven, and not taken back since."""
        changed = self.last("proven", "reverted", "converted", "migrated")
        return changed is not None and changed.step == "proven" and changed.state == "done"

    def detail(self, step: Step, key: str) -> Any:
        """What the latest line of a step that has such a detail says."""
        return next(
            (line.detail[key] for line in reversed(self.lines) if line.step == step and key in line.detail),
            None,
        )


def by_id(lines: Iterable[Line]) -> defaultdict[str, list[Line]]:
    """The lines of each connection."""
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.id].append(line)
    return found


def history_of(lines: Iterable[Line], entry: Entry) -> EntryHistory:
    """What was done about an entry; an entry that was planned anew starts with no history.

    `lines` may be those of its connection alone.
    """
    kept: list[Line] = []
    own = False
    for line in lines:
        if (line.organization, line.id) != (entry.organization, entry.id):
            continue
        if "expects" in line.detail:
            same = line.detail.get("expects") == entry.expects and line.detail.get("action") == entry.action
            if same != own:
                kept, own = [], same
        if own:
            kept.append(line)
    return EntryHistory(tuple(kept))


def without_own_changes(connection: ExistingConnection, lines: Sequence[Line]) -> ExistingConnection:
    """The connection as if this plan had not changed its identity yet.

    Several connections may sign in as one identity: a credential that was placed for one of them is no change
    of the world for the others.
    """
    client = connection.client_id.lower()
    own = [line.detail for line in lines if str(line.detail.get("clientId", "")).lower() == client]
    placed = {(each["issuer"], each["subject"]) for each in own if each.get("places")}
    held = connection.identity
    there = {(each.issuer, each.subject) for each in held.trusts}
    kept = [each for each in held.trusts if (each.issuer, each.subject) not in placed]
    gone = [
        _trust(each)
        for detail in own
        for each in detail.get("removesTrusts", ())
        if (each["issuer"], each["subject"]) not in there | placed
    ]
    keys = {each.key_id for each in held.secrets}
    secrets = [
        _secret(each)
        for detail in own
        for each in detail.get("removesSecrets", ())
        if each["keyId"] not in keys
    ]
    identity = held.model_copy(
        update={
            "trusts": (*kept, *gone),
            "secrets": tuple({each.key_id: each for each in (*held.secrets, *secrets)}.values()),
        }
    )
    return connection.model_copy(update={"identity": identity})


def _trust(detail: dict[str, Any]) -> Trust:
    return Trust(id="", name="", issuer=detail["issuer"], subject=detail["subject"], audiences=())


def _secret(detail: dict[str, Any]) -> Secret:
    return Secret(kind=detail["kind"], key_id=detail["keyId"], name=str(detail.get("name", "")))
