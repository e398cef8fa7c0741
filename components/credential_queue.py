"""The order in which the federated credentials of one identity are written.

Azure refuses to write two federated credentials of one managed identity at the same time, and the credentials
of one application are slow to write in parallel. Each credential therefore depends on the one before it with
the same identity, wherever in the program it was declared.

Which identity that is may be known only during the run, so the dependency is a value that resolves late. A
credential waits for the identities of those declared before it and for nothing else: an order by declaration
cannot end in two credentials that wait for each other.
"""

import asyncio
from collections.abc import Awaitable
from weakref import WeakKeyDictionary

import pulumi
import pulumi.runtime


class CredentialQueue:
    """The credentials of one run of the engine, by identity."""

    def __init__(self) -> None:
        """Start without a credential."""
        self._latest: dict[str, pulumi.Resource] = {}
        self._last_turn: asyncio.Future[pulumi.Resource | None] | None = None

    def enter(self, identity_id: pulumi.Output[str]) -> "Turn":
        """Take the place after all credentials that entered before."""
        turn = Turn()
        before = self._last_turn
        turn.predecessor = self._last_turn = asyncio.ensure_future(self._wait(before, identity_id, turn))
        return turn

    async def _wait(
        self,
        before: asyncio.Future[pulumi.Resource | None] | None,
        identity_id: pulumi.Output[str],
        turn: "Turn",
    ) -> pulumi.Resource | None:
        if before is not None:
            await before
        try:
            known = await identity_id.future()
        except Exception:  # the run fails where the identity registers; here only the order matters
            return None
        if known is None or turn.credential is None:  # in a preview the identity may not exist yet
            return None
        predecessor = self._latest.get(known.lower())
        self._latest[known.lower()] = turn.credential
        return predecessor


class Turn:
    """One credential's place in the queue."""

    predecessor: Awaitable[pulumi.Resource | None]
    """The credential to wait for, or None for the first of its identity."""
    credential: pulumi.Resource | None = None
    """The credential itself, set as soon as it is declared."""


_queues: WeakKeyDictionary[object, CredentialQueue] = WeakKeyDictionary()
_of_process: list[CredentialQueue] = []


def queue_of_run() -> CredentialQueue:
    """The queue of the run that is going on.

    A process may see several runs, a preview and the update after it: a queue that outlived its run would
    name resources of a finished one. A run is known by its connection to the engine.
    """
    if _of_process:
        return _of_process[0]
    return _queues.setdefault(pulumi.runtime.settings.get_monitor(), CredentialQueue())


def use_one_queue_for_the_process() -> None:
    """Share one queue between everything in this process.

    For a component package: the engine starts its process for one run and connects to it anew for every
    component.
    """
    if not _of_process:
        _of_process.append(CredentialQueue())
