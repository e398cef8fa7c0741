"""What is to be done to the state of a stack about each operation that nobody saw the end of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azure_service_connections.lifecycle.found_object import Absent, Found, Lookup, Unclear
from azure_service_connections.lifecycle.object_lookup import ObjectLookup
from azure_service_connections.lifecycle.pending_operations import PendingOperation, State

_OF_THE_OBJECT: Final = ("id", "outputs", "created", "modified")
"""What an imported entry of a state knows of its object, and the entry of a pending operation does not."""
_OF_THE_PROGRAM: Final = ("parent", "provider", "dependencies", "propertyDependencies", "protect")
"""What an imported entry is given where the values of its inputs are not known."""
_BLINDED: Final = "[secret]"
"""What a preview writes in place of a secret."""


@dataclass(frozen=True)
class Outcome:
    """What was done about one operation."""

    operation: PendingOperation
    action: str
    """imported, dropped, kept, refreshed, or unclear where a person has to look."""
    id: str = ""
    reason: str = ""

    def document(self) -> dict[str, str]:
        """The outcome in the JSON report."""
        return {
            "urn": self.operation.urn,
            "type": self.operation.type,
            "name": self.operation.name,
            "operation": self.operation.kind,
            "action": self.action,
            "id": self.id,
            "reason": self.reason,
        }

    def __str__(self) -> str:
        """The outcome as a line for people."""
        of_id = f" ({self.id})" if self.id else ""
        return f"{self.action} {self.operation}{of_id}: {self.reason}"


@dataclass
class RecoveryPlan:
    """What is to be done."""

    outcomes: list[Outcome] = field(default_factory=list)
    """What there is to say about each operation."""
    imports: list[tuple[PendingOperation, str]] = field(default_factory=list)
    """Objects to import, each with the id that its plugin wants."""
    changes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """New entries for resources that the state has, by URN."""
    leaving: list[Mapping[str, Any]] = field(default_factory=list)
    """Entries of objects that have been replaced and are still to be deleted."""
    replaced: list[str] = field(default_factory=list)
    """Changed entries whose outputs have to be read anew."""
    updated: list[str] = field(default_factory=list)
    """Resources that may have been changed."""
    gone: set[tuple[str, str]] = field(default_factory=set)
    """Resources that were deleted, by URN and id."""

    def applied_to(self, state: State) -> dict[str, Any]:
        """The state after the import, put right.

        An imported entry becomes what the engine would have written at the end of the creation. A plugin
        reads inputs back in another form than they were written in, which the engine would take for changes,
        and an import knows nothing of what an object depends on, by which deletions are put in order.
        """
        created = {
            operation.urn: _imported(operation.resource, found)
            for operation, _ in self.imports
            if (found := state.resource(operation.urn)) is not None
        }
        return state.edited({**created, **self.changes}, self.gone, self.leaving)


def _imported(made: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    if _BLINDED in json.dumps(made.get("inputs") or {}):
        # The inputs stay as they were read back; the next `pulumi up` writes the secrets.
        return {**found, **{key: made[key] for key in _OF_THE_PROGRAM if key in made}}
    return {**made, **{key: found[key] for key in _OF_THE_OBJECT if key in found}}


def plan_recovery(state: State, lookup: ObjectLookup) -> RecoveryPlan:
    """Look every object up and say what is to be done. ServiceError where a service refuses to tell."""
    plan = RecoveryPlan()
    found = lookup.find_all([each for each in state.pending if each.kind == "creating" and each.has_object])
    for operation in state.pending:
        if not operation.has_object:
            reason = "it lives in the state alone, and the next `pulumi up` puts it right"
            outcome = Outcome(operation, "dropped", reason=reason)
        elif operation.kind == "creating":
            outcome = _creation(plan, state, operation, found[operation.urn])
        elif operation.kind == "deleting":
            outcome = _deletion(plan, operation, lookup.is_there(operation))
        elif operation.kind == "updating":
            plan.updated.append(operation.urn)
            reason = "its update was interrupted; the next `pulumi up` makes what is missing of it"
            outcome = Outcome(operation, "refreshed", operation.id, reason)
        else:
            outcome = Outcome(operation, "dropped", operation.id, f"{operation.kind} changes nothing")
        plan.outcomes.append(outcome)
    return plan


def _creation(plan: RecoveryPlan, state: State, operation: PendingOperation, lookup: Lookup) -> Outcome:
    if isinstance(lookup, Unclear):
        return Outcome(operation, "unclear", reason=lookup.reason)
    if isinstance(lookup, Absent):
        return Outcome(operation, "dropped", reason=lookup.done or "it was never made")
    existing = state.resource(operation.urn)
    if existing is None:
        plan.imports.append((operation, lookup.to_import))
        return Outcome(operation, "imported", lookup.id, "it was made and is now in the state")
    if existing.get("pendingReplacement"):
        # The old object is gone already, and others in the state depend on the entry: it becomes the new one.
        plan.changes[operation.urn] = _replaced(existing, operation, lookup)
        plan.replaced.append(operation.urn)
        return Outcome(operation, "imported", lookup.id, "it was made in place of one that is deleted")
    if existing.get("id") == lookup.id:
        return Outcome(operation, "dropped", lookup.id, "the state knows it already")
    # The new object takes the place in the state on which others depend already.
    plan.changes[operation.urn] = _replaced(existing, operation, lookup)
    plan.replaced.append(operation.urn)
    plan.leaving.append({**existing, "delete": True})
    return Outcome(operation, "imported", lookup.id, "it was made; the one that it replaces is still to go")


def _deletion(plan: RecoveryPlan, operation: PendingOperation, there: bool | None) -> Outcome:
    if there is None:
        reason = f"objects of the type {operation.type} are not looked up; see whether it is still there"
        return Outcome(operation, "unclear", operation.id, reason)
    if there:
        return Outcome(operation, "kept", operation.id, "it is still there; the next run deletes it")
    plan.gone.add((operation.urn, operation.id))
    return Outcome(operation, "dropped", operation.id, "it is deleted and no longer in the state")


def _replaced(existing: Mapping[str, Any], operation: PendingOperation, found: Found) -> dict[str, Any]:
    """The entry of an object that took another one's place; what it knows of itself has to be read anew."""
    outputs = {**(existing.get("outputs") or {}), **operation.inputs}
    if "id" in outputs:
        outputs["id"] = found.id
    return {**operation.resource, "id": found.id, "outputs": outputs}
