"""The sandbox in this process, behind the plugins' HTTP client."""

import asyncio

import httpx

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.application import create_application
from azure_service_connections.sandbox.cloud import Cloud

URL = "https://127.0.0.1:18443"


class LocalCloud(httpx.BaseTransport):
    """The sample estate, served without a socket."""

    def __init__(self) -> None:
        self.cloud = Cloud(None, URL)
        estate.replant(self.cloud, estate.sample())
        self._application = httpx.ASGITransport(create_application(self.cloud))

    @property
    def identity(self) -> dict[str, str]:
        """Provider arguments with which the operator signs in."""
        operator = estate.operator(self.cloud)
        return {
            "metadataHost": URL.removeprefix("https://"),
            "tenantId": operator["tenantId"],
            "clientId": operator["clientId"],
            "clientSecret": operator["secret"],
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(request.method, request.url, headers=request.headers.raw, content=request.read())
        return asyncio.run(self._answer(sent))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._application.handle_async_request(request)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers.raw, content=content)

    def close(self) -> None:
        self.cloud.close()
