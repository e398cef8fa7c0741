"""What has lost its other half: identities and roles of connections that are gone, and the other way round.

Nothing is called an orphan because the operator does not see its other half.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError
from azure_service_connections.lifecycle.inventory.azure_reader import AzureReader
from azure_service_connections.lifecycle.inventory.credential_holders import Holder, credential_holders
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import Trust
from azure_service_connections.lifecycle.inventory.organization_connections import (
    KnownConnections,
    known_connections,
)
from azure_service_connections.lifecycle.inventory.organization_reader import OrganizationReader
from azure_service_connections.lifecycle.inventory.orphan import Orphan
from azure_service_connections.lifecycle.inventory.orphaned_assignments import orphaned_assignments
from azure_service_connections.lifecycle.inventory.refused import unseen
from azure_service_connections.lifecycle.inventory.trusted_connection import (
    TrustedConnection,
    trusted_connection,
)
from azure_service_connections.lifecycle.inventory.workers import Tell, Workers
from azure_service_connections.lifecycle.services import Services

Told = Callable[[str], None]

_KINDS: Final = ("serviceConnection", "application", "federatedCredential", "roleAssignment")


def find_orphans(
    services: Services,
    organizations: Sequence[str],
    connections: Sequence[ExistingConnection],
    *,
    tell: Tell | None = None,
    told: Told | None = None,
) -> tuple[Orphan, ...]:
    """What has lost its other half, of organizations (their addresses) whose connections have been read.

    Federated credentials for a connection of one of them that does not exist; the application instead, where
    nothing else can sign in to it; role assignments, in the subscriptions that the operator sees, to service
    principals that are gone; connections whose identity, subscription or management group is gone. `told`
    hears, a sentence each, what could not be looked at and is not called an orphan therefore.
    """
    say = told or _nothing
    found = list(_connections(connections))
    with Workers(tell) as workers:
        try:
            tenant = services.tenant
            azure = AzureReader(services, tenant)
            subscriptions = azure.subscriptions()
        except LifecycleError as error:
            say(f"What Entra ID and Azure hold could not be read: {error}")
            return tuple(found)
        holders = credential_holders(services, workers, subscriptions, connections, say)
        readers = [OrganizationReader(services, address) for address in organizations]
        found += _Credentials(workers, readers, connections, holders, say).orphans()
        found += orphaned_assignments(services, workers, azure, subscriptions, say)
    return tuple(sorted(found, key=lambda each: (_KINDS.index(each.kind), each.name.casefold(), each.id)))


def _nothing(_sentence: str) -> None:
    pass


def _connections(connections: Sequence[ExistingConnection]) -> Iterator[Orphan]:
    for each in connections:
        reasons = []
        if each.identity.state == "missing":
            reasons.append("its identity is gone from Entra ID")
        if each.identity.state == "deleted":
            reasons.append(f"its application {each.identity.name} was deleted, and can still be restored")
        if each.subscription_gone:
            reasons.append(f"what it is for is gone: {each.scope}")
        if reasons:
            yield Orphan(
                kind="serviceConnection",
                id=each.id,
                name=each.name,
                organization=each.organization,
                project=each.project.name,
                reason=" and ".join(reasons),
            )


class _Credentials:
    """The federated credentials for connections of some organizations, and which of these exist."""

    def __init__(
        self,
        workers: Workers,
        readers: Sequence[OrganizationReader],
        connections: Sequence[ExistingConnection],
        holders: Sequence[Holder],
        told: Told,
    ) -> None:
        self._workers = workers
        self._holders = holders
        self._told = told
        self._clients = {each.client_id for each in connections if each.client_id}
        self._readers: dict[str, OrganizationReader] = {}
        self._read: dict[str, KnownConnections] = {}
        ids = {each.organization: each.organization_id for each in connections}
        for reader in readers:
            identifier = ids.get(reader.address) or self._identifier(reader)
            if not identifier:
                continue
            self._readers[identifier] = reader
            own = [each for each in connections if each.organization == reader.address]
            self._read[identifier] = KnownConnections(
                frozenset(each.id for each in own),
                frozenset(
                    (project.name.casefold(), project.connection_name.casefold())
                    for each in own
                    for project in each.projects
                ),
            )

    def orphans(self) -> Iterator[Orphan]:
        suspects = [(holder, lost) for holder in self._holders if (lost := self._lost(holder, self._read))]
        organizations = {place for _, lost in suspects for _, _, place in lost}
        known: dict[str, KnownConnections] = {}
        for place in sorted(organizations):
            answer = known_connections(self._readers[place], self._workers)
            if isinstance(answer, str):
                self._told(answer)
            else:
                known[place] = answer
        for holder, _ in suspects:
            yield from self._of(holder, self._lost(holder, known))

    def _identifier(self, reader: OrganizationReader) -> str:
        try:
            return reader.identifier()
        except ServiceError as error:
            self._told(unseen(f"The organization {reader.name}", error))
            return ""

    def _lost(
        self, holder: Holder, known: dict[str, KnownConnections]
    ) -> list[tuple[Trust, TrustedConnection, str]]:
        """Credentials for a connection that is not among the known ones of its organization."""
        found = []
        for trust in holder.trusts:
            wanted = trusted_connection(trust)
            place = self._place(wanted) if wanted else ""
            if wanted and place in known and not known[place].has(wanted):
                found.append((trust, wanted, place))
        return found

    def _place(self, wanted: TrustedConnection) -> str:
        """The id of the organization of a connection, where it is one of those that are looked at."""
        if wanted.organization_id:
            return wanted.organization_id if wanted.organization_id in self._readers else ""
        for identifier, reader in self._readers.items():
            if reader.name.casefold() == wanted.organization:
                return identifier
        return ""

    def _of(self, holder: Holder, lost: Sequence[tuple[Trust, TrustedConnection, str]]) -> Iterator[Orphan]:
        identity = holder.identity
        dead = holder.bare and len(lost) == len(holder.trusts) and identity.client_id not in self._clients
        if lost and dead:
            names = ", ".join(dict.fromkeys(str(wanted) for _, wanted, _ in lost))
            yield Orphan(
                kind="application",
                id=identity.object_id,
                name=identity.name,
                organization=self._readers[lost[0][2]].address,
                project=lost[0][1].project,
                reason=f"it is only for the service connection {names}, which does not exist",
            )
            return
        for trust, wanted, place in lost:
            yield Orphan(
                kind="federatedCredential",
                id=trust.id if identity.resource_id else f"{identity.object_id}/{trust.id}",
                name=f"{identity.name}/{trust.name}",
                organization=self._readers[place].address,
                project=wanted.project,
                reason=f"it is for the service connection {wanted}, which does not exist",
            )
