"""What there is to do about a connection, each in a few words and in a sentence."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

from azure_service_connections.catalogue.issuers import DEVOPS_ISSUER_ENDS
from azure_service_connections.lifecycle.document import Document
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED, ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import Secret
from azure_service_connections.lifecycle.inventory.verdicts import lacks_principal

SOON: Final = timedelta(days=30)
"""A secret that ends within this time is something to do now."""

_HOLDS_SECRET: Final = ("secret", "certificate")


class Finding(Document):
    """Something to do about a connection."""

    kind: Literal["broken", "expiring", "idle", "convert", "migrate", "secret"]
    """`broken`: pipelines that use it fail now; `expiring`: they will soon; `idle`: it can do nothing in
    Azure; `convert` and `migrate`: it can be improved by a plan; `secret`: it holds one and cannot be
    converted as it is."""
    words: str
    """A few words for a table."""
    sentence: str
    """The whole, without a full stop."""


def findings(connection: ExistingConnection, now: datetime) -> tuple[Finding, ...]:
    """What there is to do about a connection at a time, the worst first."""
    return (
        *_broken(connection, now),
        *_expiring(connection, now),
        *_idle(connection),
        *_improvements(connection),
    )


def expiry(connection: ExistingConnection) -> datetime | None:
    """When its secret or certificate ends at the latest, or None where nothing is known of it.

    Azure DevOps does not tell which of an application's it holds.
    """
    return max((each.expires for each in _held(connection) if each.expires), default=None)


def _held(connection: ExistingConnection) -> list[Secret]:
    if connection.credential_kind not in _HOLDS_SECRET:
        return []
    return [each for each in connection.identity.secrets if each.kind == connection.credential_kind]


def _broken(connection: ExistingConnection, now: datetime) -> Iterator[Finding]:
    identity = connection.identity
    if identity.state == "missing":
        yield _broken_by("identity gone", "its identity is gone from Entra ID")
    elif identity.state == "deleted":
        yield _broken_by("application deleted", f"its application {identity.name} was deleted")
    elif identity.state == "disabled":
        yield _broken_by("identity disabled", f"the service principal of {identity.name} is disabled")
    elif lacks_principal(connection):
        yield _broken_by("no service principal", f"the application {identity.name} has no service principal")
    if connection.subscription_gone:
        yield _broken_by("scope gone", f"what it is for is gone: {connection.scope}")
    if not connection.ready:
        yield _broken_by("not ready", f"it is not ready: {connection.status or 'no reason is given'}")
    if connection.migration.possible and now.date() >= DEVOPS_ISSUER_ENDS:
        yield _broken_by(
            "issuer ended", f"Azure DevOps' own issuer ended on {DEVOPS_ISSUER_ENDS.isoformat()}"
        )
    if _untrusted(connection):
        yield _broken_by(
            "no credential", f"no federated credential of {identity.name} is for {connection.subject}"
        )


def _untrusted(connection: ExistingConnection) -> bool:
    """Whether its identity's credentials were read and none is for it; an expression may be for anything."""
    identity = connection.identity
    if connection.scheme != FEDERATED or identity.state != "present" or not connection.subject:
        return False
    seen = bool(identity.object_id or identity.resource_id) and not any(
        "federated credentials" in each for each in connection.unseen
    )
    return seen and not any(
        each.issuer == connection.issuer and (each.subject == connection.subject or each.expression)
        for each in identity.trusts
    )


def _expiring(connection: ExistingConnection, now: datetime) -> Iterator[Finding]:
    kind = connection.credential_kind
    ends = expiry(connection)
    if connection.identity.state != "present" or kind not in _HOLDS_SECRET:
        return
    if ends is None:
        if connection.identity.object_id and not _held(connection):
            yield _broken_by(f"no {kind}", f"the application {connection.identity.name} holds no {kind}")
    elif ends <= now:
        yield _broken_by(f"{kind} expired", f"its {kind} ended on {ends:%Y-%m-%d}")
    elif next_end := min(
        (each.expires for each in _held(connection) if each.expires and now < each.expires <= now + SOON),
        default=None,
    ):
        which = f"its {kind}" if len(_held(connection)) == 1 else f"a {kind} of its application"
        yield Finding(
            kind="expiring", words=f"{kind} ends soon", sentence=f"{which} ends on {next_end:%Y-%m-%d}"
        )


def _idle(connection: ExistingConnection) -> Iterator[Finding]:
    """One whose roles were read, and there are none."""
    told = any("roles" in each.lower() for each in connection.unseen)
    if connection.identity.state != "present" or not connection.identity.principal_id or told:
        return
    if connection.scope_level and not connection.roles and not connection.subscription_gone:
        yield Finding(
            kind="idle", words="no role", sentence="its identity holds no role in or above what it is for"
        )


def _improvements(connection: ExistingConnection) -> Iterator[Finding]:
    if connection.conversion.possible:
        yield Finding(
            kind="convert",
            words="convert",
            sentence=f"it can give its {connection.credential_kind} up: {connection.conversion.reason}",
        )
    elif connection.credential_kind in (*_HOLDS_SECRET, "publishProfile"):
        yield Finding(
            kind="secret",
            words=f"keeps its {'secret' if connection.credential_kind == 'secret' else 'credential'}",
            sentence=f"it is not converted as it is: {connection.conversion.reason}",
        )
    if connection.migration.possible:
        yield Finding(
            kind="migrate",
            words=f"migrate by {DEVOPS_ISSUER_ENDS.isoformat()}",
            sentence=f"it can move to Entra's issuer: {connection.migration.reason}",
        )


def _broken_by(words: str, sentence: str) -> Finding:
    return Finding(kind="broken", words=words, sentence=sentence)
