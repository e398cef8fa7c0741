"""Keys for connections in a stack, made from their names."""

import re
from collections.abc import Collection, Iterator, Sequence

from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.organizations import organization_name

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ODD = re.compile(r"[^a-z0-9._]+")


def keys_for(connections: Sequence[ExistingConnection], taken: Collection[str]) -> dict[str, str]:
    """A key for each connection by its id, none of them one of those that are taken.

    The key is the name where that is a plain word and no other has it; else the project goes before it, then
    the organization, then a number behind it.
    """
    keys: dict[str, str] = {}
    used = {each.casefold() for each in taken}
    for connection in connections:
        key = next(each for each in _proposals(connection) if each.casefold() not in used)
        used.add(key.casefold())
        keys[connection.id] = key
    return keys


def _proposals(connection: ExistingConnection) -> Iterator[str]:
    name = _word(connection.name) or "connection"
    yield name
    project = _word(connection.project.name)
    if project:
        name = f"{project}-{name}"
        yield name
    name = f"{_word(organization_name(connection.organization))}-{name}"
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _word(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _ODD.sub("-", name.casefold()).strip("-._")
