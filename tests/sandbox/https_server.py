"""A sandbox served over https in the process of the tests."""

import asyncio
import ssl
import threading
from pathlib import Path
from typing import Any

from azure_service_connections.sandbox import certificates
from azure_service_connections.sandbox.application import create_application
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.server import Server, listen


class HttpsServer:
    """One https server for all tests; each test gives it a cloud of its own."""

    def __init__(self, home: Path) -> None:
        self.cloud: Cloud | None = None
        self.authority, certificate = certificates.ensure(home)
        self.verify = ssl.create_default_context(cafile=self.authority)
        listener = listen(0)
        self.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        started = threading.Event()
        self._server = Server(self, certificate, started.set)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._server.serve([listener])), daemon=True
        )
        self._thread.start()
        assert started.wait(20)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.cloud is not None
        await create_application(self.cloud)(scope, receive, send)

    def close(self) -> None:
        """End the server."""
        self._server.should_exit = True
        self._thread.join(20)
