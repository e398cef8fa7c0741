"""Reads from Azure what connections are for and what their identities may do there."""

import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.catalogue.roles import BUILT_IN_ROLES
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.inventory.identity import HeldRole
from azure_service_connections.lifecycle.inventory.refused import unseen
from azure_service_connections.lifecycle.services import Services, checked

_SUBSCRIPTIONS_VERSION: Final = "2022-12-01"
_AUTHORIZATION_VERSION: Final = "2022-04-01"
_GROUPS_VERSION: Final = "2020-05-01"
_GROUPS: Final = "/providers/Microsoft.Management/managementGroups"
_NAMES: Mapping[str, str] = MappingProxyType({guid: name for name, guid in BUILT_IN_ROLES.items()})


class AzureReader:
    """Asks Azure Resource Manager; safe between threads. What several connections need is asked for once."""

    def __init__(self, services: Services, tenant: str) -> None:
        """`tenant` is the one that the operator is signed in to."""
        self._services = services
        self._tenant = tenant
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._role_names: dict[str, str] = {}

    def subscriptions(self) -> list[str]:
        """The ids of the tenant's subscriptions that the operator sees, without those of other tenants."""
        return [
            str(each["subscriptionId"]).lower()
            for each in self._services.azure_list("/subscriptions", _SUBSCRIPTIONS_VERSION)
            if str(each.get("tenantId") or self._tenant).lower() == self._tenant
        ]

    def places_gone(self, places: Sequence[str]) -> dict[str, bool | str]:
        """Whether subscriptions and management groups are gone, by lower-cased id; a text for unclear ones.

        The operator may be unable to see one that is there: only who sees the whole tenant knows that one is
        not.
        """
        found: dict[str, bool | str] = {}
        seen: set[str] = set()
        try:
            if any(subscription_of(each) for each in places):
                listed = self._services.azure_list("/subscriptions", _SUBSCRIPTIONS_VERSION)
                seen |= {f"/subscriptions/{each['subscriptionId']}".lower() for each in listed}
            if any(not subscription_of(each) for each in places):
                listed = self._services.azure_list(_GROUPS, _GROUPS_VERSION)
                seen |= {str(each["id"]).lower() for each in listed}
        except ServiceError as error:
            return dict.fromkeys((each.lower() for each in places), unseen("What it is for", error))
        hidden = [each.lower() for each in places if each.lower() not in seen]
        everything = self._everything() if hidden else set()
        for each in places:
            key = each.lower()
            if key in seen:
                found[key] = False
            elif everything is None:
                found[key] = f"{each} is not there, or the operator may see nothing in it."
            else:
                found[key] = key not in everything
        return found

    def roles(self, principal: str, place: str) -> tuple[HeldRole, ...] | str:
        """The roles of a principal at a place, above it and below it, also through groups.

        A text says why they are not shown.
        """
        try:
            listed = list(
                self._services.azure_list(
                    f"{place}/providers/Microsoft.Authorization/roleAssignments",
                    _AUTHORIZATION_VERSION,
                    {"$filter": f"assignedTo('{principal}')"},
                )
            )
            return tuple(self._role(each["id"], each["properties"]) for each in listed)
        except ServiceError as error:
            return unseen("Its roles", error)

    def _role(self, identifier: str, properties: Mapping[str, Any]) -> HeldRole:
        definition = str(properties["roleDefinitionId"])
        return HeldRole(
            assignment_id=identifier,
            role=self.role_name(definition),
            role_definition_id=definition,
            scope=str(properties["scope"]),
            condition=str(properties.get("condition") or ""),
            description=str(properties.get("description") or ""),
            principal_id=str(properties["principalId"]),
        )

    def role_name(self, definition: str) -> str:
        """The name of a role by the full id of its definition; its GUID where the name is not shown."""
        guid = definition.rpartition("/")[2].lower()
        if guid in _NAMES:
            return _NAMES[guid]
        with self._lock:
            own = self._locks.setdefault(guid, threading.Lock())
        with own:
            if guid not in self._role_names:
                doing = f"Reading the role {guid}"
                try:
                    answer = self._services.azure("GET", definition, _AUTHORIZATION_VERSION)
                    self._role_names[guid] = str(checked(answer, doing)["properties"]["roleName"])
                except ServiceError as error:
                    unseen(doing, error)
                    self._role_names[guid] = guid
            return self._role_names[guid]

    def _everything(self) -> set[str] | None:
        """The ids of all subscriptions and management groups of the tenant, or None where they are hidden."""
        root = f"{_GROUPS}/{self._tenant}"
        try:
            listed = list(self._services.azure_list(f"{root}/descendants", _GROUPS_VERSION))
        except ServiceError as error:
            unseen("The management groups", error)
            return None
        return {root.lower()} | {
            f"/subscriptions/{each['name']}".lower()
            if str(each["type"]).lower().endswith("/subscriptions")
            else str(each["id"]).lower()
            for each in listed
        }
