"""What an identity is meant to be able to do in Azure, and where it reaches, as the operator can see it."""

import re
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.services import Services, checked
from azure_service_connections.lifecycle.stack_output import Connection

_AUTHORIZATION_VERSION = "2022-04-01"
_SUBSCRIPTIONS_VERSION = "2022-12-01"
_WEB_APPS_VERSION = "2023-12-01"
_GROUPS_VERSION = "2021-04-01"
_MANAGEMENT_GROUPS_VERSION = "2020-05-01"
_SUBSCRIPTION_SEGMENTS = 2
_MANAGEMENT_GROUP = "/providers/microsoft.management/managementgroups/"


class Group(NamedTuple):
    """A resource group."""

    id: str
    location: str


class Grant(NamedTuple):
    """A role definition at a scope."""

    role_definition_id: str
    scope: str


class AzureAccess:
    """The operator's view of scopes, roles and assignments; safe between threads.

    Subscriptions, resource groups and roles are asked for once.
    """

    def __init__(self, services: Services) -> None:
        """`services` are asked as the operator."""
        self._services = services
        self._lock = threading.RLock()
        self._subscriptions: dict[str, str] | None = None
        self._groups: dict[str, list[Group]] = {}
        self._roles: dict[str, list[dict[str, Any]]] = {}
        self._below: dict[str, frozenset[str]] = {}

    def subscriptions(self) -> Mapping[str, str]:
        """The subscriptions that the operator sees: id, name."""
        with self._lock:
            if self._subscriptions is None:
                listed = self._services.azure_list("/subscriptions", _SUBSCRIPTIONS_VERSION)
                self._subscriptions = {
                    each["subscriptionId"].lower(): each.get("displayName", "") for each in listed
                }
            return self._subscriptions

    def groups(self, subscription: str) -> list[Group]:
        """The resource groups of a subscription that the operator sees."""
        with self._lock:
            if subscription not in self._groups:
                path = f"/subscriptions/{subscription}/resourcegroups"
                self._groups[subscription] = [
                    Group(each["id"], each.get("location", ""))
                    for each in self._services.azure_list(path, _GROUPS_VERSION)
                ]
            return self._groups[subscription]

    def web_apps(self, subscription: str) -> list[str]:
        """The ids of the web apps of a subscription that the operator sees."""
        path = f"/subscriptions/{subscription}/providers/Microsoft.Web/sites"
        return [str(each["id"]) for each in self._services.azure_list(path, _WEB_APPS_VERSION)]

    def names(self, scope: str) -> tuple[str, ...]:
        """What people call a scope: its own name and that of the subscription that it is in."""
        parts = scope.strip("/").split("/")
        if (subscription := subscription_of(scope)) is None:
            return (parts[-1],)
        name = self.subscriptions().get(subscription) or subscription
        return (name,) if scope.count("/") == _SUBSCRIPTION_SEGMENTS else (parts[-1], name)

    def grants(self, principal_id: str, place: str, *, only_at_or_above: bool = False) -> list[Grant]:
        """What is assigned to a principal, also through groups, at a scope, above it and below it."""
        wanted = f"assignedTo('{principal_id}')"
        found = self._services.azure_list(
            f"{place}/providers/Microsoft.Authorization/roleAssignments",
            _AUTHORIZATION_VERSION,
            {"$filter": f"atScope() and {wanted}" if only_at_or_above else wanted},
        )
        return [Grant(each["properties"]["roleDefinitionId"], each["properties"]["scope"]) for each in found]

    def reaches(self, scope: str, place: str) -> bool:
        """Whether a scope is a place or above it, management groups with all that is in them included."""
        if not scope.lower().startswith(_MANAGEMENT_GROUP):
            return covers(scope, place)
        below = self.below(scope)
        if subscription := subscription_of(place):
            return below is None or f"/subscriptions/{subscription}" in below
        return covers(scope, place) or below is None or place.rstrip("/").lower() in below

    def below(self, management_group: str) -> frozenset[str] | None:
        """The ids of the groups and subscriptions in a management group, or None where they cannot be seen.

        In lower case; a subscription as `/subscriptions/GUID`.
        """
        key = management_group.rstrip("/").lower()
        with self._lock:
            if key not in self._below:
                path = f"{management_group}/descendants"
                try:
                    listed = list(self._services.azure_list(path, _MANAGEMENT_GROUPS_VERSION))
                except ServiceError:
                    return None
                self._below[key] = frozenset(
                    f"/subscriptions/{each['name']}".lower()
                    if each["type"].lower().endswith("/subscriptions")
                    else each["id"].lower()
                    for each in listed
                )
            return self._below[key]

    def permits(self, grants: Iterable[Grant], action: str, place: str) -> bool:
        """Whether a role among the grants allows an action at a place; conditions are left out of account."""
        return any(
            self.reaches(grant.scope, place) and self._role_permits(grant.role_definition_id, action)
            for grant in grants
        )

    def place_outside(self, connection: Connection) -> Group | None:
        """A resource group that exists and that no role of the connection's identity reaches, or None."""
        own = subscription_of(connection.scope)
        for subscription in sorted(self.subscriptions(), key=lambda each: each != own):
            try:
                assigned = self.grants(connection.principal_id, f"/subscriptions/{subscription}")
            except ServiceError:
                continue
            scopes = [connection.scope, *(role.scope for role in connection.roles)]
            scopes += [grant.scope for grant in assigned]
            for group in self.groups(subscription):
                if not any(self.reaches(scope, group.id) or covers(group.id, scope) for scope in scopes):
                    return group
        return None

    def _role_permits(self, role_definition_id: str, action: str) -> bool:
        with self._lock:
            permissions = self._roles.get(role_definition_id)
            if permissions is None:
                document = checked(
                    self._services.azure("GET", role_definition_id, _AUTHORIZATION_VERSION),
                    f"Reading the role {role_definition_id}",
                )
                permissions = self._roles[role_definition_id] = document["properties"]["permissions"]
        return any(
            _matches(each.get("actions") or (), action) and not _matches(each.get("notActions") or (), action)
            for each in permissions
        )


def covers(scope: str, place: str) -> bool:
    """Whether a scope is a place or above it, as far as their ids tell."""
    above, below = scope.rstrip("/").lower(), place.rstrip("/").lower()
    return above == "" or below == above or below.startswith(f"{above}/")


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(_pattern(each.lower()).fullmatch(action.lower()) for each in patterns)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")))
