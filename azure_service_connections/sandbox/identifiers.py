"""Ids that look random and are equal in every run that starts from the same seed."""

import uuid

from azure_service_connections.sandbox.store import Store

_NAMESPACE = uuid.UUID("5a1b2f86-8a5b-4bb2-8d4c-6c2c1a7c5f10")


class Identifiers:
    """Gives ids out of the seed, the kind of thing and its name.

    The n-th thing of one kind and name gets the same id in every run, in whatever order requests arrive.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def seed(self) -> str:
        """The seed of this sandbox."""
        document = self._store.get("settings", "seed")
        return str(document["value"]) if document else "0"

    def plant(self, seed: str) -> None:
        """Set the seed."""
        self._store.put("settings", "seed", {"value": seed})

    def guid(self, kind: str, name: str) -> str:
        """The next GUID for a thing of this kind and name; each call counts one on."""
        key = f"{kind}/{name}"
        counter = self._store.get("counters", key) or {"count": 0}
        counter["count"] += 1
        self._store.put("counters", key, counter)
        return self.derived(kind, name, str(counter["count"]))

    def derived(self, *parts: str) -> str:
        """The GUID that belongs to these parts, the same at every call."""
        digest = uuid.uuid5(_NAMESPACE, "\x00".join((self.seed, *parts)))
        return str(uuid.UUID(bytes=digest.bytes, version=4))

    def number(self, kind: str) -> int:
        """The next whole number of this kind, from 1."""
        counter = self._store.get("counters", kind) or {"count": 0}
        counter["count"] += 1
        self._store.put("counters", kind, counter)
        return int(counter["count"])
