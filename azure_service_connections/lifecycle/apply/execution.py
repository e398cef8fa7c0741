"""A whole plan carried out: many entries at a time, each to its end, then what is retired and removed.

Nothing is retired before every entry has been carried out: whether a secret is still needed shows only then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from azure_service_connections.lifecycle.apply import removal
from azure_service_connections.lifecycle.apply.ends import StoppedError, stopping
from azure_service_connections.lifecycle.apply.entry_history import history_of
from azure_service_connections.lifecycle.apply.entry_pool import AT_A_TIME, EntryPool, Tell
from azure_service_connections.lifecycle.apply.entry_retirement import EntryRetirement
from azure_service_connections.lifecycle.apply.entry_run import EntryRun
from azure_service_connections.lifecycle.apply.journal import Journal
from azure_service_connections.lifecycle.apply.outcome import Outcome, OutcomeState, of_entry, of_removal
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.apply.retirement import SecretUsers
from azure_service_connections.lifecycle.apply.survey import Survey, Work
from azure_service_connections.lifecycle.apply.tools import Tools
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.plan.plan_file import Plan, Removal
from azure_service_connections.lifecycle.services import Services

WAIT_STEP_SECONDS: Final = 15.0

StillOrphaned = Callable[[Sequence[Removal]], set[tuple[str, str]]]
"""Answers kind and id of those of some removals that have still lost their other half."""


@dataclass(frozen=True)
class Choices:
    """How a plan is carried out."""

    at_a_time: int = AT_A_TIME
    stop_at_failure: bool = False
    """Whether no further entry is begun after one has failed. Default: the others go on."""
    wait_seconds: float = 0.0
    """How long to wait for credentials that somebody else places."""
    credentials_placed: bool = False
    """Whether such a credential is taken to be there where the operator cannot look."""


class Execution:
    """Carries out what a survey has found to be left of a plan."""

    def __init__(
        self,
        services: Services,
        journal: Journal,
        plan: Plan,
        choices: Choices,
        *,
        still_orphaned: StillOrphaned,
        patience: Patience | None = None,
        tell: Tell | None = None,
    ) -> None:
        """`tell` hears what became of each entry, how many are done, and how many there are."""
        self._services = services
        self._journal = journal
        self._plan = plan
        self._choices = choices
        self._still_orphaned = still_orphaned
        self._patience = patience or Patience()
        self._tools = Tools.of(services, journal, self._patience)
        self._pool = EntryPool(choices.at_a_time, choices.stop_at_failure, tell)

    @property
    def stopped(self) -> str:
        """Why the run ended before its end; empty where it did not."""
        return self._pool.why

    def run(self, found: Survey) -> list[Outcome]:
        """What became of every entry and removal, in the plan's order.

        What could not be begun any more is among it, and `stopped` says why.
        """
        outcomes = {each.id: each for each in (*found.settled, *found.refused)}
        for each in found.refused:
            self._note_refusal(each)
            self._pool.heed(each)
        outcomes |= self._carry_out(found.pending)
        outcomes |= self._await(found.pending, outcomes)
        outcomes |= self._retire(found, outcomes)
        entries = [outcomes[each.id] for each in self._plan.entries if each.id in outcomes]
        return [*entries, *self._remove(found.removals)]

    def _note_refusal(self, outcome: Outcome) -> None:
        entry = next(each for each in self._plan.entries if each.id == outcome.id)
        self._journal.write(
            entry.organization,
            entry.id,
            "checked",
            "failed",
            outcome.note,
            action=entry.action,
            expects=entry.expects,
        )

    def _carry_out(self, works: Sequence[Work]) -> dict[str, Outcome]:
        def one(work: Work) -> Outcome:
            run = EntryRun(
                self._tools,
                work.entry,
                work.connection,
                history_of(self._journal.of(work.entry.id), work.entry),
                self._choices.credentials_placed,
            )
            return run.carry_out()

        return self._pool.each(works, one, _instead)

    def _await(self, works: Sequence[Work], outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
        """Look again after those that wait for somebody, as long as the choices say."""
        again: dict[str, Outcome] = {}
        waited = 0.0
        while not self._pool.stopped and waited < self._choices.wait_seconds:
            merged = outcomes | again
            waiting = [work for work in works if merged[work.entry.id].state == "waiting"]
            if not waiting:
                break
            step = min(WAIT_STEP_SECONDS, self._choices.wait_seconds - waited)
            self._patience.pause(step)
            waited += step
            again |= self._carry_out(waiting)
        return again

    def _retire(self, found: Survey, outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
        users = SecretUsers(self._services, self._plan.organizations)
        before = {
            work.entry.id: of_entry(work.entry, "done", "proven by an earlier run")
            for work in found.to_retire
        }
        before |= {key: each for key, each in outcomes.items() if each.state == "done"}
        works = [
            work
            for work in (*found.to_retire, *found.pending)
            if work.entry.retire and work.entry.id in before
        ]

        def one(work: Work) -> Outcome:
            history = history_of(self._journal.of(work.entry.id), work.entry)
            retirement = EntryRetirement(self._tools, users, work.entry, work.connection, history)
            return retirement.carry_out(before[work.entry.id])

        retired = self._pool.each(works, one, _instead)
        # What was done stays done, although nothing was removed for it.
        return {
            key: before[key].model_copy(update={"note": f"{before[key].note}; nothing was removed yet"})
            if each.state == "notStarted"
            else each
            for key, each in retired.items()
        }

    def _remove(self, removals: Sequence[Removal]) -> list[Outcome]:
        if not removals:
            return []
        try:
            with stopping():
                orphaned = set() if self._pool.stopped else self._still_orphaned(removals)
        except StoppedError as error:
            self._pool.halt(str(error))
        outcomes = []
        for each in removal.in_order(removals):
            if self._pool.stopped:
                outcomes.append(of_removal(each, "notStarted", "not begun, as the run stopped before"))
            else:
                outcomes.append(self._remove_one(each, (each.kind, each.id) in orphaned))
            self._pool.heed(outcomes[-1])
        return outcomes

    def _remove_one(self, each: Removal, orphaned: bool) -> Outcome:
        try:
            with stopping():
                there = orphaned or removal.is_there(self._services, each)
                if there and not orphaned:
                    return of_removal(
                        each,
                        "refused",
                        "it is no orphan any more, or cannot be seen to be one; write a new plan",
                    )
                if there:
                    self._journal.write(each.organization, each.id, "removed", "begun", kind=each.kind)
                    there = removal.remove(self._services, each)
        except StoppedError as error:
            self._pool.halt(str(error))
            return of_removal(each, "failed", str(error))
        except LifecycleError as error:
            self._journal.write(each.organization, each.id, "removed", "failed", str(error))
            return of_removal(each, "failed", str(error))
        note = "removed" if there else "gone already"
        self._journal.write(each.organization, each.id, "removed", "done", note)
        return of_removal(each, "done", note, changed=there)


def _instead(work: Work, state: OutcomeState, note: str) -> Outcome:
    return of_entry(work.entry, state, note)
