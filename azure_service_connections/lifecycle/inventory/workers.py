"""Threads that ask the services many things at a time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Final, Self, TypeVar

THREADS: Final = 64
"""Four times what one service gets at a time: several services are asked while another one is slow."""
_STRIDE: Final = 7919
"""A prime number: jobs so far apart are begun one after the other, for neighbours ask the same service."""

T = TypeVar("T")
Tell = Callable[[str, int, int], None]
"""Is told what is being read, how much of it is read, and how much there is."""


class Workers:
    """Runs jobs on threads that are kept until the end of the block."""

    def __init__(self, tell: Tell | None = None) -> None:
        """`tell` is called in the caller's own thread."""
        self._tell = tell
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="inventory")

    def __enter__(self) -> Self:
        """Leave the block to end the threads."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the threads; jobs that have not begun are dropped.

        An interrupt does not wait for those under way, which a service may keep waiting for minutes: they end
        when the services are closed.
        """
        self._pool.shutdown(wait=kind is not KeyboardInterrupt, cancel_futures=True)

    def all(self, what: str, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """What each job answers, in their order; the first error of one ends the others."""
        order = sorted(range(len(jobs)), key=lambda number: number * _STRIDE % len(jobs))
        begun = {number: self._pool.submit(jobs[number]) for number in order}
        futures = [begun[number] for number in range(len(jobs))]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                if self._tell is not None:
                    self._tell(what, done, len(futures))
        except BaseException:
            for future in futures:
                future.cancel()
            raise
        return [future.result() for future in futures]
