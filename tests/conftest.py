"""What holds for every test."""

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(autouse=True)
def _an_event_loop_for_programs(_loop: asyncio.AbstractEventLoop) -> None:
    """Pulumi's mocks run on the current event loop, and a coroutine test before may have left none."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(_loop)
