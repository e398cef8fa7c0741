"""How fast a service is asked: fewer requests at a time once it objects, and none before it wants one.

Azure DevOps says it in `Retry-After`, also beside an answer that it gives, and in `X-RateLimit-Delay`: for so
many seconds it held a request back. Source: its page "Rate and usage limits". Microsoft Graph and Azure
Resource Manager refuse with 429 and `Retry-After`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

MOST_AT_A_TIME: Final = 16
"""Requests that one service gets at a time from one command at most."""


class Throttle:
    """The requests to one service, of all threads together.

    An objection halves how many of them may be under way; as many answers as are allowed at a time, without
    another objection, allow one more.
    """

    def __init__(self, pause: Callable[[float], object]) -> None:
        """`pause` waits so many seconds."""
        self._pause = pause
        self._changed = threading.Condition()
        self._allowed = MOST_AT_A_TIME
        self._under_way = 0
        self._answered = 0
        self._objected_at = 0.0
        self._resumes_at = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may be sent, and hold its place as long as the block runs."""
        with self._changed:
            while self._under_way >= self._allowed:
                self._changed.wait()
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def wait(self) -> float:
        """Wait as long as the service asked for; the time at which the request goes out."""
        with self._changed:
            left = self._resumes_at - time.monotonic()
        if left > 0:
            self._pause(left)
        return time.monotonic()

    def objected(self, sent_at: float, seconds: float) -> None:
        """The service objects to a request, and wants none for so many seconds.

        Requests that were under way together count as one objection.
        """
        with self._changed:
            now = time.monotonic()
            self._resumes_at = max(self._resumes_at, now + seconds)
            self._answered = 0
            if sent_at >= self._objected_at:
                self._allowed = max(1, self._allowed // 2)
                self._objected_at = now

    def answered(self) -> None:
        """The service answered without an objection."""
        with self._changed:
            self._answered += 1
            if self._answered >= self._allowed < MOST_AT_A_TIME:
                self._allowed += 1
                self._answered = 0
                self._changed.notify_all()
