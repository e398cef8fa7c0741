"""Both plugins, configured, behind a real gRPC channel; a recording cloud behind them."""

from collections.abc import Iterator

import pytest

from azure_service_connections.providers.azure_native.package import AzureNativePlugin
from azure_service_connections.providers.azuread.package import AzureadPlugin
from tests.providers.recorded_engine import Engine, RecordedPauses
from tests.providers.recording_cloud import CLIENT, HOST, SUBSCRIPTION, TENANT, RecordingCloud

IDENTITY = {"metadataHost": HOST, "tenantId": TENANT, "clientId": CLIENT, "clientSecret": "pa55"}


@pytest.fixture(autouse=True)
def _no_identity_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "METADATA_HOSTNAME",
        "TENANT_ID",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "SUBSCRIPTION_ID",
        "USE_OIDC",
    ):
        monkeypatch.delenv(f"ARM_{name}", raising=False)


@pytest.fixture
def cloud() -> RecordingCloud:
    return RecordingCloud()


@pytest.fixture
def pauses() -> RecordedPauses:
    return RecordedPauses()


@pytest.fixture
def unconfigured_azuread(cloud: RecordingCloud, pauses: RecordedPauses) -> Iterator[Engine]:
    engine = Engine(AzureadPlugin(pauses, cloud))
    yield engine
    engine.close()


@pytest.fixture
def azuread(unconfigured_azuread: Engine) -> Engine:
    unconfigured_azuread.configure("azuread", **IDENTITY)
    return unconfigured_azuread


@pytest.fixture
def unconfigured_azure_native(cloud: RecordingCloud, pauses: RecordedPauses) -> Iterator[Engine]:
    engine = Engine(AzureNativePlugin(pauses, cloud))
    yield engine
    engine.close()


@pytest.fixture
def azure_native(unconfigured_azure_native: Engine) -> Engine:
    unconfigured_azure_native.configure("azure-native", subscriptionId=SUBSCRIPTION, **IDENTITY)
    return unconfigured_azure_native
