"""Runs a plugin for the engine that started it: port on the first line, and no life after the engine.

The engine starts a plugin with its own address as an argument (not needed here), reads the port from the
first line of standard output, and ends the plugin with a signal. An engine that was killed sends none, so the
plugin looks for its parent.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.plugin import Plugin
from azure_service_connections.providers.plugin_servicer import PluginServicer

THREADS: Final = 64
"""Requests at the same time; the engine's default is 16 operations, and people ask for 64."""

_SIGNALS: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_LOOK_AT_PARENT: Final = 0.5
_UNLIMITED: Final = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
)


def start(plugin: Plugin[Any]) -> tuple[grpc.Server, int]:
    """A running server on 127.0.0.1 and its port; PluginError when no port can be had."""
    server = grpc.server(ThreadPoolExecutor(max_workers=THREADS), options=_UNLIMITED)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(PluginServicer(plugin), server)
    try:
        port = server.add_insecure_port("127.0.0.1:0")
    except RuntimeError as error:
        raise PluginError(f"no port on 127.0.0.1 can be opened: {error}.") from error
    server.start()
    return server, port


def serve(make: Callable[[], Plugin[Any]]) -> None:
    """Serve until a signal comes or the parent is gone; never returns."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    try:
        _, port = start(make())
    except PluginError as error:
        sys.stderr.write(f"{error}\n")
        os._exit(1)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    signal.sigwait(_SIGNALS)
    os._exit(0)


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_AT_PARENT)
    os._exit(0)
