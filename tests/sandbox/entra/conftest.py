"""The tenant of these tests, asked in process and over https."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from entra_world import World, in_process, over_https

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.signing import Signing
from azure_service_connections.sandbox.store import Store


@pytest.fixture(scope="session")
def signing() -> Iterator[Signing]:
    """Keys of both issuers for all tests: making them takes longer than most tests."""
    store = Store()
    shared = Signing(store)
    for issuer in ("entra", "devops"):
        shared.public_key(issuer)
    yield shared
    store.close()


@pytest.fixture
def served(https_server: Any, https_client: httpx.Client, signing: Signing) -> Iterator[World]:
    """The tenant, asked over https."""
    cloud = https_server.cloud = Cloud(url=https_server.url)
    cloud.signing = signing
    yield World(cloud, over_https(cloud.url, https_client))
    https_server.cloud = None
    cloud.close()


@pytest.fixture(params=["in process", "https"])
def world(request: pytest.FixtureRequest, signing: Signing) -> Iterator[World]:
    """The tenant, asked in process and over https."""
    if request.param == "https":
        yield request.getfixturevalue("served")
        return
    cloud = Cloud()
    cloud.signing = signing
    yield World(cloud, in_process(cloud))
    cloud.close()
