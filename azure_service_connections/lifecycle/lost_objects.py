"""Objects that an update made or removed although it failed to see that.

When the network or a service dies in the middle of a creation, the engine notes a failure and nothing is
pending. The object is there all the same, and its name is taken: every update from then on is refused. What
may have been made so is what a preview wants to create; what may have been removed is what a failed
destruction left in the state.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from azure_service_connections.lifecycle.found_object import Found
from azure_service_connections.lifecycle.object_lookup import ObjectLookup
from azure_service_connections.lifecycle.pending_operations import PendingOperation, State, plain
from azure_service_connections.lifecycle.recovery_plan import Outcome, RecoveryPlan

_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What a preview writes for a value that only an update will know."""
_APPLICATION: Final = "azuread:index/application:Application"
_SERVICE_PRINCIPAL: Final = "azuread:index/servicePrincipal:ServicePrincipal"
_WITH_UNIQUE_NAMES: Final = re.compile(
    r"azuredevops:index/(serviceEndpointAzureRM|serviceendpointGenericV2):\w+"
    r"|azuread:index/(application|servicePrincipal|application(Flexible)?FederatedIdentityCredential):\w+"
    r"|azure-native:managedidentity(/v\w+)?:(UserAssignedIdentity|FederatedIdentityCredential)"
    r"|azure-native:authorization(/v\w+)?:RoleAssignment"
)
"""Types of which a service keeps a name unique, or whose objects carry the name of their resource."""


def creations(steps: Sequence[Mapping[str, Any]], state: State) -> list[PendingOperation]:
    """What of the steps of a preview an update may have made already.

    Something that waits for an unknown value cannot have been made, nor can what lacks its parent.
    """
    clients = {
        plain(each.get("outputs") or {}).get("clientId")
        for each in state.resources
        if each["type"] == _APPLICATION
    }
    found = []
    for step in steps:
        resource = step.get("newState") or {}
        if step.get("op") != "create" or not _WITH_UNIQUE_NAMES.fullmatch(str(resource.get("type", ""))):
            continue
        operation = PendingOperation("creating", resource)
        known = all(state.resource(urn) is not None for urn in (operation.parent, operation.provider) if urn)
        foreign = operation.type == _SERVICE_PRINCIPAL and operation.inputs.get("clientId") not in clients
        if known and not foreign and not _mentions_unknown(operation.inputs):
            found.append(operation)
    return found


def plan_creations(
    plan: RecoveryPlan, state: State, lookup: ObjectLookup, operations: Sequence[PendingOperation]
) -> None:
    """Import what exists and is the declared object; say of the others whose name they took."""
    looked_up = lookup.find_all(operations)
    for operation in operations:
        found = looked_up[operation.urn]
        if not isinstance(found, Found):
            # What is not there, or cannot be told, an update makes or refuses by itself.
            continue
        if found.id.casefold() in {each.casefold() for each in state.ids(operation.type)}:
            continue
        dispute = lookup.dispute(operation, found)
        if dispute:
            plan.outcomes.append(Outcome(operation, "unclear", found.id, dispute))
            continue
        reason = "a failed update had made it; it is now in the state"
        plan.imports.append((operation, found.to_import))
        plan.outcomes.append(Outcome(operation, "imported", found.id, reason))


def plan_deletions(plan: RecoveryPlan, state: State, lookup: ObjectLookup) -> None:
    """Drop what a failed destruction has removed already."""
    for resource in state.resources:
        operation = PendingOperation("deleting", resource)
        if not operation.has_object or not operation.id or resource.get("external"):
            continue
        if lookup.is_there(operation) is False:
            plan.gone.add((operation.urn, operation.id))
            reason = "it is deleted and no longer in the state"
            plan.outcomes.append(Outcome(operation, "dropped", operation.id, reason))


def _mentions_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_mentions_unknown(each) for each in value.values())
    if isinstance(value, list):
        return any(_mentions_unknown(each) for each in value)
    return isinstance(value, str) and _UNKNOWN in value
