"""Inputs that take one of a few words, for the schema that other languages get their types from.

The annotations say `str`: a component host loses the entries of a list of enums, fails where a value is an
output, and refuses a wrong one in words of its own (docs/decisions/0006-enums-in-the-schema-only.md). So the
schema is told here that a word is an enum's value or a string, and the components go on checking strings.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from azure_service_connections.catalogue import access_rules, clouds


class ClosedList(NamedTuple):
    """The words that an input takes."""

    name: str
    """What the type is called in other languages."""
    description: str
    words: tuple[str, ...]
    type: str
    """The component or the group of inputs."""
    input: str
    """The input, or the list whose entries they are."""


CLOSED_LISTS = (
    ClosedList("CloudEnvironment", "A cloud of Azure.", clouds.ENVIRONMENTS, "CloudArgs", "environment"),
    ClosedList(
        "ConnectionRole",
        "A role on a service connection.",
        access_rules.CONNECTION_ROLES,
        "PermissionArgs",
        "role",
    ),
    ClosedList("Day", "A day of the week.", access_rules.DAYS, "BusinessHoursArgs", "days"),
    ClosedList("Replacement", "Whether a new one may come.", ("allowed",), "ServiceConnection", "replace"),
    ClosedList(
        "RepositoryType",
        "Where a repository is.",
        access_rules.REPOSITORY_TYPES,
        "RequiredTemplateArgs",
        "repositoryType",
    ),
)


def with_closed_lists(package: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with an enum for each closed list, beside the plain string."""
    types, resources = dict(schema["types"]), schema["resources"]
    for each in CLOSED_LISTS:
        token = f"{package}:index:{each.type}"
        inputs = types[token]["properties"] if token in types else resources[token]["inputProperties"]
        described = inputs[each.input].get("items", inputs[each.input])
        # A string besides: hosts that check an enum themselves refuse in words of their own, and alone.
        described["oneOf"] = [{"type": "string"}, {"$ref": f"#/types/{package}:index:{each.name}"}]
        types[f"{package}:index:{each.name}"] = {
            "type": "string",
            "description": each.description,
            "enum": [{"name": word[0].upper() + word[1:], "value": word} for word in each.words],
        }
    return {**schema, "types": types}
