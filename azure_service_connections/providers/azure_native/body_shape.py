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
    """The inputs in an answer: what a PUT can carry."""
    return _picked(kind.body, response)


def _picked(wanted: dict[str, BodyProperty], response: dict[str, Any]) -> Properties:
    found: Properties = {}
    for name, known in wanted.items():
        value: Any = response
        for part in known.place.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            found[name] = value
    return found
