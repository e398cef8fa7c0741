"""Many pieces of work at a time, until all are done or something stops them."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Final, TypeVar

from azure_service_connections.lifecycle.apply.ends import StoppedError
from azure_service_connections.lifecycle.apply.outcome import BAD, Outcome, OutcomeState

AT_A_TIME: Final = 8

Tell = Callable[[Outcome, int, int], None]
"""Hears what became of a piece of work, how many are done, and how many there are."""

W = TypeVar("W")


class EntryPool:
    """Carries pieces of work out on threads.

    Where one meets what every other would meet as well (StoppedError), or fails and failures are to stop the
    run, no further one is begun; those that are under way come to their end.
    """

    def __init__(self, at_a_time: int, stop_at_failure: bool, tell: Tell | None = None) -> None:
        """`tell` is called in the caller's own thread."""
        self._at_a_time = at_a_time
        self._stop_at_failure = stop_at_failure
        self._tell = tell
        self._stop = threading.Event()
        self.why = ""
        """Why the run ended before its end; empty where it did not."""

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be begun."""
        return self._stop.is_set()

    def halt(self, why: str) -> None:
        """Begin nothing more."""
        self.why = self.why or why
        self._stop.set()

    def heed(self, outcome: Outcome) -> None:
        """Begin nothing more after a failure, if that is wanted."""
        if self._stop_at_failure and outcome.state in BAD:
            self._stop.set()

    def each(
        self,
        works: Sequence[W],
        one: Callable[[W], Outcome],
        instead: Callable[[W, OutcomeState, str], Outcome],
    ) -> dict[str, Outcome]:
        """What became of each piece of work, by its id.

        `instead` makes the outcome of one that was not begun, or that stopped the run.
        """

        def unless_stopped(work: W) -> Outcome:
            if self._stop.is_set():
                return instead(work, "notStarted", "not begun, as the run stopped before")
            try:
                outcome = one(work)
            except StoppedError as error:
                self.halt(str(error))
                return instead(work, "failed", str(error))
            except BaseException:
                self._stop.set()
                raise
            self.heed(outcome)
            return outcome

        outcomes: dict[str, Outcome] = {}
        with ThreadPoolExecutor(max_workers=self._at_a_time, thread_name_prefix="entries") as executor:
            try:
                under_way: list[Future[Outcome]] = [executor.submit(unless_stopped, work) for work in works]
                for done in as_completed(under_way):
                    outcome = done.result()
                    outcomes[outcome.id] = outcome
                    if self._tell is not None:
                        self._tell(outcome, len(outcomes), len(works))
            except BaseException:
                # What is under way comes to its end, so that nothing is left half done without need.
                self._stop.set()
                raise
        return outcomes
