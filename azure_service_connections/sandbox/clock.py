"""The sandbox's time: the machine's, moved forward or back by the control API."""

from datetime import UTC, datetime, timedelta

from azure_service_connections.sandbox.store import Store


class Clock:
    """Tells the time of the sandbox. The offset is kept with the state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def offset(self) -> float:
        """Seconds by which the sandbox is ahead of the machine."""
        document = self._store.get("settings", "clock")
        return float(document["offset"]) if document else 0.0

    def advance(self, seconds: float) -> None:
        """Move the sandbox's time by so many seconds."""
        self._store.put("settings", "clock", {"offset": self.offset + seconds})

    def now(self) -> datetime:
        """The sandbox's time in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    def timestamp(self) -> int:
        """The sandbox's time in whole seconds since 1970."""
        return int(self.now().timestamp())

    def text(self) -> str:
        """The sandbox's time as services write it, such as `2026-01-31T12:00:00.1234567Z`."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
