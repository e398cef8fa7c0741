"""A resource as a rule sees it: its properties, as far as they are known, and where they come from.

What a rule of one resource sees are the inputs; what a rule of the whole stack sees are the outputs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeGuard

_AZURE_NATIVE = re.compile(r"azure-native(?:_\w+)?:(?P<module>\w+)(?:/\w+)?:(?P<name>\w+)")


class Unknown(Enum):
    """A value that a preview cannot tell."""

    UNKNOWN = "not known before the resource is made"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Resource:
    """A resource that a program asks for, or one in a stack's state."""

    type: str
    """Its type as the provider's SDK names it, of azure-native without an API version."""
    name: str
    urn: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Nested maps and lists; a value that is not known is UNKNOWN."""
    protected: bool = False
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The URNs of the resources whose outputs a property was made from."""

    @property
    def label(self) -> str:
        """How a message names it."""
        return f"{self.type.rsplit(':', 1)[-1]} '{self.name}'"

    def get(self, *path: str) -> Any:
        """The value at a path, None where there is none, UNKNOWN where it or a part above is not known."""
        value: Any = self.properties
        for part in path:
            if value is UNKNOWN:
                return UNKNOWN
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def text(self, *path: str) -> str | Unknown:
        """The text at a path; empty where there is none."""
        value = self.get(*path)
        return value if isinstance(value, str | Unknown) else ""

    def items(self, *path: str) -> list[Any] | Unknown:
        """The list at a path, empty where there is none; single items of it may be UNKNOWN."""
        value = self.get(*path)
        if isinstance(value, Unknown):
            return value
        return list(value) if isinstance(value, list | tuple) else []


def is_known(value: object) -> TypeGuard[str]:
    """Whether a text is known and not empty."""
    return isinstance(value, str) and value != ""


def plain_type(resource_type: str) -> str:
    """A resource's type without the API version that azure-native's types may name."""
    if found := _AZURE_NATIVE.fullmatch(resource_type):
        return f"azure-native:{found['module']}:{found['name']}"
    return resource_type
