"""Finds the connections of organizations: each once, with the projects that have it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.errors import LifecycleError, SettingError
from azure_service_connections.lifecycle.inventory.endpoint_facts import projects_of
from azure_service_connections.lifecycle.inventory.existing_connection import Project
from azure_service_connections.lifecycle.inventory.organization_reader import FoundProject, OrganizationReader
from azure_service_connections.lifecycle.inventory.workers import Workers
from azure_service_connections.lifecycle.services import Services

Refused = Callable[[LifecycleError], None]


@dataclass(frozen=True)
class Listed:
    """A connection as the lists show it."""

    organization: OrganizationReader
    organization_id: str
    endpoint: dict[str, Any]
    projects: tuple[Project, ...]

    @property
    def id(self) -> str:
        """The connection's id, in lower case."""
        return str(self.endpoint["id"]).lower()


@dataclass(frozen=True)
class Narrowed:
    """Which connections are asked for; what is empty does not narrow."""

    projects: Sequence[str] = ()
    names: Sequence[str] = ()
    ids: Sequence[str] = ()

    def takes(self, found: Listed) -> bool:
        """Whether a connection is asked for."""
        names = {each.connection_name.casefold() for each in found.projects}
        return (not self.ids or found.id in {each.lower() for each in self.ids}) and (
            not self.names or not names.isdisjoint(each.casefold() for each in self.names)
        )


def find_connections(
    services: Services,
    workers: Workers,
    organizations: Sequence[str],
    narrowed: Narrowed,
    refused: Refused,
) -> list[Listed]:
    """The connections to Azure of organizations, by their addresses.

    `refused` is told of an organization or a project that cannot be read; the others are.
    """
    readers = [OrganizationReader(services, address) for address in organizations]
    identified = dict(
        zip(
            readers,
            workers.all("organizations", [partial(_or_error, reader.identifier) for reader in readers]),
            strict=True,
        )
    )
    places = list(_projects(workers, identified, narrowed.projects, refused))
    ids = tuple(narrowed.ids)
    answers = workers.all(
        "connections", [partial(_or_error, partial(reader.connections, at, ids)) for reader, at in places]
    )
    found: dict[tuple[str, str], list[tuple[FoundProject, dict[str, Any]]]] = {}
    by_address = {reader.address: reader for reader in readers}
    for (reader, project), answer in zip(places, answers, strict=True):
        if isinstance(answer, LifecycleError):
            refused(answer)
            continue
        for endpoint in answer:
            found.setdefault((reader.address, str(endpoint["id"]).lower()), []).append((project, endpoint))
    listed_once = []
    for (address, _), seen in found.items():
        reader = by_address[address]
        identifier = identified[reader]
        assert isinstance(identifier, str)
        listed_once.append(_once(reader, identifier, seen))
    return [each for each in listed_once if narrowed.takes(each)]


def _projects(
    workers: Workers,
    identified: dict[OrganizationReader, str | LifecycleError],
    wanted: Sequence[str],
    refused: Refused,
) -> Iterator[tuple[OrganizationReader, FoundProject]]:
    readers = []
    for reader, identifier in identified.items():
        if isinstance(identifier, LifecycleError):
            refused(identifier)
        else:
            readers.append(reader)
    if not wanted:
        listings = workers.all("projects", [partial(_or_error, reader.projects) for reader in readers])
        for reader, listing in zip(readers, listings, strict=True):
            if isinstance(listing, LifecycleError):
                refused(listing)
            else:
                yield from ((reader, each) for each in listing)
        return
    for name in wanted:
        named = workers.all(
            "projects", [partial(_or_error, partial(reader.project, name)) for reader in readers]
        )
        for reader, project in zip(readers, named, strict=True):
            if isinstance(project, LifecycleError):
                refused(project)
            elif project is not None:
                yield reader, project
        if readers and all(each is None for each in named):
            where = listed([reader.name for reader in readers])
            refused(
                SettingError(
                    f"There is no project {quoted(name)} in {where} that the operator can see; correct the "
                    "name."
                )
            )


def _once(
    reader: OrganizationReader, identifier: str, seen: Sequence[tuple[FoundProject, dict[str, Any]]]
) -> Listed:
    endpoints = [endpoint for _, endpoint in seen]
    projects = projects_of(endpoints)
    known = {each.id for each in projects}
    own = tuple(
        Project(
            id=project.id,
            name=project.name,
            connection_name=str(endpoint["name"]),
            description=str(endpoint.get("description") or ""),
        )
        for project, endpoint in seen
        if project.id not in known
    )
    return Listed(reader, identifier, endpoints[0], (*projects, *own))


def _or_error(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except LifecycleError as error:
        return error
