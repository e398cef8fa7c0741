"""What a state says of imported objects, put as an update would have written it.

An import knows nothing of dependencies, by which deletions are put in order, nor of what the program says of
protection. It also reads a few things in another form than they are written in. Nothing else is touched: a
difference between an object and the stack stays one, and the preview after it shows it.
"""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any, Final

from azure_service_connections.lifecycle.adopt import part_names
from azure_service_connections.lifecycle.adopt.import_document import Preview, secret
from azure_service_connections.lifecycle.pending_operations import State

_OF_THE_PROGRAM: Final = (
    "dependencies",
    "propertyDependencies",
    "protect",
    "deletedWith",
    "replaceWith",
    "additionalSecretOutputs",
    "ignoreChanges",
)
_RAW_STATE: Final = "__pulumi_raw_state_delta"
_FIELDS: Final = "parameters"
_AUTHORIZATION: Final = "authorizationParameters"


def completed(exported: Mapping[str, Any], preview: Preview) -> dict[str, Any]:
    """The exported state with the imported objects completed, in an order that the engine accepts."""
    program = {state["urn"]: state for state in preview.created}
    state = State(exported)
    changes = {
        urn: _completed(entry, program[urn], preview)
        for entry in state.resources
        if (urn := entry["urn"]) in program and not entry.get("delete")
    }
    edited = state.edited(changes)
    deployment = dict(edited["deployment"])
    deployment["resources"] = _ordered(deployment["resources"])
    return {**edited, "deployment": deployment}


def _completed(entry: Mapping[str, Any], program: Mapping[str, Any], preview: Preview) -> dict[str, Any]:
    changed = {**entry, **{key: program[key] for key in _OF_THE_PROGRAM if key in program}}
    if entry["type"] == part_names.ROLE_ASSIGNMENT:
        return _with_scope(changed, program)
    if entry["type"] == part_names.SHARED_CONNECTION:
        return _with_every_field(changed, program, preview)
    return changed


def _with_scope(entry: dict[str, Any], program: Mapping[str, Any]) -> dict[str, Any]:
    """The provider reads a scope from an id, where it has no slash before it."""
    inputs = dict(entry.get("inputs") or {})
    read, said = str(inputs.get("scope", "")), str((program.get("inputs") or {}).get("scope", ""))
    if f"/{read}".lower() == said.lower():
        inputs["scope"] = said
    return {**entry, "inputs": inputs}


def _with_every_field(entry: dict[str, Any], program: Mapping[str, Any], preview: Preview) -> dict[str, Any]:
    """A connection for which the provider wants every field, also those that are empty.

    Azure DevOps answers empty ones only where they were sent, and the provider never reads those of an
    authorization, for secrets may be among them.
    """
    candidate = preview.candidate_of(str(entry["urn"]))
    if candidate is None:
        return entry
    told = secret(dict(candidate.authorization))
    # How the outputs follow from the provider's own form of them is noted beside them, and holds no longer:
    # without the note the provider works it out.
    outputs = {key: value for key, value in (entry.get("outputs") or {}).items() if key != _RAW_STATE}
    said = (program.get("inputs") or {}).get(_FIELDS) or {}
    empty = {key: value for key, value in said.items() if value == ""}

    def completed_with(values: Mapping[str, Any]) -> dict[str, Any]:
        return {**values, _AUTHORIZATION: told, _FIELDS: {**empty, **(values.get(_FIELDS) or {})}}

    return {
        **entry,
        "inputs": completed_with(entry.get("inputs") or {}),
        "outputs": completed_with(outputs),
    }


def _ordered(resources: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The resources with whatever one depends on before it; the order stays where it can."""
    by_urn: dict[str, Mapping[str, Any]] = {
        str(each["urn"]): each for each in resources if not each.get("delete")
    }
    # A program can only depend on what it has made before, so there is no ring among them.
    needs = {
        urn: [each for each in _needed(resource) if each in by_urn and each != urn]
        for urn, resource in by_urn.items()
    }
    ordered = [by_urn[urn] for urn in TopologicalSorter(needs).static_order()]
    return ordered + [each for each in resources if each.get("delete")]


def _needed(resource: Mapping[str, Any]) -> list[str]:
    named = [*(resource.get("dependencies") or ()), *(resource.get("replaceWith") or ())]
    for urns in (resource.get("propertyDependencies") or {}).values():
        named += urns or ()
    if parent := resource.get("parent"):
        named.append(parent)
    if provider := resource.get("provider"):
        named.append(str(provider).rpartition("::")[0])
    if other := resource.get("deletedWith"):
        named.append(other)
    return [str(each) for each in named]
