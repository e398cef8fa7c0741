"""The organization of these tests, asked in process and over https."""

from collections.abc import Iterator

import pytest
import trustme
from devops_world import Server, World, in_process, over_https

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document


@pytest.fixture(scope="session")
def devops_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a certificate of its own authority."""
    folder = tmp_path_factory.mktemp("devops")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    server = Server(str(folder / "server.pem"), str(folder / "ca.pem"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def devops_signing_keys() -> dict[str, Document]:
    """Keys of both issuers, made once: making them takes longer than most tests."""
    cloud = Cloud()
    for issuer in ("entra", "devops"):
        cloud.signing.public_key(issuer)
    keys = cloud.store.dump()["signing-keys"]
    cloud.close()
    return keys


@pytest.fixture(params=["in process", "https"])
def world(request: pytest.FixtureRequest, devops_signing_keys: dict[str, Document]) -> Iterator[World]:
    """The organization, asked in process and over https."""
    if request.param == "https":
        server: Server = request.getfixturevalue("devops_server")
        cloud = Cloud(url=server.url)
        server.cloud = cloud
        send = over_https(server)
    else:
        cloud = Cloud()
        send = in_process(cloud)
    for issuer, key in devops_signing_keys.items():
        cloud.store.put("signing-keys", issuer, key)
    yield World(cloud, send)
    cloud.close()
