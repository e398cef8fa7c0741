"""The package schema that the engine and YAML programs ask for: small, and valid.

Kinds of properties are `string`, `boolean`, `integer`, `strings` (a list), `map` (of strings), `object`,
`objects` (a list) and `any`. Objects are described as maps of anything, not property by property.
"""

import json
from collections.abc import Iterable
from typing import Final

from azure_service_connections.providers.resource_type import Function, ResourceType

_ANYTHING: Final = {"$ref": "pulumi.json#/Any"}
_OBJECT: Final = {"type": "object", "additionalProperties": _ANYTHING}
_KINDS: Final[dict[str, dict[str, object]]] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "strings": {"type": "array", "items": {"type": "string"}},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
    "object": dict(_OBJECT),
    "objects": {"type": "array", "items": dict(_OBJECT)},
    "any": dict(_ANYTHING),
}


def property_type(kind: str, secret: bool = False) -> dict[str, object]:
    """The schema of one property."""
    described = dict(_KINDS[kind])
    if secret:
        described["secret"] = True
    return described


def package_schema(
    name: str,
    version: str,
    configuration: dict[str, str],
    secret_configuration: frozenset[str],
    resources: Iterable[ResourceType],
    functions: Iterable[Function],
) -> str:
    """The schema as JSON."""
    variables = {key: property_type(kind, key in secret_configuration) for key, kind in configuration.items()}
    return json.dumps(
        {
            "name": name,
            "version": version,
            "config": {"variables": variables},
            "provider": {"inputProperties": variables, "properties": {}},
            "resources": {resource.token: resource.schema() for resource in resources},
            "functions": {function.token: _function(function) for function in functions},
        }
    )


def _function(function: Function) -> dict[str, object]:
    described: dict[str, object] = {
        "outputs": {
            "type": "object",
            "properties": {
                name: property_type(kind, name in function.secret_results)
                for name, kind in function.results.items()
            },
            "required": sorted(function.results),
        }
    }
    if function.arguments:
        described["inputs"] = {
            "type": "object",
            "properties": {name: property_type(kind) for name, kind in function.arguments.items()},
            "required": sorted(function.required),
        }
    return described
