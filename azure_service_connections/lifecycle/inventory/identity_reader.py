"""Reads identities: applications with what they hold from Entra ID, managed identities also from Azure.

Many are asked for in one request, by client id; what hangs on one of them is asked for once, however many
connections sign in as it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from azure_service_connections.catalogue.identifiers import managed_identity_id
from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError
from azure_service_connections.lifecycle.inventory.endpoint_facts import time_of
from azure_service_connections.lifecycle.inventory.identity import Identity, Secret, Trust
from azure_service_connections.lifecycle.inventory.refused import unseen
from azure_service_connections.lifecycle.services import Services

IN_ONE_FILTER: Final = 15
"""Values that Microsoft Graph takes in one `in` of a filter (its page "Use the $filter query parameter")."""

_PAGE: Final = {"$top": "999"}
_IDENTITY_VERSION: Final = "2023-01-31"
_SINGLE_TENANT: Final = "AzureADMyOrg"
_SINGULAR: Final = {"applications": "Its application", "servicePrincipals": "Its service principal"}


@dataclass(frozen=True)
class FoundIdentity:
    """An identity, and what of it could not be read."""

    identity: Identity
    unseen: tuple[str, ...] = field(default=())


class IdentityReader:
    """Reads identities of the tenant that the operator is signed in to."""

    def __init__(self, services: Services) -> None:
        """`services` are asked as the operator."""
        self._services = services
        self.tenant = ""
        """The operator's tenant; empty where the operator is not signed in."""

    def sign_in(self) -> str:
        """Sign in to the directory; why that cannot be done, or an empty text."""
        try:
            self.tenant = self._services.tenant
        except LifecycleError as error:
            return str(error)
        return ""

    def lists(self, clients: Sequence[str]) -> list[tuple[str, list[str]]]:
        """The requests that find identities: a collection and the client ids that are asked for together."""
        chunks = [list(clients[at : at + IN_ONE_FILTER]) for at in range(0, len(clients), IN_ONE_FILTER)]
        return [(kind, chunk) for kind in ("applications", "servicePrincipals") for chunk in chunks]

    def listed(self, kind: str, clients: Sequence[str]) -> list[Any] | str:
        """The objects of a collection with these client ids, or why they are not shown."""
        wanted = ",".join(f"'{each}'" for each in clients)
        try:
            return list(
                self._services.graph_list(
                    f"/{kind}",
                    f"Looking for {kind} in Entra ID",
                    parameters={**_PAGE, "$filter": f"appId in ({wanted})"},
                )
            )
        except ServiceError as error:
            return unseen(_SINGULAR[kind], error)

    def assembled(
        self, clients: Sequence[str], answers: Iterable[tuple[tuple[str, list[str]], list[Any] | str]]
    ) -> dict[str, FoundIdentity]:
        """What the lists tell of each identity, without what hangs on it, by client id."""
        documents: dict[str, dict[str, Any]] = {"applications": {}, "servicePrincipals": {}}
        hidden: dict[str, tuple[str, ...]] = {}
        for (kind, chunk), answer in answers:
            if isinstance(answer, str):
                hidden |= {client: (*hidden.get(client, ()), answer) for client in chunk}
            else:
                documents[kind] |= {str(each["appId"]).lower(): each for each in answer}
        found: dict[str, FoundIdentity] = {}
        missing: list[str] = []
        for client in clients:
            application = documents["applications"].get(client)
            principal = documents["servicePrincipals"].get(client)
            if application is None and principal is None:
                if client in hidden:
                    nobody = Identity(state="notVisible", client_id=client)
                    found[client] = FoundIdentity(nobody, hidden[client])
                else:
                    missing.append(client)
            else:
                found[client] = self._described(client, application, principal, hidden.get(client, ()))
        return found | self._deleted(missing)

    def completed(self, found: FoundIdentity) -> FoundIdentity:
        """An identity with its federated credentials and the owners of its application."""
        if found.identity.state not in ("present", "disabled"):
            return found
        completed = self.with_trusts(found)
        return self._with_owners(completed) if found.identity.object_id else completed

    def _described(
        self,
        client: str,
        application: Mapping[str, Any] | None,
        principal: Mapping[str, Any] | None,
        hidden: Sequence[str],
    ) -> FoundIdentity:
        told = list(hidden)
        owner = str((principal or {}).get("appOwnerOrganizationId") or "").lower()
        managed = (principal or {}).get("servicePrincipalType") == "ManagedIdentity"
        foreign = application is None and not managed and owner not in ("", self.tenant)
        if foreign:
            told.append(f"Its application is registered in the tenant {owner}, which is not looked into.")
        elif application is None and not managed and not told:
            told.append("Its application is not shown, only the service principal.")
        audience = (application or principal or {}).get("signInAudience") or _SINGLE_TENANT
        disabled = principal is not None and principal.get("accountEnabled") is False
        identity = Identity(
            state="disabled" if disabled else "present",
            kind="managedIdentity" if managed else "application",
            client_id=client,
            name=str((application or principal or {}).get("displayName") or ""),
            object_id=str((application or {}).get("id") or ""),
            resource_id=_resource_id(principal) if managed else "",
            principal_id=str((principal or {}).get("id") or ""),
            multi_tenant=foreign or (not managed and audience != _SINGLE_TENANT),
            secrets=tuple(_secrets(application)) if application else (),
        )
        return FoundIdentity(identity, tuple(told))

    def _deleted(self, clients: Sequence[str]) -> dict[str, FoundIdentity]:
        """What has become of identities that the directory does not have: deleted lately, or never there."""
        if not clients:
            return {}
        told: tuple[str, ...] = ()
        deleted: dict[str, Any] = {}
        try:
            for each in self._services.graph_list(
                "/directory/deletedItems/microsoft.graph.application",
                "Listing the deleted applications of Entra ID",
            ):
                deleted[str(each["appId"]).lower()] = each
        except ServiceError as error:
            told = (unseen("Whether its application was deleted lately", error),)
        found = {}
        for client in clients:
            gone = deleted.get(client)
            identity = (
                Identity(
                    state="deleted",
                    kind="application",
                    client_id=client,
                    name=str(gone.get("displayName") or ""),
                    object_id=str(gone["id"]),
                )
                if gone
                else Identity(state="missing", client_id=client)
            )
            found[client] = FoundIdentity(identity, () if gone else told)
        return found

    def with_trusts(self, found: FoundIdentity) -> FoundIdentity:
        """An identity with the federated credentials of its application or managed identity."""
        if found.identity.object_id:
            return self._with_trusts(found)
        return self._with_trusts_in_azure(found) if found.identity.resource_id else found

    def _with_owners(self, found: FoundIdentity) -> FoundIdentity:
        path = f"/applications/{found.identity.object_id}/owners"
        try:
            listed = list(self._services.graph_list(path, "Listing the owners of its application"))
        except ServiceError as error:
            return _without(found, "The owners of its application", error)
        owners = tuple(str(each.get("userPrincipalName") or each.get("displayName") or "") for each in listed)
        return replace(found, identity=found.identity.model_copy(update={"owners": owners}))

    def _with_trusts(self, found: FoundIdentity) -> FoundIdentity:
        # Only the beta version shows the expression of a flexible credential.
        path = f"/applications/{found.identity.object_id}/federatedIdentityCredentials"
        doing = "Listing the federated credentials of its application"
        try:
            listed = list(self._services.graph_list(path, doing, version="beta"))
        except ServiceError as error:
            return _without(found, "The federated credentials of its application", error)
        trusts = tuple(_trust(str(each["id"]), str(each["name"]), each) for each in listed)
        return replace(found, identity=found.identity.model_copy(update={"trusts": trusts}))

    def _with_trusts_in_azure(self, found: FoundIdentity) -> FoundIdentity:
        path = f"{found.identity.resource_id}/federatedIdentityCredentials"
        try:
            listed = list(self._services.azure_list(path, _IDENTITY_VERSION))
        except ServiceError as error:
            return _without(found, "The federated credentials of its managed identity", error)
        trusts = tuple(_trust(str(each["id"]), str(each["name"]), each["properties"]) for each in listed)
        return replace(found, identity=found.identity.model_copy(update={"trusts": trusts}))


