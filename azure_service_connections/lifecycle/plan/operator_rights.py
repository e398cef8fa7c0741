"""Whether the operator may place a federated credential on an identity."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import Identity
from azure_service_connections.lifecycle.inventory.workers import Tell, Workers
from azure_service_connections.lifecycle.services import Services, checked

_ADMINISTRATORS: Final = frozenset(
    {
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
        "158c047a-c907-4556-b7ef-446551a6b5f7",
        "62e90394-69f5-4237-9190-012177145e10",
    }
)
"""Template ids of the roles Application Administrator, Cloud Application Administrator and Global
Administrator, as a token names them. Source: Entra ID's page "Microsoft Entra built-in roles".
"""

_ALL_APPLICATIONS: Final = frozenset({"Application.ReadWrite.All", "Directory.ReadWrite.All"})
"""Permissions of an application operator to change any application (Microsoft Graph's page "Create
federatedIdentityCredential" names the first).
"""

_WRITE: Final = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write"
_PERMISSIONS: Final = "/providers/Microsoft.Authorization/permissions"
_PERMISSIONS_VERSION: Final = "2022-04-01"


@dataclass(frozen=True)
class OperatorRights:
    """What the operator may do to identities."""

    names: frozenset[str] = frozenset()
    """What the operator is called among the owners of applications."""
    every_application: bool = False
    managed_identities: frozenset[str] = field(default_factory=frozenset)
    """Full ids in Azure, in lower case, of those that the operator may place credentials on."""

    def may_place(self, identity: Identity) -> bool:
        """Whether the operator may place a federated credential on an identity."""
        if identity.state != "present":
            return False
        if identity.resource_id:
            return identity.resource_id.lower() in self.managed_identities
        if not identity.object_id:
            return False
        return self.every_application or not self.names.isdisjoint(map(str.casefold, identity.owners))


def read_rights(
    services: Services, connections: Iterable[ExistingConnection], tell: Tell | None = None
) -> OperatorRights:
    """The operator's rights on the identities of connections; none where the operator is not signed in.

    Of applications the token tells: a directory role, or a permission; owners are told by the inventory. Of
    managed identities Azure tells, one request each.
    """
    identities = {
        each.identity.resource_id.lower(): each.identity.resource_id
        for each in connections
        if each.identity.resource_id and each.identity.state == "present"
    }
    try:
        claims = services.credentials.claims(services.addresses.graph)
    except LifecycleError:
        return OperatorRights()
    with Workers(tell) as workers:
        answers = workers.all(
            "rights on identities", [partial(_may_write, services, each) for each in identities.values()]
        )
    return OperatorRights(
        frozenset(each.casefold() for each in _names(services, claims) if each),
        bool(_ADMINISTRATORS & set(_listed(claims, "wids")))
        or bool(_ALL_APPLICATIONS & set(_listed(claims, "roles"))),
        frozenset(key for key, may in zip(identities, answers, strict=True) if may),
    )


def _names(services: Services, claims: Mapping[str, Any]) -> Iterable[str]:
    person = str(claims.get("upn") or claims.get("unique_name") or "")
    if person:
        return (person,)
    answer = services.graph(
        "GET", f"/servicePrincipals/{claims.get('oid')}", parameters={"$select": "displayName"}
    )
    document = answer.document if answer.successful and isinstance(answer.document, dict) else {}
    return (str(document.get("displayName") or ""),)


def _listed(claims: Mapping[str, Any], name: str) -> list[str]:
    held = claims.get(name)
    return [str(each) for each in held] if isinstance(held, list) else []


def _may_write(services: Services, identity: str) -> bool:
    """Whether one of the operator's roles permits the write, without a condition."""
    answer = services.azure("GET", f"{identity}{_PERMISSIONS}", _PERMISSIONS_VERSION)
    if answer.status in (401, 403, 404):
        return False
    document = checked(answer, f"Asking what the operator may do to {identity}")
    return any(
        _covered(each.get("actions")) and not _covered(each.get("notActions")) and not each.get("condition")
        for each in document["value"]
    )


def _covered(patterns: Any) -> bool:
    return any(
        re.fullmatch(".*".join(map(re.escape, str(each).split("*"))), _WRITE, re.IGNORECASE)
        for each in patterns or ()
    )
