"""The engine's side of a plugin: real gRPC calls, and values with unknowns and secrets."""

from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from azure_service_connections.providers.pauses import Pauses
from azure_service_connections.providers.plugin import Plugin
from azure_service_connections.providers.property_values import read_struct, write_struct
from azure_service_connections.providers.server import start


class RecordedPauses(Pauses):
    """Waits that are written down instead of being waited out, in the published plugins' seconds."""

    def __init__(self) -> None:
        super().__init__(factor=1.0)
        self.waits: list[float] = []

    def wait_fully(self, seconds: float) -> None:
        self.waits.append(seconds)


class RefusedError(Exception):
    """What the engine shows when a call fails, and what it keeps of the resource."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.kept: Any = None
        for name, value in error.trailing_metadata() or ():
            if name == "grpc-status-details-bin":
                kept = provider_pb2.ErrorResourceInitFailed()
                start_of_detail = value.index(b"ErrorResourceInitFailed") + len(b"ErrorResourceInitFailed")
                kept.ParseFromString(_length_delimited(value[start_of_detail + 1 :]))
                self.kept = kept


def _length_delimited(data: bytes) -> bytes:
    length = shift = position = 0
    while True:
        byte = data[position]
        length |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if not byte & 0x80:
            return data[position : position + length]


class Engine:
    """Drives one plugin through a channel of its own."""

    def __init__(self, plugin: Plugin) -> None:
        self._server, port = start(plugin)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def close(self) -> None:
        self._channel.close()
        self._server.stop(None).wait()

    def call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request, timeout=30)
        except grpc.RpcError as error:
            raise RefusedError(error) from None

    def configure(self, package: str, **arguments: str) -> Any:
        variables = {f"{package}:config:{name}": value for name, value in arguments.items()}
        return self.call("Configure", provider_pb2.ConfigureRequest(variables=variables))

    def check(
        self, urn: str, news: dict, olds: dict | None = None, seed: bytes = b"seed"
    ) -> tuple[dict, list]:
        answer = self.call(
            "Check",
            provider_pb2.CheckRequest(
                urn=urn, news=write_struct(news), olds=write_struct(olds or {}), randomSeed=seed
            ),
        )
        return read_struct(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, urn: str, olds: dict, old_inputs: dict, news: dict, ignored: tuple = ()) -> Any:
        return self.call(
            "Diff",
            provider_pb2.DiffRequest(
                id="id",
                urn=urn,
                olds=write_struct(olds),
                old_inputs=write_struct(old_inputs),
                news=write_struct(news),
                ignoreChanges=ignored,
            ),
        )

    def create(self, urn: str, inputs: dict, preview: bool = False) -> tuple[str, dict]:
        answer = self.call(
            "Create",
            provider_pb2.CreateRequest(urn=urn, properties=write_struct(inputs), preview=preview),
        )
        return answer.id, read_struct(answer.properties)

    def read(
        self, urn: str, identifier: str, inputs: dict | None = None, state: dict | None = None
    ) -> tuple[str, dict, dict]:
        request = provider_pb2.ReadRequest(id=identifier, urn=urn, properties=write_struct(state or {}))
        if inputs is not None:
            request.inputs.CopyFrom(write_struct(inputs))
        answer = self.call("Read", request)
        return answer.id, read_struct(answer.inputs), read_struct(answer.properties)

    def update(
        self, urn: str, identifier: str, olds: dict, old_inputs: dict, news: dict, preview: bool = False
    ) -> dict:
        request = provider_pb2.UpdateRequest(
            id=identifier,
            urn=urn,
            olds=write_struct(olds),
            old_inputs=write_struct(old_inputs),
            news=write_struct(news),
            preview=preview,
        )
        return read_struct(self.call("Update", request).properties)

    def delete(self, urn: str, identifier: str, state: dict, inputs: dict | None = None) -> None:
        request = provider_pb2.DeleteRequest(
            id=identifier, urn=urn, properties=write_struct(state), old_inputs=write_struct(inputs or {})
        )
        self.call("Delete", request)

    def invoke(self, token: str, **arguments: Any) -> dict:
        request = provider_pb2.InvokeRequest(tok=token, args=write_struct(arguments))
        return read_struct(getattr(self.call("Invoke", request), "return"))
