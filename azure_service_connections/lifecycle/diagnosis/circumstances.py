"""What a diagnosis has to know beside the connections: asked for once, however many need it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from azure_service_connections.catalogue import clouds
from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.catalogue.roles import BUILT_IN_ROLES
from azure_service_connections.lifecycle.diagnosis.attempt import Attempt, tried, try_connection
from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.roles import Access
from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError
from azure_service_connections.lifecycle.inventory.azure_reader import AzureReader
from azure_service_connections.lifecycle.inventory.endpoint_facts import time_of
from azure_service_connections.lifecycle.inventory.identity import HeldRole
from azure_service_connections.lifecycle.inventory.refused import unseen
from azure_service_connections.lifecycle.inventory.workers import Workers
from azure_service_connections.lifecycle.services import Services, checked

_SUBSCRIPTIONS_VERSION: Final = "2022-12-01"
_AUTHORIZATION_VERSION: Final = "2022-04-01"
_MANAGEMENT_GROUP: Final = "/providers/microsoft.management/managementgroups/"
_BUILT_IN: Final = frozenset(BUILT_IN_ROLES.values())
_ABSENT: Final = (400, 403, 404)


@dataclass(frozen=True)
class Circumstances:
    """What surrounds some connections."""

    deleted: Mapping[str, datetime] = field(default_factory=dict)
    """When applications were deleted, by their object ids."""
    tenants: Mapping[str, str] = field(default_factory=dict)
    """Tenants of subscriptions, by lower-cased id."""
    homes: Mapping[str, str] = field(default_factory=dict)
    """The tenant in which identities are that their connections look for in another one, by client id."""
    access: Mapping[str, Access] = field(default_factory=dict)
    """What identities hold in Azure, by the connection's id."""
    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    """What became of a sign-in, by the connection's id."""
    unseen: tuple[str, ...] = ()
    """What could not be read and why, a sentence each."""


