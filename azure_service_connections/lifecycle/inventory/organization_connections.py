"""All connections of an organization, of every type, and whether the operator would see each one."""

from dataclasses import dataclass
from functools import partial

from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.inventory.endpoint_facts import projects_of
from azure_service_connections.lifecycle.inventory.organization_reader import OrganizationReader
from azure_service_connections.lifecycle.inventory.refused import unseen
from azure_service_connections.lifecycle.inventory.trusted_connection import TrustedConnection
from azure_service_connections.lifecycle.inventory.workers import Workers

Names = set[tuple[str, str]]


@dataclass(frozen=True)
class KnownConnections:
    """The connections that exist in an organization: by id, and by the names of project and connection."""

    ids: frozenset[str]
    names: frozenset[tuple[str, str]]

    def has(self, wanted: TrustedConnection) -> bool:
        """Whether a connection exists; case makes no difference."""
        if wanted.id:
            return wanted.id in self.ids
        return (wanted.project.casefold(), wanted.name.casefold()) in self.names


def known_connections(reader: OrganizationReader, workers: Workers) -> KnownConnections | str:
    """What exists in an organization, or why that cannot be known for certain.

    A list leaves out what its reader may not see. Only for an administrator of the organization is what the
    lists do not show not there.
    """
    try:
        if not reader.administers():
            return (
                f"What is orphaned of {reader.name} cannot be told: only an administrator of the organization"
                " sees every connection; let one look."
            )
        projects = reader.projects()
        listed = workers.all(
            "connections", [partial(reader.connections, each, (), every_type=True) for each in projects]
        )
    except ServiceError as error:
        return unseen(f"The connections of {reader.name}", error)
    ids: set[str] = set()
    names: Names = set()
    for project, endpoints in zip(projects, listed, strict=True):
        for endpoint in endpoints:
            ids.add(str(endpoint["id"]).lower())
            names.add((project.name.casefold(), str(endpoint["name"]).casefold()))
            names |= {
                (each.name.casefold(), each.connection_name.casefold()) for each in projects_of([endpoint])
            }
    return KnownConnections(frozenset(ids), frozenset(names))
