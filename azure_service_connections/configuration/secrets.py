"""Where a stack's connections hold secrets.

A stack's file holds them encrypted, as `{secure: …}`; the engine hands all of them over in clear and says
only that there are some.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from azure_service_connections.configuration.mistakes import ROOT, Mistake, path_to

PLACES = (
    ("credential", "secret", "value"),
    ("credential", "certificate", "privateKey"),
    ("webApp", "publishProfile"),
)
"""The places of secrets in a connection."""

_SEALED = "-----BEGIN PRIVATE KEY----- encrypted"
"""Stands for a secret that was not decrypted: what every rule for a secret takes."""


def unsealed(raw: Any) -> tuple[Any, list[Mistake]]:
    """The connections of a stack's file with a stand-in for each encrypted value.

    Tells which values are encrypted without need and which secrets are not encrypted.
    """
    mistakes: list[Mistake] = []

    def open_(value: Any, *place: str | int) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"secure"} and isinstance(value["secure"], str):
                if place[1:] not in PLACES:
                    mistakes.append(Mistake(path_to(*place), _NEEDLESS))
                return _SEALED
            return {key: open_(each, *place, str(key)) for key, each in value.items()}
        if isinstance(value, list):
            return [open_(each, *place, position) for position, each in enumerate(value)]
        if place[1:] in PLACES and isinstance(value, str):
            mistakes.append(_in_clear(place))
        return value

    return open_(raw), mistakes


def in_clear(connections: Mapping[str, Any]) -> Iterator[Mistake]:
    """A mistake for every secret of a stack that encrypts nothing."""
    for key, connection in connections.items():
        for place in PLACES:
            value = connection
            for part in place:
                value = value.get(part) if isinstance(value, Mapping) else None
            if value is not None:
                yield _in_clear((key, *place))


_NEEDLESS = (
    "is encrypted, and what is made from it is not kept secret; write it as it is with "
    "`pulumi config set --path`"
)


def _in_clear(place: tuple[str | int, ...]) -> Mistake:
    path = path_to(*place)
    return Mistake(
        path,
        "stands in the stack's file for everybody to read; write it with "
        f"`pulumi config set --secret --path 'azure-service-connections:{ROOT}{path.removeprefix(ROOT)}'`",
    )
