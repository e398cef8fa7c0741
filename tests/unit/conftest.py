"""Fixtures of the unit tests."""

import pulumi.runtime
import pytest
from mock_cloud import Cloud, start


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