class CircumstanceReader:
    """Asks what surrounds some cases."""

    def __init__(self, services: Services, workers: Workers, cases: Sequence[Case]) -> None:
        """`workers` ask many things at a time."""
        self._services = services
        self._workers = workers
        self._cases = cases
        self._unseen: list[str] = []
        try:
            self._tenant = services.tenant
        except LifecycleError as error:
            self._tenant = ""
            self._unseen.append(str(error))

    def read(self, attempts: bool) -> Circumstances:
        """Everything; with `attempts` Azure DevOps signs in with each connection that it can try."""
        own = bool(self._tenant)
        return Circumstances(
            deleted=self._deleted() if own else {},
            tenants=self._tenants() if own else {},
            homes=self._homes() if own else {},
            access=self._access() if own else {},
            attempts=self._attempts() if attempts else {},
            unseen=tuple(dict.fromkeys(self._unseen)),
        )

    def _deleted(self) -> dict[str, datetime]:
        ids = {each.live.identity.object_id for each in self._cases if each.live.identity.state == "deleted"}

        def when(identifier: str) -> datetime | None:
            answer = self._services.graph("GET", f"/directory/deletedItems/{identifier}")
            if not answer.successful or not isinstance(answer.document, dict):
                return None
            return time_of(answer.document.get("deletedDateTime"))

        found = self._workers.all("deleted applications", [partial(when, each) for each in ids])
        return {key: time for key, time in zip(ids, found, strict=True) if time is not None}

    def _tenants(self) -> dict[str, str]:
        if not any(subscription_of(each.live.scope) for each in self._cases):
            return {}
        try:
            return {
                str(each["subscriptionId"]).lower(): str(each.get("tenantId") or "").lower()
                for each in self._services.azure_list("/subscriptions", _SUBSCRIPTIONS_VERSION)
            }
        except ServiceError as error:
            self._unseen.append(unseen("The subscriptions", error))
            return {}

    def _homes(self) -> dict[str, str]:
        """Identities that are in the operator's tenant and of no other one."""
        clients = list(
            {
                each.live.client_id
                for each in self._cases
                if each.live.client_id and each.live.tenant_id not in ("", self._tenant)
            }
        )

        def is_home(client: str) -> bool:
            answer = self._services.graph("GET", f"/servicePrincipals(appId='{client}')")
            if not answer.successful or not isinstance(answer.document, dict):
                return False
            audience = str(answer.document.get("signInAudience") or "")
            owner = str(answer.document.get("appOwnerOrganizationId") or self._tenant).lower()
            return owner == self._tenant and audience in ("", "AzureADMyOrg")

        found = self._workers.all("identities", [partial(is_home, each) for each in clients])
        return {client: self._tenant for client, home in zip(clients, found, strict=True) if home}

    def _access(self) -> dict[str, Access]:
        azure = AzureReader(self._services, self._tenant)
        jobs: list[Callable[[], tuple[HeldRole, ...] | None]] = []
        seen = [each for each in self._cases if self._is_seen(each)]
        asked: dict[tuple[str, str], int] = {}
        for case in seen:
            for place in _places(case) if case.declared else ():
                key = (case.principal_id, place.lower())
                if key not in asked:
                    asked[key] = len(jobs)
                    jobs.append(partial(self._roles, azure, case.principal_id, place))
        answers = self._workers.all("roles", jobs)
        held: dict[str, tuple[HeldRole, ...] | None] = {}
        for case in seen:
            if case.declared is None:
                held[case.live.id] = None if case.hidden("oles") else case.live.roles
                continue
            found = [answers[asked[case.principal_id, place.lower()]] for place in _places(case)]
            unread = any(each is None for each in found)
            held[case.live.id] = (
                None
                if unread
                else tuple({each.assignment_id.lower(): each for one in found for each in one or ()}.values())
            )
        permissions = self._permissions(held)
        denials = self._denials(seen)
        return {
            case.live.id: Access(
                held[case.live.id], permissions, denials.get((case.principal_id, case.live.scope.lower()), ())
            )
            for case in seen
        }

    def _is_seen(self, case: Case) -> bool:
        live = case.live
        here = live.tenant_id in ("", self._tenant) and live.cloud != clouds.STACK
        return here and bool(case.principal_id) and bool(live.scope) and not live.subscription_gone

    def _roles(self, azure: AzureReader, principal: str, place: str) -> tuple[HeldRole, ...] | None:
        found = azure.roles(principal, place)
        if isinstance(found, str):
            self._unseen.append(found)
            return None
        return found

    def _permissions(
        self, held: Mapping[str, tuple[HeldRole, ...] | None]
    ) -> dict[str, Sequence[Mapping[str, Any]]]:
        """What roles of one's own permit; the built-in ones take nothing away that a connection needs."""
        definitions = {
            guid: role.role_definition_id
            for roles in held.values()
            for role in roles or ()
            if (guid := role.role_definition_id.rpartition("/")[2].lower()) not in _BUILT_IN
        }

        def read(definition: str) -> Sequence[Mapping[str, Any]] | None:
            try:
                answer = self._services.azure("GET", definition, _AUTHORIZATION_VERSION)
                properties = checked(answer, f"Reading the role {definition}")["properties"]
            except ServiceError as error:
                self._unseen.append(unseen(f"The role {definition}", error))
                return None
            permissions: Sequence[Mapping[str, Any]] = properties.get("permissions") or ()
            return permissions

        found = self._workers.all("role definitions", [partial(read, each) for each in definitions.values()])
        return {guid: each for guid, each in zip(definitions, found, strict=True) if each is not None}

    def _denials(self, cases: Sequence[Case]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
        asked = {(each.principal_id, each.live.scope.lower()): each.live.scope for each in cases}

        def read(principal: str, scope: str) -> list[Mapping[str, Any]]:
            try:
                listed = self._services.azure_list(
                    f"{scope}/providers/Microsoft.Authorization/denyAssignments",
                    _AUTHORIZATION_VERSION,
                    {"$filter": f"assignedTo('{principal}')"},
                )
                return [each["properties"] for each in listed]
            except ServiceError as error:
                if error.status not in _ABSENT:
                    self._unseen.append(unseen(f"The deny assignments at {scope}", error))
                return []

        jobs = [partial(read, principal, scope) for (principal, _), scope in asked.items()]
        return dict(zip(asked, self._workers.all("deny assignments", jobs), strict=True))

    def _attempts(self) -> dict[str, Attempt]:
        cases = [each for each in self._cases if tried(each.live.scheme) and _usable(each)]
        jobs = [
            partial(
                try_connection,
                self._services,
                each.live.organization,
                each.live.project.id,
                each.live.id,
                each.live.name,
            )
            for each in cases
        ]
        return {
            case.live.id: found
            for case, found in zip(cases, self._workers.all("sign-ins", jobs), strict=True)
        }


def _usable(case: Case) -> bool:
    return case.live.ready and not case.live.disabled


def _places(case: Case) -> list[str]:
    """Subscriptions, management groups or other scopes whose roles have to be read, each once."""
    declared = case.declared.roles if case.declared else ()
    scopes = [case.live.scope, *(role.scope for role in declared)]
    places: dict[str, str] = {}
    for scope in scopes:
        subscription = subscription_of(scope)
        if subscription is not None:
            place = f"/subscriptions/{subscription}"
        else:
            place = scope if scope.lower().startswith(_MANAGEMENT_GROUP) else ""
        places.setdefault(place.lower(), place)
    return list(places.values())
