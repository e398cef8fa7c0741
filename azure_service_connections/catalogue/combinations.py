"""Which parts of a connection go together. Stack files and the components' inputs are held to the same rules.

Only the presence of keys counts here, in the spelling of the schema; what stands under a key is checked where
its kind is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from azure_service_connections.catalogue import wording

IDENTITIES = ("appRegistration", "managedIdentity", "servicePrincipal")
SCOPES = ("subscription", "resourceGroup", "managementGroup", "workspace")

Place = tuple[str, ...]
Problem = tuple[Place, str]

_MADE_HERE = ("generation", "expires")
_KINDS_OF_CREDENTIAL = ("secret", "certificate")


def problems(connection: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a connection whose parts may each be right: a place in it and a problem."""
    yield from _exactly_one(connection, IDENTITIES, "identity")
    yield from _exactly_one(connection, SCOPES, "scope")
    if connection.get("allPipelines") is True and connection.get("pipelines"):
        yield ("allPipelines",), wording.only_one_of(["pipelines", "allPipelines"])
    yield from _credential(connection)


def _exactly_one(connection: Mapping[str, Any], names: Sequence[str], what: str) -> Iterator[Problem]:
    given = [name for name in connection if name in names and connection[name] is not None]
    if len(given) > 1:
        yield (given[1],), wording.only_one_of(given)
    if not given:
        yield (), wording.one_of(names, what)


def _credential(connection: Mapping[str, Any]) -> Iterator[Problem]:
    credential = connection.get("credential")
    if not isinstance(credential, Mapping):
        return
    given = [kind for kind in credential if kind in _KINDS_OF_CREDENTIAL and credential[kind] is not None]
    if len(given) > 1:
        yield ("credential", given[1]), wording.only_one_of(given)
    if not given:
        yield ("credential",), wording.one_of(_KINDS_OF_CREDENTIAL, "credential")
    if _has(connection, "managedIdentity"):
        yield (
            ("credential",),
            "a managed identity has no secret and no certificate; remove `credential` or use appRegistration",
        )
    secret = credential.get("secret")
    if not isinstance(secret, Mapping):
        return
    if _has(connection, "appRegistration"):
        if secret.get("value") is not None:
            yield (
                ("credential", "secret", "value"),
                "is that of a service principal that exists, and this application gets one of its own; "
                "remove it",
            )
        if secret.get("expires") is None:
            yield ("credential", "secret", "expires"), wording.missing("expires")
    elif _has(connection, "servicePrincipal"):
        if secret.get("value") is None:
            yield ("credential", "secret", "value"), wording.missing("value")
        for name in _MADE_HERE:
            if secret.get(name) is not None:
                yield (
                    ("credential", "secret", name),
                    "is that of a secret which is made here, and a service principal that exists brings its "
                    "own; remove it",
                )


def _has(connection: Mapping[str, Any], name: str) -> bool:
    return connection.get(name) is not None
