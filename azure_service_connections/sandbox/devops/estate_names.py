"""Finds what an estate file names, without a look at everything each time: an estate names hundreds."""

from collections.abc import Mapping

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document


class Names:
    """The things of a cloud by name, in any case, as they were at the first look for one of their kind."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._known: dict[tuple[str, str, str], Mapping[str, str]] = {}

    def find(self, collection: str, key: str, name: str, **equal: str) -> Document | None:
        """The first thing whose `key` is this name, of those that have the other values; None without one."""
        place = (collection, key, repr(sorted(equal.items())))
        if place not in self._known:
            known: dict[str, str] = {}
            for held in self._cloud.store.find(collection, **equal):
                known.setdefault(str(held.get(key)).casefold(), str(held["id"]))
            self._known[place] = known
        identifier = self._known[place].get(name.casefold())
        return None if identifier is None else self._cloud.store.get(collection, identifier)
