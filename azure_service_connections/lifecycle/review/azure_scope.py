"""Scopes in Azure in people's words, and which of two reaches further."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, phrase

_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)
_GROUP = re.compile(r"/subscriptions/([^/]+)/resourceGroups/([^/]+)", re.IGNORECASE)
_MANAGEMENT_GROUP = re.compile(r"/providers/Microsoft\.Management/managementGroups/([^/]+)", re.IGNORECASE)
_RESOURCE_PARTS: Final = 2


class Level(IntEnum):
    """How far a scope reaches: the smaller, the further."""

    EVERYTHING = 0
    MANAGEMENT_GROUP = 1
    SUBSCRIPTION = 2
    RESOURCE_GROUP = 3
    RESOURCE = 4


@dataclass(frozen=True)
class Scope:
    """A scope by its full id."""

    path: str

    @property
    def level(self) -> Level:
        """How far it reaches."""
        path = self.path.rstrip("/")
        if not path:
            return Level.EVERYTHING
        if _MANAGEMENT_GROUP.fullmatch(path):
            return Level.MANAGEMENT_GROUP
        if _SUBSCRIPTION.fullmatch(path):
            return Level.SUBSCRIPTION
        return Level.RESOURCE_GROUP if _GROUP.fullmatch(path) else Level.RESOURCE

    @property
    def broad(self) -> bool:
        """Whether it is a whole subscription or more."""
        return self.level <= Level.SUBSCRIPTION

    def same(self, other: "Scope") -> bool:
        """Whether both are one: Azure looks at no letter's case."""
        return self._folded == other._folded

    def reaches_beyond(self, other: "Scope") -> bool:
        """Whether it holds the other one and more; a management group is taken to hold any subscription."""
        if self.level == Level.EVERYTHING or (
            self.level == Level.MANAGEMENT_GROUP and other.level > Level.MANAGEMENT_GROUP
        ):
            return not self.same(other)
        return other._folded.startswith(f"{self._folded}/")

    def words(self, known: KnownNames) -> Phrase:
        """The scope as people say it."""
        path = self.path.rstrip("/")
        if self.level == Level.EVERYTHING:
            return ("everything in the tenant",)
        if found := _MANAGEMENT_GROUP.fullmatch(path):
            return phrase("management group ", known.management_group(found[1]))
        if found := _SUBSCRIPTION.fullmatch(path):
            return phrase("subscription ", known.subscription(found[1]))
        if found := _GROUP.match(path):
            where = phrase(
                "resource group ", Name(found[2]), " of subscription ", known.subscription(found[1])
            )
            rest = path[found.end() :].strip("/").split("/")
            if len(rest) < _RESOURCE_PARTS:
                return where
            return phrase(Name(rest[-1]), f" ({_spaced(rest[-2])}) in ", where)
        return phrase(Name(path))

    @property
    def _folded(self) -> str:
        return self.path.rstrip("/").lower()


def _spaced(resource_type: str) -> str:
    """`storageAccounts` as `storage accounts`; anything that is no such word as it is not."""
    return (
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", resource_type).lower() if resource_type.isalnum() else "resource"
    )
