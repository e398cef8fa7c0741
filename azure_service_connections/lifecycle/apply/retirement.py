"""What is not needed any more once the new way is proven: removed, unless something still needs it."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.apply.identity_locks import IdentityLocks
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError
from azure_service_connections.lifecycle.http_client import Answer
from azure_service_connections.lifecycle.inventory.existing_connection import SECRET
from azure_service_connections.lifecycle.inventory.identity import Identity, Secret
from azure_service_connections.lifecycle.inventory.organization_reader import OrganizationReader
from azure_service_connections.lifecycle.services import Services, checked

_GONE: Final = 404
_KEYS: Final[tuple[tuple[Literal["secret", "certificate"], str], ...]] = (
    ("secret", "passwordCredentials"),
    ("certificate", "keyCredentials"),
)


class SecretUsers:
    """Which connections of the organizations sign in with a secret, and as whom; asked once."""

    def __init__(self, services: Services, organizations: Sequence[str]) -> None:
        """`organizations` are addresses."""
        self._services = services
        self._organizations = organizations
        self._lock = threading.Lock()
        self._known: dict[str, list[tuple[str, str]]] | None = None

    def of(self, client_id: str, *, but: str) -> list[str]:
        """The connections that need a secret of this client id, but for the one with the id `but`."""
        with self._lock:
            if self._known is None:
                self._known = self._read()
            return [address for each, address in self._known.get(client_id.lower(), ()) if each != but]

    def _read(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, dict[str, str]] = {}
        for organization in self._organizations:
            reader = OrganizationReader(self._services, organization)
            try:
                for client, identifier, address in _with_secret(reader):
                    found.setdefault(client, {}).setdefault(identifier, address)
            except ServiceError as error:
                raise LifecycleError(
                    f"secrets stay, as nobody can tell who needs them in {reader.name}: {error}"
                ) from error
        return {client: list(each.items()) for client, each in found.items()}


def _with_secret(reader: OrganizationReader) -> Iterator[tuple[str, str, str]]:
    """Client id, own id and address of the connections of an organization that sign in with a secret."""
    for project in reader.projects():
        for each in reader.connections(project):
            authorization = each["authorization"]
            if authorization["scheme"] == SECRET:
                parameters = {
                    key.lower(): value for key, value in (authorization.get("parameters") or {}).items()
                }
                client = str(parameters.get("serviceprincipalid") or "").lower()
                yield client, str(each["id"]).lower(), f"{reader.name}/{project.name}/{each['name']}"


class SecretRemoval:
    """Removes the secrets and certificates of applications."""

    def __init__(self, services: Services, patience: Patience) -> None:
        """`patience` says how often to look whether a secret is gone."""
        self._services = services
        self._patience = patience
        self._locks = IdentityLocks()

    def held(self, identity: Identity) -> list[Secret]:
        """The secrets and certificates that an application has now."""
        answer = self._services.graph("GET", f"/applications/{identity.object_id}")
        document = checked(answer, f"Reading the application {quoted(identity.name or identity.client_id)}")
        return [
            Secret(kind=kind, key_id=str(each["keyId"]), name=str(each.get("displayName") or ""))
            for kind, key in _KEYS
            for each in document.get(key) or ()
        ]

    def remove_all(self, identity: Identity) -> None:
        """Remove them, until the application is seen to have none."""
        with self._locks.of(identity):
            for _ in self._patience.tries():
                held = self.held(identity)
                if not held:
                    return
                for each in held:
                    if each.kind == "secret":
                        self._change("POST", identity, "/removePassword", {"keyId": each.key_id})
                if any(each.kind == "certificate" for each in held):
                    self._change("PATCH", identity, "", {"keyCredentials": []})
        raise LifecycleError(
            f"the application {quoted(identity.name or identity.client_id)} shows secrets that were "
            "removed; run the command again in some minutes"
        )

    def _change(self, method: str, identity: Identity, path: str, body: dict[str, Any]) -> None:
        answer = self._services.graph(method, f"/applications/{identity.object_id}{path}", body=body)
        if not answer.successful and answer.status != _GONE and answer.status < 500:
            raise _refusal(identity, answer)


def needed_by(users: Sequence[str]) -> str:
    """Why secrets stay, where connections need them."""
    return f"its secrets stay, {listed([quoted(each) for each in users[:5]], 'and')} still sign in with one"


def _refusal(identity: Identity, answer: Answer) -> ServiceError:
    return ServiceError(
        f"the secrets of the application {quoted(identity.name or identity.client_id)} could not be removed "
        f"({answer.code or f'HTTP {answer.status}'}: {answer.message.rstrip('.') or 'no reason is given'})",
        answer.status,
        answer.code,
    )
