"""The tenants and subscriptions of these tests, asked in process and over https."""

from collections.abc import Iterator

import pytest
import trustme
from arm_world import Server, World, in_process, over_https

from azure_service_connections.sandbox.cloud import Cloud


@pytest.fixture(scope="session")
def arm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a certificate of its own authority."""
    folder = tmp_path_factory.mktemp("arm")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(
        folder / "server.pem"
    )
    server = Server(str(folder / "server.pem"), str(folder / "ca.pem"))
    yield server
    server.close()


@pytest.fixture(params=["in process", "https"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The tenants, asked in process and over https."""
    if request.param == "https":
        yield from served(request.getfixturevalue("arm_server"))
        return
    cloud = Cloud()
    yield World(cloud, in_process(cloud))
    cloud.close()


@pytest.fixture
def served_world(arm_server: Server) -> Iterator[World]:
    """The tenants, asked over https only."""
    yield from served(arm_server)


def served(server: Server) -> Iterator[World]:
    """A world behind the server."""
    cloud = Cloud(url=server.url)
    server.cloud = cloud
    yield World(cloud, over_https(server))
    server.cloud = None
    cloud.close()
