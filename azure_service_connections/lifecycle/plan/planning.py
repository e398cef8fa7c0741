"""Decides what is to be done to each connection, and says why.

Without another word a plan converts what Azure DevOps made and can convert by itself, and what was made by
hand where the operator may place its credential first; it moves what Azure DevOps' own issuer serves; it
keeps the rest. Nothing is removed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Final

from azure_service_connections.catalogue.issuers import DEVOPS_ISSUER_ENDS
from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import SECRET, ExistingConnection
from azure_service_connections.lifecycle.inventory.orphan import Orphan
from azure_service_connections.lifecycle.inventory.verdicts import MOST_TRUSTS, conversion
from azure_service_connections.lifecycle.plan.choices import Choices, chosen, selected
from azure_service_connections.lifecycle.plan.consumers import ConnectionKey, Consumers, key_of
from azure_service_connections.lifecycle.plan.operator_rights import OperatorRights
from azure_service_connections.lifecycle.plan.plan_file import (
    VERSION,
    Action,
    Consumer,
    Entry,
    Placing,
    Plan,
    PlannedIdentity,
    Removal,
    Retirement,
)
from azure_service_connections.lifecycle.plan.planned_reasons import (
    NOT_SEEN,
    fail,
    how_to_unshare,
    kept_for,
    no_room,
    not_known,
    standing_in_the_way,
    whose,
)
from azure_service_connections.lifecycle.plan.planned_writes import planned_writes
from azure_service_connections.lifecycle.subject_prediction import predicted_trust

_AUTOMATIC: Final = "automatic"


@dataclass(frozen=True)
class _Decision:
    """What is done to a connection, before the connections are looked at together."""

    action: Action
    reason: str
    credential: Placing = "none"
    deadline: datetime | None = None


def plan_for(
    connections: Sequence[ExistingConnection],
    consumers: Consumers,
    orphans: Iterable[Orphan],
    now: datetime,
    organizations: Sequence[str],
    choices: Choices,
    rights: OperatorRights | None = None,
) -> Plan:
    """The plan for connections, entries in the order of their addresses.

    `consumers` are those of `consumers_wanted`; `rights` are the operator's, default: none. Raises
    LifecycleError where a name on the command line means no connection, or several where one is meant.
    """
    planned = selected(connections, choices.only) if choices.only else list(connections)
    forced = {key_of(each) for each in chosen(connections, choices.convert)}
    reverted = {key_of(each) for each in chosen(connections, choices.revert)}
    if both := forced & reverted:
        name = next(each.address for each in connections if key_of(each) in both)
        raise LifecycleError(f"{quoted(name)} is to be converted and reverted; name it once.")
    planned = [each for each in connections if each in planned or key_of(each) in forced | reverted]
    found = tuple(orphans)
    removed = {each.id.lower(): each.reason for each in found} if choices.remove_orphans else {}
    planning = _Planning(consumers, choices, rights or OperatorRights(), forced, reverted, removed)
    ordered = sorted(planned, key=lambda each: (each.address.casefold(), each.id))
    decisions = planning.within_room(ordered, [planning.decide(each) for each in ordered])
    entries = [planning.entry(each, decision) for each, decision in zip(ordered, decisions, strict=True)]
    return Plan(
        version=VERSION,
        written=now.replace(microsecond=0),
        organizations=tuple(organizations),
        entries=tuple(entries),
        removals=tuple(
            Removal(action="remove" if choices.remove_orphans else "keep", **dict(each)) for each in found
        ),
    )


def consumers_wanted(connection: ExistingConnection) -> bool:
    """Whether a plan has to know who uses a connection: where it may be changed, by itself or by hand."""
    return connection.conversion.possible or connection.migration.possible or connection.shared


class _Planning:
    def __init__(
        self,
        consumers: Consumers,
        choices: Choices,
        rights: OperatorRights,
        forced: Collection[ConnectionKey],
        reverted: Collection[ConnectionKey],
        removed: Mapping[str, str],
    ) -> None:
        self._consumers = consumers
        self._choices = choices
        self._rights = rights
        self._forced = forced
        self._reverted = reverted
        self._removed = removed
        """Why connections are removed, by their ids in lower case."""

    def decide(self, connection: ExistingConnection) -> _Decision:
        """What is done to a connection if it were the only one."""
        key = key_of(connection)
        if reason := self._removed.get(connection.id.lower()):
            return _Decision("keep", f"this plan removes it below, because {reason}")
        if key in self._reverted:
            if connection.reversion.possible:
                reason = f"it was asked for; {connection.reversion.reason}"
                return _Decision("revert", reason, deadline=connection.revert_deadline)
            return _Decision("keep", f"it cannot be reverted: {connection.reversion.reason}")
        if (obstacle := standing_in_the_way(connection)) is not None:
            return _Decision("keep", obstacle)
        if connection.scheme == SECRET:
            return self._conversion(connection, key in self._forced)
        if key in self._forced:
            return _Decision("keep", f"it cannot be converted: {connection.conversion.reason}")
        if connection.migration.possible:
            return self._with_credential(
                connection, "migrate-issuer", connection.migration.reason, _issuer_ends()
            )
        reason = connection.migration.reason if connection.issuer_kind else connection.conversion.reason
        if connection.reversion.possible:
            reason = f"{reason}; it can be reverted {connection.reversion.reason}"
        return _Decision("keep", reason, deadline=connection.revert_deadline)

    def _conversion(self, connection: ExistingConnection, forced: bool) -> _Decision:
        if connection.shared:
            alone = connection.model_copy(update={"projects": connection.projects[:1]})
            verdict = conversion(alone)
            reason = how_to_unshare(connection, forced) if verdict.possible else verdict.reason
            return _Decision("keep", reason)
        if not connection.conversion.possible:
            return _Decision("keep", connection.conversion.reason)
        decision = self._with_credential(
            connection, "convert", connection.conversion.reason, _secret_ends(connection)
        )
        consumers = self._consumers.get(key_of(connection), ())
        failing = _tasks(consumers, "unsupported")
        if decision.action == "convert" and failing:
            if not forced and not self._choices.accept_unsupported:
                return _Decision("keep", kept_for(connection, consumers, failing))
            decision = replace(decision, reason=f"{decision.reason}; as asked for although {fail(failing)}")
        if decision.action == "convert" and (unknown := _tasks(consumers, "unknown")):
            decision = replace(decision, reason=f"{decision.reason}; {not_known(unknown)}")
        if decision.action == "convert" and any(each.note and not each.tasks for each in consumers):
            decision = replace(decision, reason=f"{decision.reason}; not every pipeline could be looked into")
        return decision

    def _with_credential(
        self, connection: ExistingConnection, action: Action, reason: str, deadline: datetime | None
    ) -> _Decision:
        """The action, if somebody can place its credential."""
        if connection.creation_mode.casefold() == _AUTOMATIC:
            unseen = connection.identity.state == "notVisible"
            return _Decision(action, f"{reason}; {NOT_SEEN}" if unseen else reason, "service", deadline)
        if self._rights.may_place(connection.identity):
            return _Decision(action, reason, "place", deadline)
        if self._choices.handoff:
            return _Decision(action, reason, "handoff", deadline)
        return _Decision("keep", f"{whose(connection)}; with --handoff its owner is asked")

    def within_room(
        self, connections: Sequence[ExistingConnection], decisions: Sequence[_Decision]
    ) -> list[_Decision]:
        """The decisions, less those for which an identity has no room; the first in order have it."""
        taken: dict[tuple[str, ...], int] = defaultdict(int)
        kept = []
        for connection, decision in zip(connections, decisions, strict=True):
            identity = connection.identity
            if decision.credential == "none" or _has_it_already(connection):
                kept.append(decision)
                continue
            of = _identity_key(connection)
            held = len(identity.trusts) + taken[of]
            if held < MOST_TRUSTS:
                taken[of] += 1
                kept.append(decision)
                continue
            kept.append(_Decision("keep", no_room(connection, taken[of])))
        return kept

    def entry(self, connection: ExistingConnection, decision: _Decision) -> Entry:
        """The entry of a connection."""
        identity = connection.identity
        might = connection.conversion.possible or connection.migration.possible
        retire = self._retired(connection, decision.action)
        return Entry(
            connection=connection.name,
            organization=connection.organization,
            project=connection.project.name,
            id=connection.id,
            action=decision.action,
            reason=decision.reason,
            credential=decision.credential,
            identity=PlannedIdentity(
                kind=identity.kind,
                name=identity.name,
                client_id=identity.client_id or connection.client_id,
                object_id=identity.object_id,
                resource_id=identity.resource_id,
                principal_id=identity.principal_id,
            )
            if decision.action != "keep" or might
            else None,
            consumers=self._consumers.get(key_of(connection), ()),
            writes=planned_writes(connection, decision.action, decision.credential, retire),
            retire=retire,
            deadline=decision.deadline.replace(microsecond=0) if decision.deadline else None,
            expects=connection.fingerprint(),
        )

    def _retired(self, connection: ExistingConnection, action: Action) -> tuple[Retirement, ...]:
        """What of the choice applies to the connection."""
        wanted: list[Retirement] = []
        has_secrets = connection.identity.kind == "application" and bool(connection.identity.secrets)
        if "secrets" in self._choices.retire and action in ("convert", "migrate-issuer") and has_secrets:
            wanted.append("secrets")
        if "old-credential" in self._choices.retire and action == "migrate-issuer":
            wanted.append("old-credential")
        return tuple(wanted)


def _identity_key(connection: ExistingConnection) -> tuple[str, ...]:
    identity = connection.identity
    return (
        connection.tenant_id.lower(),
        (identity.object_id or identity.resource_id or identity.client_id or connection.client_id).lower(),
    )


def _has_it_already(connection: ExistingConnection) -> bool:
    """Whether its identity trusts already what the connection will say, as after a handoff."""
    try:
        trust = predicted_trust(connection)
    except LifecycleError:
        return False
    return any(
        (each.issuer, each.subject) == (trust.issuer, trust.subject) for each in connection.identity.trusts
    )


def _secret_ends(connection: ExistingConnection) -> datetime | None:
    """When the first of the identity's secrets ends; which of them the connection has, nobody can tell."""
    return min((each.expires for each in connection.identity.secrets if each.expires), default=None)


def _issuer_ends() -> datetime:
    return datetime.combine(DEVOPS_ISSUER_ENDS, time(), UTC)


def _tasks(consumers: Iterable[Consumer], which: str) -> list[str]:
    return sorted({task for each in consumers for task in getattr(each, which)})
