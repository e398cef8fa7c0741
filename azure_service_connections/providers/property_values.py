"""Property values between the engine and a plugin: protobuf structs with unknowns, secrets and outputs.

The markers are the engine's own (`sdk/go/common/resource/properties.go`).
"""

from typing import Any, Final

from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]

Properties = dict[str, Any]
"""Names to values: JSON values, `UNKNOWN`, and `Secret` around any of them."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that only the update will tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Secret:
    """A value that the engine encrypts and never shows."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Secret([secret])"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


def read_struct(struct: struct_pb2.Struct) -> Properties:
    """The properties in a request; nulls are left out, as both published plugins do."""
    return {
        name: _read(value) for name, value in json_format.MessageToDict(struct).items() if value is not None
    }


def write_struct(properties: Properties) -> struct_pb2.Struct:
    """The properties as the engine reads them; nulls are left out."""
    struct = struct_pb2.Struct()
    json_format.ParseDict(
        {name: _write(value) for name, value in properties.items() if value is not None}, struct
    )
    return struct


def plain(value: Any) -> Any:
    """The value without its secret marks; unknowns stay."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def holds_unknown(value: Any) -> bool:
    """Whether the value or a part of it is unknown."""
    if isinstance(value, Secret):
        return holds_unknown(value.value)
    if isinstance(value, dict):
        return any(holds_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(holds_unknown(item) for item in value)
    return isinstance(value, Unknown)


def holds_secret(value: Any) -> bool:
    """Whether the value or a part of it is secret."""
    if isinstance(value, dict):
        return any(holds_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(holds_secret(item) for item in value)
    return isinstance(value, Secret)


def keep_secrets(
    properties: Properties, *sources: Properties, always: frozenset[str] = frozenset()
) -> Properties:
    """Mark what came from a secret as secret again.

    `properties` are plain; a property is marked when the one of the same name in a source is, or when
    `always` names it. Inside objects the marks stay where they were; a list with a secret in it is secret as
    a whole.
    """
    marked: Properties = {}
    for name, value in properties.items():
        origins = [source[name] for source in sources if name in source]
        marked[name] = _mark(value, origins, name in always)
    return marked


def _mark(value: Any, origins: list[Any], always: bool) -> Any:
    if value is None:
        return None
    if always or any(isinstance(origin, Secret) for origin in origins):
        return Secret(value)
    if isinstance(value, dict):
        objects = [origin for origin in origins if isinstance(origin, dict)]
        return keep_secrets(value, *objects)
    return Secret(value) if any(holds_secret(origin) for origin in origins) else value


def _read(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if value == _UNKNOWN_TEXT else value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, list):
        return [_read(item) for item in value]
    if not isinstance(value, dict):
        return value
    signature = value.get(_SIGNATURE)
    if signature == _SECRET:
        return Secret(_read(value.get("value")))
    if signature == _RESOURCE:
        identifier = value.get("id")
        return _read(identifier) if identifier else UNKNOWN
    if signature == _OUTPUT:
        inner = _read(value["value"]) if "value" in value else UNKNOWN
        return Secret(inner) if value.get("secret") else inner
    return {name: _read(item) for name, item in value.items() if item is not None}


def _write(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _UNKNOWN_TEXT
    if isinstance(value, Secret):
        return {_SIGNATURE: _SECRET, "value": _write(value.value)}
    if isinstance(value, dict):
        return {name: _write(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_write(item) for item in value]
    return value
