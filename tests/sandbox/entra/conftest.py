"""The tenant of these tests, asked in process and over https."""

from collections.abc import Iterator

import pytest
import trustme
from entra_world import Server, World, in_process, over_https

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.signing import Signing
from azure_service_connections.sandbox.store import Store


@pytest.fixture(scope="session")
def entra_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a certificate of its own authority."""
    folder = tmp_path_factory.mktemp("entra")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(
        folder / "server.pem"
    )
    server = Server(str(folder / "server.pem"), str(folder / "ca.pem"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def signing() -> Iterator[Signing]:
    """Keys of both issuers for all tests: making them takes longer than most tests."""
    store = Store()
    shared = Signing(store)
    for issuer in ("entra", "devops"):
        shared.public_key(issuer)
    yield shared
    store.close()


@pytest.fixture(params=["in process", "https"])
def world(request: pytest.FixtureRequest, signing: Signing) -> Iterator[World]:
    """The tenant, asked in process and over https."""
    if request.param == "https":
        server: Server = request.getfixturevalue("entra_server")
        cloud = Cloud(url=server.url)
        server.cloud = cloud
        send = over_https(server)
    else:
        cloud = Cloud()
        send = in_process(cloud)
    cloud.signing = signing
    yield World(cloud, send)
    cloud.close()
