"""What belongs together in a stack: connections, their identities, and what names either of them.

Two resources belong together where one holds the other's id, or, as long as ids are not known, where its
property was made from the other's outputs. What neither tells is left open, and no rule judges it.

The identity of a connection is an application, a managed identity, or the service principal of an application
that the stack does not hold.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, cached_property

from policies.connection import Connection, is_connection
from policies.resource import Resource, is_known
from policies.resource_types import (
    APPLICATIONS,
    CONNECTIONS,
    IDENTITY_TRUST,
    MANAGED_IDENTITY,
    PRINCIPAL_CERTIFICATE,
    PRINCIPAL_PASSWORD,
    ROLE_ASSIGNMENT,
    SERVICE_PRINCIPAL,
    TRUSTS,
    TRUSTS_BY_SUBJECT,
)

_IDENTITIES = (*APPLICATIONS, SERVICE_PRINCIPAL, MANAGED_IDENTITY)


class Estate:
    """The resources of a stack, and how they hang together."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)
        self._by_urn = {resource.urn: resource for resource in self.resources}
        self._with = cache(self._index)

    def of_type(self, *types: str) -> list[Resource]:
        """The resources of some types."""
        return [resource for resource in self.resources if resource.type in types]

    @cached_property
    def connections(self) -> tuple[Connection, ...]:
        """Every service connection to Azure."""
        return tuple(Connection(each) for each in self.of_type(*CONNECTIONS) if is_connection(each))

    @cached_property
    def identities(self) -> dict[str, Resource]:
        """The identities of this stack that connections sign in as, by the connection's URN."""
        return {
            each.resource.urn: identity
            for each in self.connections
            if (identity := self._identity_of(each)) is not None
        }

    @cached_property
    def connections_of(self) -> dict[str, list[Connection]]:
        """The connections that sign in as an identity, by the identity's URN."""
        grouped = defaultdict(list)
        for each in self.connections:
            if (identity := self.identities.get(each.resource.urn)) is not None:
                grouped[identity.urn].append(each)
        return dict(grouped)

    @cached_property
    def holders(self) -> dict[str, Resource]:
        """The identities of this stack that hold federated credentials, by the credential's URN."""
        return {
            trust.urn: identity
            for trust in self.of_type(*TRUSTS)
            if (identity := self._holder_of(trust)) is not None
        }

    @cached_property
    def trusts_of(self) -> dict[str, list[Resource]]:
        """The federated credentials of an identity, flexible ones too, by the identity's URN."""
        grouped = defaultdict(list)
        for trust in self.of_type(*TRUSTS):
            if (identity := self.holders.get(trust.urn)) is not None:
                grouped[identity.urn].append(trust)
        return dict(grouped)

    @cached_property
    def roles_of(self) -> dict[str, list[Resource]]:
        """The role assignments of an identity, by the identity's URN."""
        grouped = defaultdict(list)
        for assignment in self.of_type(ROLE_ASSIGNMENT):
            by_value = ((MANAGED_IDENTITY,), "principalId"), ((SERVICE_PRINCIPAL,), "objectId")
            if (identity := self._named(assignment, "principalId", _IDENTITIES, *by_value)) is not None:
                grouped[identity.urn].append(assignment)
        return dict(grouped)

    def application_of(self, credential: Resource) -> Resource | None:
        """The application of this stack that a password or a certificate is for."""
        if credential.type in (PRINCIPAL_PASSWORD, PRINCIPAL_CERTIFICATE):
            of = (SERVICE_PRINCIPAL,)
            return self._named(credential, "servicePrincipalId", of, (of, "id"))
        return self._named(credential, "applicationId", APPLICATIONS, (APPLICATIONS, "id"))

    def naming(self, *types: str, key: str) -> dict[str, list[Resource]]:
        """The resources of some types by the URN of the connection whose id is one of their properties."""
        grouped = defaultdict(list)
        for each in self.of_type(*types):
            if (found := self._named(each, key, CONNECTIONS, (CONNECTIONS, "id"))) is not None:
                grouped[found.urn].append(each)
        return dict(grouped)

    def trusted_by(self, trust: Resource) -> list[Connection]:
        """The connections that a federated credential trusts, by its subject or by where that came from."""
        subject = trust.text("subject") if trust.type in TRUSTS_BY_SUBJECT else ""
        by_value = []
        if is_known(subject):
            by_value = [*self._with("workloadIdentityFederationSubject").get(_folded(subject), ())]
            by_value += self._with("id").get(_folded(subject.rpartition("/")[2]), ())
        urns = {each.urn for each in by_value}
        urns |= set(trust.sources.get("subject", ()))
        return [self._connections[urn] for urn in sorted(urns) if urn in self._connections]

    @cached_property
    def _connections(self) -> dict[str, Connection]:
        return {each.resource.urn: each for each in self.connections}

    def _identity_of(self, connection: Connection) -> Resource | None:
        by_value = (_IDENTITIES, "clientId")
        return self._named(connection.resource, connection.identity_property, _IDENTITIES, by_value)

    def _holder_of(self, trust: Resource) -> Resource | None:
        if trust.type != IDENTITY_TRUST:
            return self._named(trust, "applicationId", APPLICATIONS, (APPLICATIONS, "id"))
        return self._named(trust, "resourceName", (MANAGED_IDENTITY,), ((MANAGED_IDENTITY,), "id"))

    def _named(
        self, resource: Resource, key: str, types: tuple[str, ...], *by_value: tuple[tuple[str, ...], str]
    ) -> Resource | None:
        """The one resource of some types that a property names, by its value or by where that came from."""
        value = _value(resource, key)
        if is_known(value):
            for target_types, target_key in by_value:
                for each in self._with(target_key).get(_folded(value), ()):
                    if each.type in target_types:
                        return self._application_behind(each)
        sources = [self._by_urn[urn] for urn in resource.sources.get(key, ()) if urn in self._by_urn]
        behind = {
            found.urn: found
            for each in sources
            if each.type in (*types, SERVICE_PRINCIPAL)
            and (found := self._application_behind(each)).type in (*types, *APPLICATIONS)
        }
        return next(iter(behind.values())) if len(behind) == 1 else None

    def _application_behind(self, resource: Resource) -> Resource:
        """The application of a service principal, where the stack holds it; any other resource itself."""
        if resource.type != SERVICE_PRINCIPAL:
            return resource
        return self._named(resource, "clientId", APPLICATIONS, (APPLICATIONS, "clientId")) or resource

    def _index(self, key: str) -> dict[str, list[Resource]]:
        """The resources by the value of a property."""
        index = defaultdict(list)
        for resource in self.resources:
            value = resource.text(key)
            if is_known(value):
                index[_folded(value)].append(resource)
        return dict(index)


def _value(resource: Resource, key: str) -> object:
    """The id that a property holds."""
    if resource.type in CONNECTIONS:
        return Connection(resource).client_id
    if resource.type == IDENTITY_TRUST:
        # The credential's own id starts with that of its identity.
        own = resource.text("id")
        return own.rsplit("/", 2)[0] if is_known(own) else ""
    return resource.text(key)


def _folded(value: str) -> str:
    return value.rstrip("/").lower()
