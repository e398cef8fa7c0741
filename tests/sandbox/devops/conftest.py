"""The organization of these tests, asked in process and over https."""

from collections.abc import Iterator

import pytest
from devops_world import World, in_process, over_https

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document
from tests.sandbox.https_server import HttpsServer


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
        server: HttpsServer = request.getfixturevalue("https_server")
        cloud = server.cloud = Cloud(url=server.url)
        send = over_https(server.url, request.getfixturevalue("https_client"))
    else:
        cloud = Cloud()
        send = in_process(cloud)
    for issuer, key in devops_signing_keys.items():
        cloud.store.put("signing-keys", issuer, key)
    yield World(cloud, send)
    cloud.close()
