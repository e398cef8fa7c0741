"""One lock for each identity: what is written to it is written one after another."""

import threading
from collections import defaultdict

from azure_service_connections.lifecycle.inventory.identity import Identity


class IdentityLocks:
    """Locks by identity, made when they are first asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def of(self, identity: Identity) -> threading.Lock:
        """The lock of an identity."""
        with self._guard:
            return self._locks[(identity.resource_id or identity.object_id).lower()]
