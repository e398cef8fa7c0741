"""A sandbox of these tests' own estate, served over https."""

from collections.abc import Iterator
from typing import TypeVar

import pytest
from inventory_world import Organizations
from old_connections import OldConnections
from served_cloud import Https, World

from azure_service_connections.lifecycle.services import Services

W = TypeVar("W", bound=World)


@pytest.fixture(scope="session")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Https]:
    """A server with a certificate of its own authority."""
    server = Https(tmp_path_factory.mktemp("https"))
    yield server
    server.close()


@pytest.fixture
def world(https: Https, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A cloud of the test's own, which the environment of the process points at."""
    yield from _served(World(https), https, monkeypatch)


@pytest.fixture
def old(https: Https, monkeypatch: pytest.MonkeyPatch) -> Iterator[OldConnections]:
    """A cloud with connections of before federation, which the environment of the process points at."""
    yield from _served(OldConnections(https), https, monkeypatch)


@pytest.fixture
def estate(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Organizations]:
    """Three organizations of two tenants, which the environment of the process points at."""
    organizations = Organizations(world)
    for name, value in organizations.environment.items():
        monkeypatch.setenv(name, value)
    yield organizations
    organizations.services.close()


@pytest.fixture
def services(world: World) -> Iterator[Services]:
    """The services as the operator of the estate reaches them."""
    with Services() as services:
        yield services


def _served(world: W, https: Https, monkeypatch: pytest.MonkeyPatch) -> Iterator[W]:
    https.world = world
    for name in ("ARM_SUBSCRIPTION_ID", "ARM_ENVIRONMENT", "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    yield world
    https.world = None
    world.cloud.close()
