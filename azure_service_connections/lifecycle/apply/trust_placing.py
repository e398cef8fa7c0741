"""Federated credentials of applications and managed identities: found, placed, removed.

A credential is recognised by its issuer and subject, which an identity holds at most once: one that is there
already is taken as the one that was to be placed. Azure refuses two writes at once to one managed identity,
so writes to an identity come one after another.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.lifecycle.apply.identity_locks import IdentityLocks
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError
from azure_service_connections.lifecycle.http_client import Answer
from azure_service_connections.lifecycle.inventory.identity import Identity
from azure_service_connections.lifecycle.services import Services, checked
from azure_service_connections.lifecycle.subject_prediction import FederatedTrust

MOST: Final = 20
"""Federated credentials that an application or a managed identity may hold (Entra's documentation)."""

_VERSION: Final = "2023-01-31"
_LATER: Final = (404, 409, 500, 502, 504)
"""Refusals that end by themselves: another write is under way, or what was just made is not known yet."""


@dataclass(frozen=True)
class HeldTrust:
    """A federated credential that an identity has."""

    id: str
    """Object id in Entra ID, or full id in Azure."""
    name: str
    issuer: str
    subject: str
    audiences: tuple[str, ...]


class TrustPlacing:
    """Places and removes the federated credentials of identities; safe between threads."""

    def __init__(self, services: Services, patience: Patience) -> None:
        """`patience` says how often and how long to wait for what ends by itself."""
        self._services = services
        self._patience = patience
        self._locks = IdentityLocks()

    def held(self, identity: Identity) -> list[HeldTrust]:
        """The federated credentials of an identity; flexible ones have no subject."""
        if identity.resource_id:
            listed = self._services.azure_list(
                f"{identity.resource_id}/federatedIdentityCredentials", _VERSION
            )
            return [_held(str(each["id"]), str(each["name"]), each["properties"]) for each in listed]
        answer = self._services.graph("GET", _application(identity))
        document = checked(answer, f"Listing the federated credentials of {_named(identity)}")
        return [_held(str(each["id"]), str(each["name"]), each) for each in document["value"]]

    def find(self, identity: Identity, trust: FederatedTrust) -> HeldTrust | None:
        """The credential with this issuer and subject, or None.

        Raises LifecycleError where it is made for another audience: no token would match it.
        """
        return _match(identity, self.held(identity), trust)

    def place(
        self,
        identity: Identity,
        trust: FederatedTrust,
        name: str,
        description: str,
        before_writing: Callable[[str], None],
    ) -> tuple[HeldTrust, bool]:
        """The credential of this issuer and subject, and whether it was placed now.

        `before_writing` is told the name just before the credential is written; a name that another one has
        is given a number. Raises LifecycleError where the identity has no room or its owner does not allow
        it.
        """
        with self._locks.of(identity):
            placed, answer = False, None
            for _ in self._patience.tries():
                held = self.held(identity)
                if (found := _match(identity, held, trust)) is not None:
                    return found, placed
                if placed:
                    continue
                if len(held) >= MOST:
                    raise LifecycleError(no_room(identity, len(held), 1))
                free = _free_name(name, held)
                before_writing(free)
                answer = self._write(identity, free, trust, description)
                placed = answer.successful
                if not placed and answer.status not in _LATER and not _is_there(answer):
                    raise _refusal(identity, answer)
            if not placed:
                raise _refusal(identity, answer)
            raise LifecycleError(
                f"the new credential of {_named(identity)} does not show {self._patience}; run the command "
                "again in some minutes, nothing has been lost"
            )

    def remove(self, identity: Identity, issuer: str, subject: str) -> bool:
        """Remove the credential with this issuer and subject; whether there was one."""
        with self._locks.of(identity):
            return self._remove(identity, issuer, subject)

    def _remove(self, identity: Identity, issuer: str, subject: str) -> bool:
        """Look and remove, until it is seen to be gone: also a refusal may have removed it."""
        removed = False
        answer: Answer | None = None
        for _ in self._patience.tries():
            found = [each for each in self.held(identity) if (each.issuer, each.subject) == (issuer, subject)]
            if not found:
                return removed
            if identity.resource_id:
                answer = self._services.azure("DELETE", found[0].id, _VERSION)
            else:
                answer = self._services.graph("DELETE", f"{_application(identity)}/{found[0].id}")
            removed = True
            if not answer.successful and answer.status not in _LATER:
                break
        raise _refusal(identity, answer, "removed")

    def _write(self, identity: Identity, name: str, trust: FederatedTrust, description: str) -> Answer:
        values = {"issuer": trust.issuer, "subject": trust.subject, "audiences": [trust.audience]}
        if identity.resource_id:
            path = f"{identity.resource_id}/federatedIdentityCredentials/{name}"
            return self._services.azure("PUT", path, _VERSION, body={"properties": values})
        return self._services.graph(
            "POST", _application(identity), body={"name": name, "description": description, **values}
        )


def no_room(identity: Identity, held: int, needed: int) -> str:
    """What to say of an identity that cannot hold so many more credentials."""
    return (
        f"{_named(identity)} has {held} of at most {MOST} federated credentials and needs {needed} more; "
        "remove some that nothing uses, or give the connection an identity of its own"
    )


def _match(identity: Identity, held: Iterable[HeldTrust], trust: FederatedTrust) -> HeldTrust | None:
    for each in held:
        if (each.issuer, each.subject) == (trust.issuer, trust.subject):
            if trust.audience not in each.audiences:
                raise LifecycleError(
                    f"the credential {quoted(each.name)} of {_named(identity)} has the connection's issuer "
                    f"and subject but the audience {quoted(', '.join(each.audiences))}; set it to "
                    f"{quoted(trust.audience)} or delete it"
                )
            return each
    return None


def _free_name(name: str, held: Iterable[HeldTrust]) -> str:
    taken = {each.name.lower() for each in held}
    candidates = (name, *(f"{name}-{number}" for number in range(2, MOST + 2)))
    return next(each for each in candidates if each.lower() not in taken)


def _is_there(answer: Answer) -> bool:
    """Whether a refusal says that the credential is there, which a list does not show yet."""
    words = answer.message.lower()
    return "unique" in words or "already exists" in words


def _refusal(identity: Identity, answer: Answer | None, doing: str = "placed") -> LifecycleError:
    status, code, message = (answer.status, answer.code, answer.message) if answer else (500, "", "")
    words = f"{code or f'HTTP {status}'}: {message.rstrip('.') or 'no reason is given'}"
    if status == 403:
        return LifecycleError(
            f"the operator may not change {_named(identity)} ({words}); let its owner do it with "
            "`connections handoff`, or use a role such as Application Administrator or Managed Identity "
            "Contributor"
        )
    return ServiceError(f"a credential of {_named(identity)} could not be {doing} ({words})", status, code)


def _application(identity: Identity) -> str:
    return f"/applications/{identity.object_id}/federatedIdentityCredentials"


def _named(identity: Identity) -> str:
    kind = "the managed identity" if identity.resource_id else "the application"
    return f"{kind} {quoted(identity.name or identity.client_id)}"


def _held(identifier: str, name: str, values: dict[str, Any]) -> HeldTrust:
    return HeldTrust(
        identifier,
        name,
        str(values.get("issuer") or ""),
        str(values.get("subject") or ""),
        tuple(str(each) for each in values.get("audiences") or ()),
    )
