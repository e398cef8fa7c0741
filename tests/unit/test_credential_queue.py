"""The order in which federated credentials of one identity are written."""

import asyncio
from typing import Any

import pulumi
import pytest
from mock_cloud import Cloud, start

from components import credential_queue
from components.credential_queue import CredentialQueue, Turn, queue_of_run


class Credential(pulumi.CustomResource):
    """Stands for a credential; nothing of it is read."""

    def __init__(self, name: str) -> None:
        self.name = name


def enter(queue: CredentialQueue, identity: Any, name: str) -> Turn:
    turn = queue.enter(pulumi.Output.from_input(identity))
    turn.credential = Credential(name)
    return turn


async def before(turn: Turn) -> str | None:
    credential = await turn.predecessor
    return None if credential is None else credential.name  # type: ignore[attr-defined]


async def test_each_credential_follows_the_one_before_it_with_the_same_identity() -> None:
    queue = CredentialQueue()
    turns = [
        enter(queue, identity, name) for identity, name in (("A", "1"), ("b", "2"), ("a", "3"), ("B", "4"))
    ]
    assert [await before(turn) for turn in turns] == [None, None, "1", "2"]


async def test_the_order_is_that_of_declaration_even_when_the_first_identity_is_known_last() -> None:
    queue, late = CredentialQueue(), asyncio.get_running_loop().create_future()
    first, second = enter(queue, late, "1"), enter(queue, "a", "2")
    asyncio.get_running_loop().call_soon(late.set_result, "a")
    assert [await before(second), await before(first)] == ["1", None]


async def test_an_identity_that_cannot_be_made_holds_nobody_up() -> None:
    queue, broken = CredentialQueue(), asyncio.get_running_loop().create_future()
    first, second = enter(queue, broken, "1"), enter(queue, "a", "2")
    broken.set_exception(RuntimeError("no identity"))
    assert [await before(first), await before(second)] == [None, None]


async def test_an_identity_that_is_not_known_in_a_preview_orders_nothing() -> None:
    queue = CredentialQueue()
    first = queue.enter(pulumi.Output.from_input(pulumi.UNKNOWN))
    first.credential = Credential("1")
    assert await before(first) is None


async def test_a_run_does_not_see_the_credentials_of_the_run_before_it() -> None:
    start(Cloud(), preview=True)
    preview = queue_of_run()
    assert queue_of_run() is preview
    start(Cloud())
    assert queue_of_run() is not preview


async def test_a_component_package_shares_one_queue_between_its_components(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(credential_queue, "_of_process", [])
    credential_queue.use_one_queue_for_the_process()
    start(Cloud())
    first = queue_of_run()
    start(Cloud())
    assert queue_of_run() is first
