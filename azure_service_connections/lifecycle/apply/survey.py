"""What a plan comes down to now: what is still to be done, what is done, and what cannot be done any more."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from azure_service_connections.catalogue.issuers import Issuer
from azure_service_connections.lifecycle.apply import world_changes
from azure_service_connections.lifecycle.apply.endpoint import deadline_of
from azure_service_connections.lifecycle.apply.ends import RefusedError, stopping
from azure_service_connections.lifecycle.apply.entry_history import EntryHistory, by_id, history_of
from azure_service_connections.lifecycle.apply.journal import Line
from azure_service_connections.lifecycle.apply.outcome import Outcome, of_entry
from azure_service_connections.lifecycle.apply.trust_placing import MOST, no_room
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.workers import Tell
from azure_service_connections.lifecycle.plan.plan_file import Entry, Plan, Removal
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.subject_prediction import FederatedTrust, predicted_trust, trust_of

_IDS_AT_A_TIME: Final = 100
"""Ids of connections in one address; so many make it about four thousand characters long."""


@dataclass(frozen=True)
class Work:
    """An entry that something is still to be done for."""

    entry: Entry
    connection: ExistingConnection
    history: EntryHistory


@dataclass
class Survey:
    """The entries of a plan by what is left of them."""

    pending: list[Work] = field(default_factory=list)
    """To be converted, migrated or reverted, or half way."""
    to_retire: list[Work] = field(default_factory=list)
    """Proven by an earlier run, with something left to be removed."""
    settled: list[Outcome] = field(default_factory=list)
    """Kept, or done by an earlier run."""
    refused: list[Outcome] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)

    @property
    def has_work(self) -> bool:
        """Whether anything is left to be done."""
        return bool(self.pending or self.to_retire or self.removals)


def survey(services: Services, plan: Plan, lines: Sequence[Line], tell: Tell | None = None) -> Survey:
    """Look at every connection that the plan changes; nothing is changed.

    Raises LifecycleError where an organization of the plan cannot be read.
    """
    found = Survey(
        removals=[each for each in plan.removals if each.action == "remove" and not _gone(each, lines)]
    )
    open_entries = []
    own = by_id(lines)
    for entry in plan.entries:
        history = history_of(own[entry.id], entry)
        if outcome := _settled(entry, history):
            found.settled.append(outcome)
        else:
            open_entries.append((entry, history))
    with stopping():
        connections = connections_of(services, [entry for entry, _ in open_entries], tell)
    planned = _planned(open_entries, connections, lines)
    changes = _changes(lines)
    for entry, history in open_entries:
        connection = connections.get((entry.organization.casefold(), entry.id.lower()))
        if connection is None:
            found.refused.append(of_entry(entry, "refused", world_changes.gone()))
            continue
        work = Work(entry, connection, history)
        if history.proven and entry.action != "revert":
            found.to_retire.append(work)
            continue
        try:
            _check(work, changes[connection.client_id.lower()], planned[connection.client_id.lower()])
        except LifecycleError as error:
            found.refused.append(of_entry(entry, "refused", str(error)))
        else:
            found.pending.append(work)
    _make_room(found)
    return found


def _gone(removal: Removal, lines: Sequence[Line]) -> bool:
    return any(line.step == "removed" and line.state == "done" and line.id == removal.id for line in lines)


def _settled(entry: Entry, history: EntryHistory) -> Outcome | None:
    """What became of an entry that nothing is left to be done for; None for any other."""
    if entry.action == "keep":
        return of_entry(entry, "kept", entry.reason)
    if entry.action == "revert":
        done = history.done("reverted")
        return of_entry(entry, "done", "reverted by an earlier run") if done else None
    if history.taken_back:
        return of_entry(entry, "kept", "it was reverted after this plan had converted it; write a new plan")
    if not history.proven or (entry.retire and history.done("retired") is None):
        return None
    deadline = deadline_of(str(history.detail("converted", "revertDeadline") or ""))
    return of_entry(entry, "done", "done by an earlier run", revert_deadline=deadline)


def connections_of(
    services: Services, entries: Sequence[Entry], tell: Tell | None = None
) -> dict[tuple[str, str], ExistingConnection]:
    """The connections of entries as they are now, by organization and id in lower case.

    One that is not there any more is left out; LifecycleError where an organization cannot be read.
    """
    by_organization: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        by_organization[entry.organization].append(entry.id)
    found = {}
    for organization, ids in by_organization.items():
        for some in _in_batches(ids):
            for each in read_estate(services, [organization], ids=some, tell=tell):
                found[each.organization.casefold(), each.id.lower()] = each
    return found


def _in_batches(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _IDS_AT_A_TIME):
        yield list(ids[start : start + _IDS_AT_A_TIME])


def _planned(
    entries: Sequence[tuple[Entry, EntryHistory]],
    connections: Mapping[tuple[str, str], ExistingConnection],
    lines: Sequence[Line],
) -> defaultdict[str, list[FederatedTrust]]:
    """The credentials that the plan wants or wanted to be there, by client id."""
    found: defaultdict[str, list[FederatedTrust]] = defaultdict(list)
    for line in lines:
        if line.step in ("converted", "migrated") and line.state == "done":
            of_tokens = FederatedTrust(line.detail["issuer"], line.detail["subject"], "")
            found[str(line.detail["clientId"]).lower()].append(of_tokens)
    for entry, history in entries:
        connection = connections.get((entry.organization.casefold(), entry.id.lower()))
        if connection is None or entry.credential not in ("place", "handoff"):
            continue
        if known := history.detail("credential-placed", "trust"):
            found[connection.client_id.lower()].append(FederatedTrust(**known))
        with suppress(LifecycleError):
            found[connection.client_id.lower()].append(predicted_trust(connection))
    return found


def _changes(lines: Sequence[Line]) -> defaultdict[str, list[Line]]:
    """The lines that tell what was done to identities, by client id."""
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if client := line.detail.get("clientId"):
            found[str(client).lower()].append(line)
    return found


def _check(work: Work, lines: Sequence[Line], planned: Sequence[FederatedTrust]) -> None:
    """RefusedError where the entry is not to be begun: the world changed, or the service would refuse."""
    entry, connection = work.entry, work.connection
    world_changes.check(entry, connection, work.history, lines, planned)
    if work.history.touched or entry.action == "revert":
        return
    verdict = connection.conversion if entry.action == "convert" else connection.migration
    # An identity that is full and has the credential already needs no room.
    full = len(connection.identity.trusts) >= MOST
    if not verdict.possible and not (full and _holds(connection, trust_of(connection, Issuer.ENTRA))):
        raise RefusedError(verdict.reason)


def _make_room(found: Survey) -> None:
    """Refuse what an identity has no room for, before anything is written; the first entries get the room."""
    needed: dict[str, int] = defaultdict(int)
    fitting: list[Work] = []
    for work in found.pending:
        identity = work.connection.identity
        key = identity.resource_id or identity.object_id
        if (
            work.entry.credential == "place"
            and key
            and not _holds(work.connection, predicted_trust(work.connection))
        ):
            needed[key] += 1
            if len(identity.trusts) + needed[key] > MOST:
                note = no_room(identity, len(identity.trusts), needed[key])
                found.refused.append(of_entry(work.entry, "refused", note))
                continue
        fitting.append(work)
    found.pending = fitting


def _holds(connection: ExistingConnection, trust: FederatedTrust) -> bool:
    return any(
        (each.issuer, each.subject) == (trust.issuer, trust.subject) for each in connection.identity.trusts
    )
