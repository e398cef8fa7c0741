"""Reads a stack's connections, or says everything that is wrong with them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from azure_service_connections.catalogue import wording
from azure_service_connections.catalogue.rules import connection_name
from azure_service_connections.configuration import connection_files, cross_checks, secrets
from azure_service_connections.configuration.mistakes import (
    ROOT,
    ConfigurationError,
    Mistake,
    path_to,
    without_repeats,
)
from azure_service_connections.configuration.models import CONNECTIONS, Connection
from azure_service_connections.configuration.sentences import mistakes_in

NAMESPACE = "azure-service-connections"


def load_text(
    text: str | None, encrypted: bool = True, files: str | None = None, folder: Path | None = None
) -> dict[str, Connection]:
    """Read the value of the configuration key as the engine hands it over: JSON, or nothing.

    `encrypted` says whether the stack's file encrypts anything of it: where it does not, a secret in it
    stands there in clear. `files` is the value of the key for connections in files of their own, and
    `folder` that of the project. Raises ConfigurationError.
    """
    if text is None and files is None:
        raise ConfigurationError(
            [
                Mistake(
                    ROOT,
                    f"the stack has no {NAMESPACE}:{ROOT}; write it under `config:` in the stack's file, "
                    "as in stacks/Pulumi.dev.yaml",
                )
            ]
        )
    raw = {} if text is None else _parsed(text)
    in_clear = [] if encrypted or not isinstance(raw, dict) else list(secrets.in_clear(raw))
    return load(raw, in_clear, None if files is None else _parsed(files), folder)


def load(
    raw: Any, found: Sequence[Mistake] = (), files: Any = None, folder: Path | None = None
) -> dict[str, Connection]:
    """Read connections from plain maps, lists and scalars, and from the files that `files` names.

    Raises ConfigurationError with all mistakes, those that were found before included.
    """
    if not isinstance(raw, dict):
        raise ConfigurationError([Mistake(ROOT, wording.wrong_kind(raw, dict))])
    written = {str(key): value for key, value in raw.items()}
    own_place: Mapping[str, str] = {}
    outside: list[Mistake] = []
    if files is not None:
        more = connection_files.read(files, folder or Path(), written)
        written, own_place, outside = written | more.connections, more.files, more.mistakes
    empty, filled = _without_empty(written)
    mistakes = [*found, *empty]
    connections: dict[str, Connection] = {}
    try:
        connections = CONNECTIONS.validate_python(filled)
    except ValidationError as error:
        mistakes += mistakes_in(error)
    maps = {key: value for key, value in filled.items() if isinstance(value, Mapping)}
    for key, connection in maps.items():
        mistakes += _names(key, connection)
        mistakes += cross_checks.within(key, connection)
    mistakes += cross_checks.between(maps)
    if mistakes or outside:
        order = {key: position for position, key in enumerate(written)}
        ordered = sorted(without_repeats(mistakes), key=lambda mistake: _position(mistake, order))
        raise ConfigurationError([*outside, *(_with_file(each, own_place) for each in ordered)])
    return connections


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _with_file(mistake: Mistake, files: Mapping[str, str]) -> Mistake:
    """The mistake with the file in front where the connection stands in one of its own."""
    for key, file in files.items():
        if _is_in(mistake, key):
            return mistake._replace(path=f"{file}: {mistake.path}")
    return mistake


def _without_empty(written: Mapping[str, Any]) -> tuple[list[Mistake], dict[str, Any]]:
    """Keys without a value are mistakes of their own, and would look like keys that are not there."""
    mistakes: list[Mistake] = []

    def fill(value: Any, *place: str | int) -> Any:
        if not isinstance(value, dict) or len(place) > 3:
            return value
        for name, each in value.items():
            if each is None:
                mistakes.append(
                    Mistake(path_to(*place, str(name)), "is empty; write a value or remove the key")
                )
        return {str(name): fill(each, *place, str(name)) for name, each in value.items() if each is not None}

    return mistakes, fill(written)


def _names(key: str, connection: Mapping[str, Any]) -> Iterator[Mistake]:
    """The key of a connection that names it has to be a name."""
    if "connectionName" not in connection and (problem := connection_name(key)):
        yield Mistake(path_to(key), problem)


def _position(mistake: Mistake, order: Mapping[str, int]) -> int:
    return next((position for key, position in order.items() if _is_in(mistake, key)), len(order))


def _is_in(mistake: Mistake, key: str) -> bool:
    path = path_to(key)
    return mistake.path == path or mistake.path.startswith((f"{path}.", f"{path}["))
