"""Messages to the engine that started the plugin, shown beside the resource they are about."""

from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class EngineLog:
    """Warnings for a person; silent when there is no engine (a test, a schema request)."""

    def __init__(self, address: str = "") -> None:
        self._stub: Any = None
        if address:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def warn(self, urn: str, sentence: str) -> None:
        """Show a warning; an engine that has gone is no failure."""
        if self._stub is None:
            return
        request = engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=sentence, urn=urn)
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:
            self._stub = None
