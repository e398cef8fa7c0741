"""Every identity of the operator's tenant that holds federated credentials, whatever they are for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import Identity, Trust
from azure_service_connections.lifecycle.inventory.identity_reader import FoundIdentity, IdentityReader
from azure_service_connections.lifecycle.inventory.refused import unseen
from azure_service_connections.lifecycle.inventory.workers import Workers
from azure_service_connections.lifecycle.services import Services

Told = Callable[[str], None]

_IDENTITY_VERSION: Final = "2023-01-31"
_SELECTED: Final = (
    *("id", "appId", "displayName", "passwordCredentials", "keyCredentials", "identifierUris"),
    *("appRoles", "api", "web", "spa", "publicClient"),
)


@dataclass(frozen=True)
class Holder:
    """An application or a managed identity with its federated credentials."""

    identity: Identity
    trusts: tuple[Trust, ...]
    bare: bool = False
    """Whether it is an application that nobody can sign in to or call but by these credentials."""


def credential_holders(
    services: Services,
    workers: Workers,
    subscriptions: Sequence[str],
    connections: Sequence[ExistingConnection],
    told: Told,
) -> list[Holder]:
    """The applications of the tenant, and the managed identities of subscriptions, that hold credentials.

    What was read with a connection is not asked for again. `told` hears what could not be read.
    """
    reader = IdentityReader(services)
    read = {
        key: each.identity
        for each in connections
        if each.identity.trusts and (key := _key(each.identity)) is not None
    }
    applications, *managed = workers.all(
        "identities",
        [
            partial(_applications, services),
            *(partial(_managed_identities, services, each) for each in subscriptions),
        ],
    )
    found: list[tuple[Identity, bool]] = []
    for answer in (applications, *managed):
        if isinstance(answer, str):
            told(answer)
        else:
            found += answer
    unread = [identity for identity, _ in found if _key(identity) not in read]
    completed = workers.all(
        "credentials", [partial(reader.with_trusts, FoundIdentity(identity)) for identity in unread]
    )
    for each in completed:
        for sentence in each.unseen:
            told(sentence.replace("its", f"{each.identity.name}'s", 1))
        read[_key(each.identity)] = each.identity
    return [
        Holder(identity, trusts, bare) for identity, bare in found if (trusts := read[_key(identity)].trusts)
    ]


def _key(identity: Identity) -> str:
    return (identity.object_id or identity.resource_id).lower()


def _applications(services: Services) -> list[tuple[Identity, bool]] | str:
    try:
        listed = list(
            services.graph_list(
                "/applications",
                "Listing the applications of Entra ID",
                parameters={"$top": "999", "$select": ",".join(_SELECTED)},
            )
        )
    except ServiceError as error:
        return unseen("The applications of Entra ID", error)
    return [
        (
            Identity(
                state="present",
                kind="application",
                client_id=str(each["appId"]).lower(),
                name=str(each.get("displayName") or ""),
                object_id=str(each["id"]),
            ),
            not any(_uses(each)),
        )
        for each in listed
    ]


def _uses(application: dict[str, Any]) -> Iterable[Any]:
    """What makes an application more than the identity of a connection: secrets, people, callers."""
    for name in ("passwordCredentials", "keyCredentials", "identifierUris", "appRoles"):
        yield application.get(name)
    yield (application.get("api") or {}).get("oauth2PermissionScopes")
    for name in ("web", "spa", "publicClient"):
        yield (application.get(name) or {}).get("redirectUris")


def _managed_identities(services: Services, subscription: str) -> list[tuple[Identity, bool]] | str:
    path = f"/subscriptions/{subscription}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    try:
        listed = list(services.azure_list(path, _IDENTITY_VERSION))
    except ServiceError as error:
        return unseen(f"The managed identities of {subscription}", error)
    return [
        (
            Identity(
                state="present",
                kind="managedIdentity",
                client_id=str(each["properties"].get("clientId") or "").lower(),
                name=str(each["name"]),
                resource_id=str(each["id"]),
                principal_id=str(each["properties"].get("principalId") or ""),
            ),
            False,
        )
        for each in listed
    ]
