"""Fixtures of the unit tests."""

import warnings

import pulumi.runtime
import pytest
from mock_cloud import Cloud, start


def pytest_configure(config: pytest.Config) -> None:
    """Let the SDK leave its event loops open: it makes one for each program, and the collector finds them."""
    for left in (r"<socket\.socket .*", r"<function BaseEventLoop\.__del__ .*"):
        said = f"Exception ignored in. {left}"
        config.addinivalue_line("filterwarnings", f"ignore:{said}:pytest.PytestUnraisableExceptionWarning")
        # What is found after the last test is told without the filters of the tests.
        warnings.filterwarnings("ignore", said, pytest.PytestUnraisableExceptionWarning)


@pytest.fixture
def cloud() -> Cloud:
    """A cloud for one test."""
    return start(Cloud())


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test says itself what a stack configures and what the environment holds."""
    pulumi.runtime.set_all_config({})
    for name in (
        "ARM_MGMT_GROUP_ID",
        "ARM_MGMT_GROUP_NAME",
        "AZDO_ORG_SERVICE_URL",
        "ARM_ENVIRONMENT",
        "AZURE_ENVIRONMENT",
    ):
        monkeypatch.delenv(name, raising=False)
