"""What holds for every test."""

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The event loop of programs on Pulumi's mocks, closed when all tests are done."""
    loop = asyncio.get_event_loop_policy().get_event_loop()
    yield loop
    loop.close()


@pytest.fixture(autouse=True)
def _an_event_loop_for_programs(_loop: asyncio.AbstractEventLoop) -> None:
    """A coroutine test before may have left none."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(_loop)
