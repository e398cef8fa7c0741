"""Takes conversions back: those of a plan, or of connections that are named."""

from collections.abc import Mapping, Sequence

from azure_service_connections.lifecycle.apply.endpoint import Endpoints
from azure_service_connections.lifecycle.apply.ends import RefusedError, stopping
from azure_service_connections.lifecycle.apply.entry_history import by_id, history_of
from azure_service_connections.lifecycle.apply.entry_pool import EntryPool
from azure_service_connections.lifecycle.apply.journal import Journal, Line, State
from azure_service_connections.lifecycle.apply.outcome import Outcome, OutcomeState
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.apply.proof import Prover
from azure_service_connections.lifecycle.apply.reversion import Reversion
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.plan.plan_file import Entry, Plan
from azure_service_connections.lifecycle.services import Services

MIGRATED = (
    "a move to Entra's issuer has no way back, and needs none: the issuer of Azure DevOps itself ends; only "
    "its support can switch an organization back until then"
)


def converted_entries(plan: Plan, lines: Sequence[Line]) -> tuple[Entry, ...]:
    """The entries of a plan that it has converted or moved and that were not taken back since."""
    found = []
    own = by_id(lines)
    for entry in plan.entries:
        history = history_of(own[entry.id], entry)
        changed = history.last("converted", "migrated", "reverted")
        if changed is not None and (changed.step != "reverted" or changed.state != "done"):
            found.append(entry)
    return tuple(found)


class RevertRun:
    """Takes conversions back, many at a time."""

    def __init__(
        self,
        services: Services,
        journals: Mapping[str, Journal],
        pool: EntryPool,
        patience: Patience | None = None,
    ) -> None:
        """`journals`, by id of a connection, are those of the plans which converted them, where there are."""
        patience = patience or Patience()
        endpoints = Endpoints(services, patience)
        self._reversion = Reversion(endpoints, Prover(services, patience))
        self._journals = journals
        self._pool = pool

    def run(self, connections: Sequence[ExistingConnection]) -> list[Outcome]:
        """What became of each, in their order."""
        outcomes = self._pool.each(connections, self._one, _instead)
        return [outcomes[each.id] for each in connections]

    def _one(self, connection: ExistingConnection) -> Outcome:
        try:
            with stopping():
                note, changed = self._reversion.revert(
                    connection,
                    lambda: self._write(connection, "begun"),
                    lambda: self._write(connection, "done"),
                    resumed=self._begun(connection),
                )
        except RefusedError as error:
            return _instead(connection, "refused", str(error))
        except LifecycleError as error:
            self._write(connection, "failed", str(error))
            return _instead(connection, "failed", str(error))
        return _instead(connection, "done", note).model_copy(update={"changed": changed})

    def _begun(self, connection: ExistingConnection) -> bool:
        """Whether an earlier run has begun the way back and not come to its end."""
        journal = self._journals.get(connection.id)
        own = [line for line in (journal.of(connection.id) if journal else ()) if line.step == "reverted"]
        return bool(own) and own[-1].state == "begun"

    def _write(self, connection: ExistingConnection, state: State, note: str = "") -> None:
        if (journal := self._journals.get(connection.id)) is not None:
            journal.write(connection.organization, connection.id, "reverted", state, note)


def refused(entry: Entry, note: str) -> Outcome:
    """The outcome of a plan's entry that there is no way back for."""
    return Outcome(
        connection=entry.connection,
        organization=entry.organization,
        project=entry.project,
        id=entry.id,
        action="revert",
        state="refused",
        note=note,
    )


def _instead(connection: ExistingConnection, state: OutcomeState, note: str) -> Outcome:
    return Outcome(
        connection=connection.name,
        organization=connection.organization,
        project=connection.project.name,
        id=connection.id,
        action="revert",
        state=state,
        note=note.rstrip("."),
    )
