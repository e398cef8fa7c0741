"""What shows only once names are ids: two connections of one name, and too much for one identity."""

from collections.abc import Mapping

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.configuration.connection_parts import kind_of_identity
from azure_service_connections.configuration.cross_checks import same_name
from azure_service_connections.configuration.declared import Declared
from azure_service_connections.configuration.mistakes import Mistake, path_to
from azure_service_connections.configuration.models import Connection

_LIMIT = 20
"""Federated credentials of one identity; source: Microsoft's page on considerations for them."""


def between(declared: list[Declared], connections: Mapping[str, Connection]) -> list[Mistake]:
    """The mistakes that connections make beside each other."""
    return [*_names(declared), *_rights(declared), *_trusts(declared, connections)]


def _names(declared: list[Declared]) -> list[Mistake]:
    mistakes: list[Mistake] = []
    names: dict[tuple[str, str], Declared] = {}
    for each in declared:
        name = each.args["connection_name"]
        first = names.setdefault((each.args["project_id"], name.casefold()), each)
        if first is not each:
            mistakes.append(Mistake(path_to(each.name), same_name(name, each.known["project"], first.name)))
    return mistakes


def _rights(declared: list[Declared]) -> list[Mistake]:
    mistakes: list[Mistake] = []
    rights: dict[tuple[str, str, str], str] = {}
    for each in declared:
        for role in each.known["roles"]:
            place = path_to(each.name, "roles", role["key"])
            right = (_identity(each), role["scope"].lower(), role["roleDefinitionId"].lower())
            if (other := rights.setdefault(right, place)) != place:
                mistakes.append(
                    Mistake(
                        place,
                        f"gives the same identity the same role at the same scope as {other}; Azure keeps "
                        "one assignment of it, so remove one",
                    )
                )
    return mistakes


def _trusts(declared: list[Declared], connections: Mapping[str, Connection]) -> list[Mistake]:
    mistakes: list[Mistake] = []
    held: dict[str, int] = {}
    named: dict[tuple[str, str], str] = {}
    trusted: dict[tuple[str, str, str], str] = {}
    for each in declared:
        connection, identity = connections[each.name], _identity(each)
        for key, trust in connection.trusts.items():
            place = path_to(each.name, "trusts", key)
            if (other := named.setdefault((identity, key.lower()), place)) != place:
                mistakes.append(
                    Mistake(place, f"has the name of {other} on the same identity; choose another name")
                )
            whom = (identity, trust.issuer, trust.subject or trust.matching or "")
            if (other := trusted.setdefault(whom, place)) != place:
                mistakes.append(
                    Mistake(
                        place,
                        f"trusts the same issuer and subject as {other}; an identity takes each pair once, "
                        "so remove one",
                    )
                )
        before = held.get(identity, 0)
        own = 1 if connection.credential == "federated" else 0
        held[identity] = before + own + len(connection.trusts)
        if before <= _LIMIT < held[identity]:
            mistakes.append(_too_many(each, connection, held[identity]))
    return mistakes


def _too_many(declared: Declared, connection: Connection, count: int) -> Mistake:
    if connection.trusts:
        return Mistake(
            path_to(declared.name, "trusts"),
            f"bring the federated credentials of the identity to {count}; an identity holds {_LIMIT}, those "
            "of its connections included, so remove some",
        )
    return Mistake(
        path_to(declared.name, kind_of_identity(connection)),
        f"is the {count}st connection with the identity "
        f"{quoted(_identity(declared).rsplit('/', 1)[-1])}; an identity trusts {_LIMIT}, so use another one",
    )


def _identity(declared: Declared) -> str:
    return declared.identity_key or f"own identity of {declared.name}"
