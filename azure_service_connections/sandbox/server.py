"""Serves a sandbox over https: `python -m azure_service_connections.sandbox.server --home … --port …`.

One process, on loopback only. SIGTERM and SIGINT end it at once; what it has answered is on disk by then.
"""

import argparse
import asyncio
import errno
import logging
import os
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from azure_service_connections.sandbox import certificates, estate
from azure_service_connections.sandbox.application import create_application
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.home import DEFAULT_PORT, Home, Running
from azure_service_connections.version import VERSION

HOST = "127.0.0.1"
BACKLOG = 512


class StartError(Exception):
    """Why a server cannot start, in a sentence with a way out."""


class Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, application: Any, certificate: Path, on_start: Callable[[], None]) -> None:
        """Serve an ASGI application with a key and certificate; call `on_start` when it listens."""
        super().__init__(
            uvicorn.Config(
                application,
                ssl_certfile=certificate,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=0,
                backlog=BACKLOG,
            )
        )
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._on_start()


def listen(port: int) -> socket.socket:
    """A socket on loopback; port 0 takes any free one. Raises `StartError` where the port is taken."""
    # The protocol is said because asyncio sets TCP_NODELAY only then; without it an answer takes 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"port {port} is taken by another program; choose another with --port or SANDBOX_PORT "
                "(0 takes any free one)"
            ) from None
        raise StartError(
            f"port {port} cannot be used ({error.strerror}); choose one from 1024 to 65535"
        ) from None
    return listener


def open_cloud(home: Home, url: str, estate_text: str | None) -> Cloud:
    """The cloud that lies in a home; an empty one is planted. Raises `StartError`."""
    try:
        cloud = Cloud(home.database, url)
    except sqlite3.DatabaseError as error:
        raise StartError(
            f"{home.database} cannot be read ({error}); move it away or run `connections sandbox up --fresh`"
        ) from None
    written = cloud.store.get("settings", "version")
    if written is not None and _release(written["value"]) != _release(VERSION):
        cloud.close()
        raise StartError(
            f"{home.path} was made by version {written['value']} and this is {VERSION}; run `connections "
            "sandbox up --fresh`, which forgets what is in it"
        )
    try:
        if not cloud.store.keys("tenants"):
            estate.replant(cloud, estate_text if estate_text is not None else estate.sample())
        elif estate_text is not None:
            raise StartError(
                f"{home.path} holds an estate already; give yours with `connections sandbox seed FILE`"
            )
    except EstateError as error:
        cloud.close()
        raise StartError(str(error)) from None
    cloud.store.put("settings", "version", {"value": VERSION})
    return cloud


def serve(home: Home, port: int, estate_text: str | None, ready: Callable[[], None]) -> None:
    """Serve until a signal ends it. Raises `StartError` where it cannot start."""
    held = home.lock()
    if held is None:
        raise StartError(f"another server is at work in {home.path}; run `connections sandbox down` first")
    with held:
        listener = listen(port)
        port = listener.getsockname()[1]
        url = f"https://{HOST}:{port}"
        _, certificate = certificates.ensure(home.path)
        cloud = open_cloud(home, url, estate_text)

        def started() -> None:
            home.note(Running(os.getpid(), port, url, VERSION))
            ready()

        server = Server(create_application(cloud), certificate, started)
        try:
            asyncio.run(server.serve([listener]))
        finally:
            cloud.close()


def main() -> int:
    """The command line; 0 after a signal, 1 with a sentence where it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m azure_service_connections.sandbox.server")
    parser.add_argument("--home", type=Path, default=Path(".sandbox"), help="the folder with the state")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes any free one")
    parser.add_argument("--estate", type=Path, help="the estate of an empty home; default: the sample")
    parser.add_argument("--ready-descriptor", type=int, help="written and closed when the server listens")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")

    def ready() -> None:
        if arguments.ready_descriptor is not None:
            os.write(arguments.ready_descriptor, b"ready\n")
            os.close(arguments.ready_descriptor)

    try:
        text = arguments.estate.read_text("utf-8") if arguments.estate else None
        serve(Home(arguments.home.absolute()), arguments.port, text, ready)
    except (StartError, OSError, UnicodeDecodeError) as error:
        print(f"error: {error}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _release(version: str) -> str:
    """What two versions have in common that can read each other's state: all but the patch level."""
    return ".".join(version.split(".")[:2])


if __name__ == "__main__":
    sys.exit(main())
