"""What a resource's properties are: kind, default, who sets them, and which replace the resource.

Taken from the published SDK (pulumi_azuread 6.11.1) and the schema of `hashicorp/terraform-provider-azuread`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from azure_service_connections.providers.property_values import UNKNOWN, Unknown
from azure_service_connections.providers.resource_type import Change

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Property:
    """One property. `computed`: the service fills it in when it is not given; `output`: it is never given."""

    kind: str = "string"
    required: bool = False
    computed: bool = False
    output: bool = False
    replaces: bool = False
    default: Any = None
    secret: bool = False
    unordered: bool = False
    offered: bool = True
    conflicts: tuple[str, ...] = ()
    mistake: Callable[[Any], str | None] | None = None


def not_empty(value: Any) -> str | None:
    """A mistake where the text is empty."""
    return None if value else "is empty; write a value."


def guid(value: Any) -> str | None:
    """A mistake where the text is no GUID."""
    return None if _GUID.fullmatch(str(value)) else f"is {value!r}, which is not a GUID; write one."


def application_id(value: Any) -> str | None:
    """A mistake where the text is not an application's id (`/applications/{objectId}`)."""
    prefix, _, object_id = str(value).rpartition("/")
    if prefix == "/applications" and _GUID.fullmatch(object_id):
        return None
    return f"is {value!r}; write the application's id, /applications/{{objectId}}."


def moment(value: Any) -> str | None:
    """A mistake where the text is no RFC 3339 time."""
    try:
        if "T" in str(value) and datetime.fromisoformat(str(value)).tzinfo is not None:
            return None
    except ValueError:
        pass
    return f"is {value!r}; write an RFC 3339 time such as 2030-01-01T00:00:00Z."


def length(shortest: int, longest: int) -> Callable[[Any], str | None]:
    """A mistake where the text is shorter or longer."""

    def mistake(value: Any) -> str | None:
        if shortest <= len(str(value)) <= longest:
            return None
        return f"has {len(str(value))} characters; write {shortest} to {longest}."

    return mistake


def one_of(*values: Any) -> Callable[[Any], str | None]:
    """A mistake where the value is none of those."""

    def mistake(value: Any) -> str | None:
        return None if value in values else f"is {value!r}; write one of {', '.join(map(str, values))}."

    return mistake


def normal(value: Any, unordered: bool = False) -> Any:
    """The value as far as it says something: an empty text, list or object and `false` say nothing (None)."""
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        named = {name: normal(item, True) for name, item in value.items() if not name.startswith("__")}
        said = {name: item for name, item in named.items() if item is not None}
        return said or None
    if isinstance(value, list):
        items = [kept for item in value if (kept := normal(item, True)) is not None]
        return (sorted(items, key=repr) if unordered else items) or None
    return value if value not in ("", False, 0) else None


def changes_between(path: str, old: Any, new: Any, unordered: bool) -> dict[str, Change]:
    """The paths at which two values differ, objects compared property by property."""
    old, new = normal(old, unordered), normal(new, unordered)
    if old == new and not isinstance(new, Unknown):
        return {}
    if isinstance(old, dict) and isinstance(new, dict):
        found: dict[str, Change] = {}
        for name in sorted(old.keys() | new.keys()):
            found |= changes_between(f"{path}.{name}", old.get(name), new.get(name), True)
        return found
    if old is None:
        return {path: Change.ADD}
    return {path: Change.DELETE if new is None else Change.UPDATE}
