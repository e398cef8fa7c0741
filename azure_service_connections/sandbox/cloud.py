"""Everything that the services of one sandbox share."""

from pathlib import Path

from azure_service_connections.sandbox.clock import Clock
from azure_service_connections.sandbox.faults import Faults
from azure_service_connections.sandbox.identifiers import Identifiers
from azure_service_connections.sandbox.signing import Signing
from azure_service_connections.sandbox.store import Store
from azure_service_connections.sandbox.traffic import Traffic


class Cloud:
    """State, time, ids, keys and injected faults of one sandbox."""

    def __init__(self, database: Path | None = None, url: str = "https://127.0.0.1:18443") -> None:
        """Open the sandbox whose state lies in `database` (in memory without one), served at `url`."""
        self.url = url.rstrip("/")
        self.store = Store(database)
        self.clock = Clock(self.store)
        self.identifiers = Identifiers(self.store)
        self.signing = Signing(self.store)
        self.faults = Faults(self.store, self.identifiers)
        self.traffic = Traffic()

    def reset(self) -> None:
        """Forget everything, keys and faults included."""
        with self.store.transaction():
            self.store.clear()
        self.signing = Signing(self.store)
        self.faults = Faults(self.store, self.identifiers)

    def close(self) -> None:
        """Close the database."""
        self.store.close()
