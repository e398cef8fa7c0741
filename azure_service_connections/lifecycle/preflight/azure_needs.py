"""What a stack's connections need in Azure: scopes that are there, roles that exist, rights to give them."""

from collections.abc import Callable, Iterator
from typing import Final

from azure_service_connections.catalogue.identifiers import managed_identity_id, subscription_of
from azure_service_connections.catalogue.roles import BUILT_IN_ROLES, role_guid
from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.configuration.connection_parts import kind_of_credential, scope_of
from azure_service_connections.configuration.models import Connection
from azure_service_connections.lifecycle.diagnosis import az_command
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.preflight.caller import Caller
from azure_service_connections.lifecycle.services import Services

_GIVE: Final = "Microsoft.Authorization/roleAssignments/write"
_MAKE: Final = "Microsoft.ManagedIdentity/userAssignedIdentities/write"
_TRUST: Final = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write"
_GIVES: Final = "Role Based Access Control Administrator"
_MAKES: Final = "Managed Identity Contributor"
_ABSENT: Final = 404
_HIDDEN: Final = (401, 403)
_IDENTITY_VERSION: Final = "2023-01-31"
_AUTHORIZATION_VERSION: Final = "2022-04-01"
_SUBSCRIPTIONS_VERSION: Final = "2022-12-01"
_VERSIONS: Final = (
    ("/providers/microsoft.managedidentity/", _IDENTITY_VERSION),
    ("/providers/microsoft.machinelearningservices/", "2024-04-01"),
    ("/providers/microsoft.web/", "2023-12-01"),
    ("/providers/microsoft.management/", "2020-05-01"),
    ("/resourcegroups/", "2021-04-01"),
)
_BUILT_IN: Final = frozenset(BUILT_IN_ROLES.values())


class AzureNeeds:
    """Looks at what connections need in Azure; each question is asked once."""

    def __init__(self, services: Services, caller: Caller, unseen: Callable[[str], None]) -> None:
        """`unseen` is told what cannot be told, a sentence each."""
        self._services = services
        self._caller = caller
        self._unseen = unseen
        self._there: dict[str, bool | None] = {}

    def findings(self, key: str, connection: Connection) -> Iterator[Finding]:
        """What is not there, and the rights that the caller lacks."""
        _, scope, _ = scope_of(connection)
        there = True
        if connection.cloud is None or connection.cloud.environment == "AzureCloud":
            there = self._is_there(scope) is not False
            if not there:
                yield self._missing(key, scope)
        yield from self._identity(key, connection)
        for role_key, role in connection.roles.items():
            where = role.scope or scope
            if role.scope and self._is_there(where) is False:
                yield self._missing(key, where, f" (`roles.{role_key}`)")
                continue
            if role.scope or there:
                yield from self._role(key, role.role, where)

    def trusts(self, identity: str) -> int:
        """How many federated credentials a managed identity holds."""
        path = f"{identity}/federatedIdentityCredentials"
        return len(list(self._services.azure_list(path, _IDENTITY_VERSION)))

    def _role(self, key: str, role: str, scope: str) -> Iterator[Finding]:
        guid = role_guid(role)
        if guid is None or guid.lower() not in _BUILT_IN:
            definition = (
                f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleDefinitions/{guid or role}"
            )
            answer = self._services.azure("GET", definition, _AUTHORIZATION_VERSION)
            if answer.status == _ABSENT:
                yield Finding(
                    connection=key,
                    kind="not-there",
                    what=f"there is no role {quoted(role)} at {scope}",
                    fix="make the role first, or write the name, the GUID or the id of one that exists",
                )
        yield from self._right(key, _GIVE, scope, _GIVES, "gives the roles")

    def _identity(self, key: str, connection: Connection) -> Iterator[Finding]:
        identity = connection.managed_identity
        if identity is None:
            return
        federated = kind_of_credential(connection) == "federated"
        if identity.resource_id is not None:
            parts = managed_identity_id(identity.resource_id)
            resource = str(parts)
            if self._is_there(resource) is False:
                yield self._missing(key, resource)
            elif federated:
                yield from self._right(key, _TRUST, resource, _MAKES, "writes its federated credential")
            return
        subscription = (identity.subscription_id or scope_of(connection)[0] or "").lower()
        group = f"/subscriptions/{subscription}/resourceGroups/{identity.resource_group}"
        if self._is_there(group) is False:
            yield self._missing(key, group)
            return
        yield from self._right(key, _MAKE, group, _MAKES, "makes its managed identity")
        if identity.location is not None and not self._is_region(subscription, identity.location):
            yield Finding(
                connection=key,
                kind="not-there",
                what=f"the subscription {subscription} has no region {quoted(identity.location)}",
                fix="write a region of `az account list-locations` under `managedIdentity.location`",
            )

    def _right(self, key: str, action: str, scope: str, role: str, doing: str) -> Iterator[Finding]:
        answered = self._caller.may(action, scope)
        if answered.conditioned:
            self._unseen(
                f"Whether the condition of the caller's role at {scope} allows {action}, only Azure tells."
            )
        if not answered.allowed:
            caller = self._caller
            yield Finding(
                connection=key,
                kind="right-lacking",
                what=f"{quoted(caller.name)} {doing} and lacks {action} at {scope}",
                code="AuthorizationFailed",
                fix="let an owner " + az_command.give_role(caller.object_id, role, scope, caller.is_person),
            )

    def _is_there(self, scope: str) -> bool | None:
        """Whether a scope is there; None where the caller may not see it."""
        key = scope.rstrip("/").lower()
        if not key:
            return True
        if key not in self._there:
            version = next((version for part, version in _VERSIONS if part in key), _SUBSCRIPTIONS_VERSION)
            answer = self._services.azure("GET", scope.rstrip("/"), version)
            self._there[key] = None if answer.status in _HIDDEN else answer.status != _ABSENT
        return self._there[key]

    def _is_region(self, subscription: str, location: str) -> bool:
        path = f"/subscriptions/{subscription}/locations"
        listed = self._services.azure_list(path, _SUBSCRIPTIONS_VERSION)
        wanted = location.replace(" ", "").lower()
        return any(str(each.get("name") or "").lower() == wanted for each in listed)

    @staticmethod
    def _missing(key: str, scope: str, where: str = "") -> Finding:
        kind = "subscription" if scope.lower() == f"/subscriptions/{subscription_of(scope)}" else "scope"
        return Finding(
            connection=key,
            kind="not-there",
            what=f"the {kind} {scope}{where} is not there",
            fix="make it first, or write one that exists",
        )
