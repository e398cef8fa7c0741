"""Faults on request: latency, throttling, failing answers and slow replication.

The control API sets them; the application asks here before and after a request.
"""

import re
from dataclasses import dataclass
from time import monotonic

from azure_service_connections.sandbox.identifiers import Identifiers
from azure_service_connections.sandbox.message import Request
from azure_service_connections.sandbox.store import Document, Store


@dataclass(frozen=True)
class Failure:
    """An answer that a service gives in place of the real one."""

    status: int
    retry_after: int | None


class Faults:
    """The faults that are set now, kept with the state."""

    def __init__(self, store: Store, identifiers: Identifiers) -> None:
        self._store = store
        self._identifiers = identifiers
        # In memory: a refused read must count too, and a refused request undoes its writes.
        self._unseen: dict[tuple[str, str], int] = {}
        self._windows: dict[str, tuple[int, int]] = {}

    @property
    def latency(self) -> float:
        """Seconds that every answer waits."""
        document = self._store.get("settings", "latency")
        return float(document["seconds"]) if document else 0.0

    def set_latency(self, seconds: float) -> None:
        """Let every answer wait so many seconds."""
        self._store.put("settings", "latency", {"seconds": seconds})

    def set_throttle(self, service: str, requests_per_second: int, retry_after: int = 1) -> None:
        """Let a service refuse what comes in one second beyond so many requests; 0 lifts the limit."""
        self._store.put(
            "settings", f"throttle/{service}", {"requests": requests_per_second, "retryAfter": retry_after}
        )

    def throttled(self, service: str) -> int | None:
        """Seconds after which a request is to be repeated, or None where it may go on; counts it."""
        limit = self._store.get("settings", f"throttle/{service}")
        if limit is None or limit["requests"] <= 0:
            return None
        second = int(monotonic())
        start, count = self._windows.get(service, (second, 0))
        count = count + 1 if start == second else 1
        self._windows[service] = (second, count)
        return int(limit["retryAfter"]) if count > limit["requests"] else None

    def clear(self) -> None:
        """Lift every fault that is set."""
        for key in self._store.keys("faults"):
            self._store.remove("faults", key)
        for key in self._store.keys("settings"):
            if key == "latency" or key.startswith(("throttle/", "visible/")):
                self._store.remove("settings", key)
        self._unseen.clear()
        self._windows.clear()

    def fail_next(
        self,
        service: str,
        status: int,
        *,
        count: int = 1,
        retry_after: int | None = None,
        method: str = "",
        path: str = "",
        after: bool = False,
    ) -> None:
        """Let the next `count` matching requests of a service fail with `status`.

        `service` is entra, graph, arm, devops or `*`; `method` and the regular expression `path` narrow it.
        With `after` the request is carried out and only its answer is lost.
        """
        number = self._identifiers.number("fault")
        self._store.put(
            "faults",
            f"{number:09d}",
            {
                "service": service,
                "status": status,
                "count": count,
                "retryAfter": retry_after,
                "method": method.upper(),
                "path": path,
                "after": after,
            },
        )

    def take(self, service: str, request: Request, *, after: bool) -> Failure | None:
        """The failure that this request must get, counted down; None where it may go on."""
        for key in self._store.keys("faults"):
            fault = self._store.get("faults", key)
            if fault and fault["after"] is after and _matches(fault, service, request):
                fault["count"] -= 1
                if fault["count"] > 0:
                    self._store.put("faults", key, fault)
                else:
                    self._store.remove("faults", key)
                return Failure(fault["status"], fault["retryAfter"])
        return None

    def set_visibility(self, kind: str, reads: int) -> None:
        """Let new things of a kind (such as `applications`) be found only after so many reads in vain."""
        self._store.put("settings", f"visible/{kind}", {"reads": reads})

    def created(self, kind: str, identifier: str) -> None:
        """Note that a thing was made, so that its first reads are in vain where that is asked for."""
        document = self._store.get("settings", f"visible/{kind}")
        if document and document["reads"] > 0:
            self._unseen[kind, identifier] = document["reads"]

    def hidden(self, kind: str, identifier: str) -> bool:
        """Whether the next read of a thing will be in vain; counts nothing."""
        return (kind, identifier) in self._unseen

    def visible(self, kind: str, identifier: str) -> bool:
        """Whether a read may find a thing now; each read in vain counts one down."""
        left = self._unseen.pop((kind, identifier), 0)
        if left > 1:
            self._unseen[kind, identifier] = left - 1
        return left == 0


def _matches(fault: Document, service: str, request: Request) -> bool:
    return (
        fault["service"] in ("*", service)
        and (not fault["method"] or fault["method"] == request.method)
        and (not fault["path"] or re.search(fault["path"], request.path, re.IGNORECASE) is not None)
    )
