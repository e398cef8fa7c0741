"""What holds for every test."""

import asyncio
import warnings
from collections.abc import Iterator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let the SDK leave its event loops open: it makes one for each program, and the collector finds them."""
    for left in (r"<socket\.socket .*", r"<function BaseEventLoop\.__del__ .*"):
        said = f"Exception ignored in. {left}"
        config.addinivalue_line("filterwarnings", f"ignore:{said}:pytest.PytestUnraisableExceptionWarning")
        # What is found after the last test is told without the filters of the tests.
        warnings.filterwarnings("ignore", said, pytest.PytestUnraisableExceptionWarning)


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
