"""Between a program's flat properties and the nested bodies of Azure Resource Manager."""

from typing import Any

from azure_service_connections.providers.azure_native.resource_types import ArmType, BodyProperty
from azure_service_connections.providers.property_values import Properties


def request_body(kind: ArmType, inputs: Properties) -> dict[str, Any] | None:
    """The body of a PUT; None where the kind has none."""
    if not kind.has_body:
        return None
    body: dict[str, Any] = {}
    for name, known in kind.body.items():
        if name not in inputs:
            continue
        *parents, leaf = known.place.split(".")
        inner = body
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[leaf] = inputs[name]
    return body


def response_outputs(kind: ArmType, response: dict[str, Any]) -> Properties:
    """The outputs in an answer, with the API version that the plugin adds."""
    return {**_picked(kind.response, response), "azureApiVersion": kind.api_version}


def response_inputs(kind: ArmType, response: dict[str, Any]) -> Properties:
    """The inputs in an answer: what a PUT can carry, without values that say nothing."""
    return {
        name: said
        for name, value in _picked(kind.body, response).items()
        if (said := _said(value)) is not None
    }


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: said for name, item in value.items() if (said := _said(item)) is not None} or None
    if isinstance(value, list):
        return [item for item in map(_said, value) if item is not None] or None
    return value or None


def _picked(wanted: dict[str, BodyProperty], response: dict[str, Any]) -> Properties:
    found: Properties = {}
    for name, known in wanted.items():
        value: Any = response
        for part in known.place.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            found[name] = value
    return found
