"""What the keys of one connection mean together, and what connections mean beside each other.

These checks read the configuration as it was written, so they also find what is wrong with a connection
that has other mistakes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from azure_service_connections.catalogue import combinations, rules, wording
from azure_service_connections.configuration import access_checks
from azure_service_connections.configuration.mistakes import Mistake, path_to

_SUBSCRIPTION_OF_SCOPE = {
    "subscription": "id",
    "resourceGroup": "subscriptionId",
    "workspace": "subscriptionId",
}
_ESCAPED = frozenset("/~")
"""What the names of children spell in another way, so that they do not begin with the key."""
_OF_NEW_IDENTITY = ("resourceGroup", "subscriptionId", "location")


def within(key: str, connection: Mapping[str, Any]) -> Iterator[Mistake]:
    """The mistakes of one connection that no key shows by itself."""
    for place, problem in combinations.problems(connection):
        yield Mistake(path_to(key, *place), problem)
    if isinstance(identity := connection.get("managedIdentity"), Mapping):
        yield from _managed_identity(key, identity)
        if "name" in identity and "subscriptionId" not in identity and "managementGroup" in connection:
            yield Mistake(
                path_to(key, "managedIdentity", "subscriptionId"), wording.missing("subscriptionId")
            )
    yield from access_checks.within(key, connection)
    for at, former in _former(key, connection):
        if odd := next((each for each in (key, former) if _ESCAPED.intersection(each)), None):
            yield Mistake(
                at,
                f"{wording.quoted(odd)} holds a slash or a tilde, and what lies below it is not found again; "
                "keep the key and set connectionName",
            )
    yield from _shared(key, connection)
    if isinstance(trusts := connection.get("trusts"), Mapping):
        for name in trusts:
            if unfit := rules.federated_credential_name(str(name)):
                yield Mistake(path_to(key, "trusts", str(name)), unfit)
    if isinstance(pipelines := connection.get("pipelines"), list):
        for position, pipeline in enumerate(pipelines):
            if isinstance(pipeline, Mapping):
                yield from _pipeline(key, position, pipeline)


def between(connections: Mapping[str, Mapping[str, Any]]) -> Iterator[Mistake]:
    """The mistakes that only two connections make together."""
    named: dict[tuple[str, str, str], str] = {}
    made: dict[tuple[str, str, str], str] = {}
    formerly: dict[str, str] = {}
    for key, connection in connections.items():
        project, name = connection.get("project"), connection.get("connectionName", key)
        if isinstance(project, str) and isinstance(name, str):
            place = (str(connection.get("organization")), project.casefold(), name.casefold())
            if (other := named.setdefault(place, key)) != key:
                field = ("connectionName",) if "connectionName" in connection else ()
                yield Mistake(path_to(key, *field), same_name(name, project, other))
        if (identity := _made_identity(connection)) and (other := made.setdefault(identity, key)) != key:
            yield Mistake(
                path_to(key, "managedIdentity", "name"),
                f"{path_to(other, 'managedIdentity')} makes this identity already; make it in another stack "
                "and write its resourceId in both, or choose another name",
            )
        for at, former in _former(key, connection):
            if former in connections:
                yield Mistake(
                    at,
                    f"{wording.quoted(former)} is a connection of this stack still; write a key that is gone",
                )
            elif (other := formerly.setdefault(former, at)) != at:
                yield Mistake(at, f"is the same as {other}; only one can take over, so remove one")


def same_name(name: str, project: str, other: str) -> str:
    """Two connections of one name in one project."""
    return (
        f"the name {wording.quoted(name)} in project {wording.quoted(project)} is that of {path_to(other)} "
        "too; write another connectionName"
    )


def _former(key: str, connection: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The places of the former keys of a connection, and the keys."""
    former = connection.get("formerKeys")
    for position, name in enumerate(former if isinstance(former, list) else ()):
        if isinstance(name, str):
            yield path_to(key, "formerKeys", position), name


def _shared(key: str, connection: Mapping[str, Any]) -> Iterator[Mistake]:
    """The provider sends one name and one description to all projects of a connection."""
    own = {"name": connection.get("connectionName", key), "description": connection.get("description")}
    projects = connection.get("sharedWith")
    for position, project in enumerate(projects if isinstance(projects, list) else ()):
        for name, value in own.items():
            if isinstance(project, Mapping) and project.get(name, value) != value:
                yield Mistake(
                    path_to(key, "sharedWith", position, name),
                    f"is another {name} than in the connection's own project, and the provider can give a "
                    "shared connection only one; remove it",
                )


def _managed_identity(key: str, identity: Mapping[str, Any]) -> Iterator[Mistake]:
    existing, made = "resourceId" in identity, "name" in identity
    if existing and made:
        yield Mistake(path_to(key, "managedIdentity", "name"), wording.only_one_of(["resourceId", "name"]))
    if not existing and not made:
        yield Mistake(path_to(key, "managedIdentity"), wording.one_of(["resourceId", "name"], "identity"))
    if existing:
        for name in identity:
            if name in _OF_NEW_IDENTITY:
                yield Mistake(path_to(key, "managedIdentity", name), wording.only_beside("name"))
    elif made and "resourceGroup" not in identity:
        yield Mistake(path_to(key, "managedIdentity", "resourceGroup"), wording.missing("resourceGroup"))


def _pipeline(key: str, position: int, pipeline: Mapping[str, Any]) -> Iterator[Mistake]:
    place = ("pipelines", position)
    if "name" in pipeline and "id" in pipeline:
        yield Mistake(path_to(key, *place, "id"), wording.only_one_of(["name", "id"]))
    if "name" not in pipeline and "id" not in pipeline:
        yield Mistake(path_to(key, *place), wording.one_of(["name", "id"], "pipeline"))
    if "folder" in pipeline and "name" not in pipeline:
        yield Mistake(path_to(key, *place, "folder"), wording.only_beside("name"))


def _made_identity(connection: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Subscription, resource group and name of the managed identity that a connection makes."""
    identity = connection.get("managedIdentity")
    if not isinstance(identity, Mapping):
        return None
    subscription = identity.get("subscriptionId", _reached_subscription(connection))
    parts = (subscription, identity.get("resourceGroup"), identity.get("name"))
    if not all(isinstance(part, str) for part in parts):
        return None
    first, second, third = (str(part).lower() for part in parts)
    return first, second, third


def _reached_subscription(connection: Mapping[str, Any]) -> Any:
    """The subscription that a connection reaches, or None for one above every subscription."""
    for name, field in _SUBSCRIPTION_OF_SCOPE.items():
        if isinstance(group := connection.get(name), Mapping):
            return group.get(field)
    return None