def _without(found: FoundIdentity, what: str, error: ServiceError) -> FoundIdentity:
    return replace(found, unseen=(*found.unseen, unseen(what, error)))


def _resource_id(principal: Mapping[str, Any] | None) -> str:
    """The resource of a user-assigned managed identity, which Entra ID keeps among its alternative names."""
    for name in (principal or {}).get("alternativeNames") or ():
        if identity := managed_identity_id(str(name)):
            return str(identity)
    return ""


def _secrets(application: Mapping[str, Any]) -> Iterator[Secret]:
    for each in application.get("passwordCredentials") or ():
        yield Secret(
            kind="secret",
            key_id=str(each["keyId"]),
            name=str(each.get("displayName") or ""),
            hint=str(each.get("hint") or ""),
            expires=time_of(each.get("endDateTime")),
        )
    for each in application.get("keyCredentials") or ():
        yield Secret(
            kind="certificate",
            key_id=str(each["keyId"]),
            name=str(each.get("displayName") or ""),
            expires=time_of(each.get("endDateTime")),
        )


def _trust(identifier: str, name: str, values: Mapping[str, Any]) -> Trust:
    expression = values.get("claimsMatchingExpression") or {}
    return Trust(
        id=identifier,
        name=name,
        issuer=str(values.get("issuer") or ""),
        subject=str(values.get("subject") or ""),
        audiences=tuple(values.get("audiences") or ()),
        expression=str(expression.get("value") or ""),
        description=str(values.get("description") or ""),
    )
