"""One line a step on standard error, with the seconds it took."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Writes `[2/5] pulumi CLI 3.259.0 … 201 s`. On a terminal the seconds count up while the step runs."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._steps = self._step = 0
        self._stream = stream or sys.stderr

    def begin(self, text: str, steps: int) -> None:
        """Says what is about to be done, in how many steps."""
        self._steps, self._step = steps, 0
        self.say(text)

    def say(self, text: str) -> None:
        """A line that is no step."""
        print(text, file=self._stream, flush=True)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Announces the step at once, so that nobody looks at a silent screen, and ends its line with it."""
        self._step += 1
        line = f"[{self._step}/{self._steps}] {text} …"
        started = time.monotonic()
        self._stream.write(line)
        self._stream.flush()
        ended = threading.Event()
        counter = threading.Thread(target=self._count, args=(line, started, ended), daemon=True)
        counter.start()
        try:
            yield
        except BaseException:
            self._close(line, counter, ended, "failed")
            raise
        self._close(line, counter, ended, _seconds(started))

    def _count(self, line: str, started: float, ended: threading.Event) -> None:
        if not self._stream.isatty():
            return
        while not ended.wait(1):
            self._stream.write(f"\r{line} {_seconds(started)}")
            self._stream.flush()

    def _close(self, line: str, counter: threading.Thread, ended: threading.Event, outcome: str) -> None:
        ended.set()
        counter.join()
        start = f"\r{line}" if self._stream.isatty() else ""
        self._stream.write(f"{start} {outcome}\n")
        self._stream.flush()


def _seconds(started: float) -> str:
    return f"{time.monotonic() - started:.0f} s"
