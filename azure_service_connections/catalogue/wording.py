"""The sentences about mistakes that do not depend on one field, said the same everywhere.

Each is what follows a path: what is wrong, a semicolon, what to write. Values stand in single quotes.
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

_SHOWN = 60


def quoted(value: object) -> str:
    """A value as a person wrote it, in single quotes, shortened where it is long."""
    text = str(value)
    return f"'{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}'"


def listed(names: Sequence[str], last: str = "or") -> str:
    """Names in a row: `a, b or c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number of things: `1 object`, `2 objects`; `plural` is that of a noun that takes more than an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or f'{noun}s'}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that the given one was probably meant to be, or None."""
    folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def unknown_key(key: str, known: Sequence[str]) -> str:
    """A key that nothing reads."""
    if meant := nearest(key, known):
        return f"{quoted(key)} is not known here; write '{meant}'"
    return f"{quoted(key)} is not known here; write one of {listed(sorted(known))}"


_NEEDED = {
    "project": "the name or the id of the project",
    "projectId": "the id of the project",
    "subscriptionId": "the id of the subscription",
    "subscriptionName": "the name of the subscription",
    "resourceGroup": "the name of its resource group",
    "expires": "when it ends, as 2027-01-31T00:00:00Z",
    "value": "the secret, encrypted",
    "privateKey": "its private key, encrypted",
    "certificate": "the certificate in PEM form",
    "environment": "the name of the cloud",
    "resourceId": "the id of the App Service",
    "publishProfile": "the publish profile, encrypted",
    "issuer": "the issuer of the tokens that are trusted",
    "location": "its Azure region, such as westeurope",
    "clientId": "the client id of the application",
    "tenantId": "the id of the tenant",
    "principalId": "the object id of the service principal",
    "connectionId": "the id of the connection",
    "role": "the name of a built-in role, a GUID or a full id",
    "scope": "the full id of a subscription, a resource group or a resource",
    "id": "its id",
    "name": "its name",
    "approvers": "the people and groups who are asked",
    "identityId": "the id that Azure DevOps gives to the person or group",
    "who": "the user principal name of a person, the name of a group or an identity's id",
    "days": "the days of the week",
    "start": "the time of day from when on",
    "end": "the time of day until when",
    "timeZone": "the name of a time zone, such as W. Europe Standard Time",
    "repository": "the repository that holds it",
    "path": "its path in the repository",
}


def missing(key: str) -> str:
    """A key that has to be there."""
    return f"is missing; write {_NEEDED.get(key, 'it')}"


def only_one_of(names: Sequence[str]) -> str:
    """Several things given of which one is enough."""
    return f"Only one of {listed(names, 'and')} can be given; keep the one you mean"


def one_of(names: Sequence[str], what: str) -> str:
    """Nothing given where one of several things is needed."""
    return f"has no {what}; write one of {listed(names)}"


def only_beside(name: str) -> str:
    """A key that says something only together with another one."""
    return f"goes with `{name}` only; write `{name}` too or remove it"


_KINDS = {
    bool: "a yes-or-no value",
    int: "a number",
    float: "a number",
    str: "a text",
    dict: "a map",
    list: "a list",
}


def _given(value: Any) -> str:
    if value is None:
        return "is empty"
    if isinstance(value, bool):
        return f"is {str(value).lower()}"
    if isinstance(value, int | float):
        return f"is the number {value}"
    if isinstance(value, str):
        return f"is the text {quoted(value)}"
    return _kind_of(value)


def _kind_of(value: Any) -> str:
    for kind, name in _KINDS.items():
        if isinstance(value, kind):
            return f"is {name}"
    return f"is of the type {type(value).__name__}"


def wrong_kind(value: Any, wanted: type, hidden: bool = False) -> str:
    """A value of one kind where another belongs: `wanted` is str, int, bool, list or dict.

    A value that is `hidden` may be a secret and is not shown.
    """
    where = f"{_kind_of(value) if hidden else _given(value)} where {_KINDS[wanted]} belongs"
    if wanted is str:
        if hidden:
            return f"{where}; write one text in quotes"
        scalar = isinstance(value, bool | int | float)
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return f'{where}; write it in quotes: "{shown}"' if scalar else f"{where}; write one text"
    if wanted is dict:
        return f"{where}; write `key: value` pairs"
    if wanted is list:
        return f"{where}; write a list in brackets: [a, b]"
    if wanted is bool:
        return f"{where}; write true or false, without quotes"
    return f"{where}; write a whole number, without quotes"
