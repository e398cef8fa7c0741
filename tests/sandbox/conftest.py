"""A sandbox with the sample estate, asked in process and over https with the same cases."""

import asyncio
import base64
from collections.abc import Callable, Iterator

import httpx
import pytest

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.application import create_application
from azure_service_connections.sandbox.cloud import Cloud
from tests.sandbox.https_server import HttpsServer

TENANT = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
PRODUCTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
DEVELOPMENT = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02"
PLATFORM = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c03"


class InProcess(httpx.BaseTransport):
    """Hands requests to the application without a network."""

    def __init__(self, cloud: Cloud) -> None:
        self._transport = httpx.ASGITransport(create_application(cloud))
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        request.stream = httpx.ByteStream(request.read())
        response = await self._transport.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    def close(self) -> None:
        self._runner.close()


@pytest.fixture(scope="session")
def https_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsServer]:
    """A server with a certificate of its own authority."""
    server = HttpsServer(tmp_path_factory.mktemp("https"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def https_client(https_server: HttpsServer) -> Iterator[httpx.Client]:
    """A client that keeps its connection to the server of all tests."""
    with httpx.Client(verify=https_server.verify, trust_env=False) as client:
        yield client


@pytest.fixture(params=["in process", "https"])
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A cloud planted with the sample estate."""
    if request.param == "https":
        server: HttpsServer = request.getfixturevalue("https_server")
        cloud = server.cloud = Cloud(url=server.url)
        estate.replant(cloud, estate.sample())
        yield cloud
        server.cloud = None
    else:
        cloud = Cloud()
        estate.replant(cloud, estate.sample())
        yield cloud
    cloud.close()


@pytest.fixture
def client(request: pytest.FixtureRequest, cloud: Cloud) -> Iterator[httpx.Client]:
    """A client of the cloud that sends no token."""
    if request.node.callspec.params["cloud"] == "https":
        server: HttpsServer = request.getfixturevalue("https_server")
        with httpx.Client(base_url=cloud.url, verify=server.verify, trust_env=False) as client:
            yield client
    else:
        with httpx.Client(base_url=cloud.url, transport=InProcess(cloud), trust_env=False) as client:
            yield client


@pytest.fixture
def token(cloud: Cloud, client: httpx.Client) -> Callable[..., str]:
    """Signs in with a secret, by default as the operator, for a resource, by default the sandbox's own."""

    def sign_in(client_id: str = "", secret: str = "", resource: str = "") -> str:
        operator = estate.operator(cloud)
        answer = client.post(
            f"/{TENANT}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client_id or operator["clientId"],
                "client_secret": secret or operator["secret"],
                "scope": f"{resource or cloud.url}/.default",
            },
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    return sign_in


@pytest.fixture
def operator(token: Callable[..., str]) -> dict[str, str]:
    """The headers with which the operator asks Graph and Resource Manager."""
    return {"Authorization": f"Bearer {token()}"}


@pytest.fixture
def ada(cloud: Cloud) -> dict[str, str]:
    """The headers with which Ada asks Azure DevOps."""
    secret = base64.b64encode(f":{estate.operator(cloud)['token']}".encode()).decode()
    return {"Authorization": f"Basic {secret}"}
