"""What the services were asked: a log in memory, for tests and measurements."""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from azure_service_connections.sandbox.message import Request

KEPT: Final = 100_000
"""How many of the latest requests are kept one by one; all are counted."""


@dataclass(frozen=True)
class Entry:
    """One request that was answered."""

    time: str
    service: str
    method: str
    path: str
    status: int


class Traffic:
    """The requests since the start of the process, or since they were last forgotten."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()

    def record(self, time: str, service: str, request: Request, status: int) -> None:
        """Note a request and the status of its answer."""
        self.entries.append(Entry(time, service, request.method, request.path, status))
        self.counts[service] += 1

    def clear(self) -> None:
        """Forget all requests."""
        self.entries.clear()
        self.counts.clear()
