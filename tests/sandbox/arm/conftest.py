"""The tenants and subscriptions of these tests, asked in process and over https."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from arm_world import World, in_process, over_https

from azure_service_connections.sandbox.cloud import Cloud


@pytest.fixture(params=["in process", "https"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The tenants, asked in process and over https."""
    if request.param == "https":
        yield from _served(request.getfixturevalue("https_server"))
        return
    cloud = Cloud()
    yield World(cloud, in_process(cloud))
    cloud.close()


@pytest.fixture
def served_world(https_server: Any) -> Iterator[World]:
    """The tenants, asked over https only."""
    yield from _served(https_server)


def _served(server: Any) -> Iterator[World]:
    cloud = server.cloud = Cloud(url=server.url)
    with httpx.Client(base_url=server.url, verify=server.verify, trust_env=False) as client:
        yield World(cloud, over_https(client))
    server.cloud = None
    cloud.close()
