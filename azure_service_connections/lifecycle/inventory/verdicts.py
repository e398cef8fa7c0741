"""What may be done to a connection: conversion to federation, the move to Entra's issuer, the way back.

The rules are those of Azure DevOps' page "Connect to Azure with an Azure Resource Manager service connection"
(conversion: one project, made automatically; a way back for seven days, not for one made by hand) and of its
pages on the issuers. A connection made by hand is converted by the same call once its identity trusts what
the converted connection will say; the documentation does not describe that.
"""

from datetime import datetime, timedelta
from typing import Final

from azure_service_connections.catalogue import clouds
from azure_service_connections.catalogue.issuers import DEVOPS_ISSUER_ENDS
from azure_service_connections.catalogue.wording import counted, listed
from azure_service_connections.lifecycle.inventory.existing_connection import (
    FEDERATED,
    SECRET,
    ExistingConnection,
    Verdict,
)

MOST_TRUSTS: Final = 20
"""Federated credentials that an application or a managed identity may hold (Entra's documentation)."""
REVERT_DAYS: Final = 7

NOT_JUDGED: Final = Verdict(possible=False, reason="it has not been looked at")
_OTHER_SCHEMES: Final = {
    "ManagedServiceIdentity": "it signs in as the machine that runs the job and holds no secret",
    "PublishProfile": "it signs in with a publish profile, which no identity of Entra ID stands behind",
}


def judged(connection: ExistingConnection, now: datetime) -> ExistingConnection:
    """The connection with its three verdicts as of a time."""
    return connection.model_copy(
        update={
            "conversion": conversion(connection),
            "migration": migration(connection),
            "reversion": reversion(connection, now),
        }
    )


def conversion(connection: ExistingConnection) -> Verdict:
    """Whether its secret can be given up for federation."""
    if connection.scheme == FEDERATED:
        return _no("it is federated already")
    if connection.scheme != SECRET:
        return _no(_OTHER_SCHEMES.get(connection.scheme, f"its scheme {connection.scheme} is not converted"))
    if connection.cloud == clouds.STACK:
        return _no("Azure DevOps does not convert connections to Azure Stack")
    if connection.cloud != clouds.PUBLIC.environment:
        return _no(f"in {connection.cloud} federation is set up by hand, on Azure DevOps' own issuer")
    if connection.shared:
        names = listed([each.name for each in connection.projects], "and")
        return _no(f"it is shared by the projects {names}, and only one project may have it")
    if problem := _standing(connection) or _identity_problem(connection):
        return _no(problem)
    if connection.identity.multi_tenant:
        return _no(
            "its application is multi-tenant, and Entra's issuer refuses those (AADSTS70052); it would need "
            "an application of its own"
        )
    if _made_by_service(connection):
        return Verdict(
            possible=True, reason="Azure DevOps made its identity and places the credential itself"
        )
    return _placing(connection, "it was made by hand")


def migration(connection: ExistingConnection) -> Verdict:
    """Whether it can move from Azure DevOps' own issuer to Entra's."""
    if connection.scheme != FEDERATED:
        return _no("it is not federated")
    if connection.issuer_kind == "entra":
        return _no("it trusts Entra's issuer already")
    if connection.issuer_kind != "devops":
        return _no("its issuer is not told")
    if connection.cloud != clouds.PUBLIC.environment:
        return _no(f"connections to {connection.cloud} stay with Azure DevOps' own issuer")
    if connection.identity.multi_tenant:
        return _no("its application is multi-tenant, and those stay with Azure DevOps' own issuer")
    if problem := _standing(connection) or _identity_problem(connection):
        return _no(problem)
    ends = f"Azure DevOps' own issuer ends on {DEVOPS_ISSUER_ENDS.isoformat()}"
    if _made_by_service(connection):
        return Verdict(possible=True, reason=ends)
    return _placing(connection, ends)


def reversion(connection: ExistingConnection, now: datetime) -> Verdict:
    """Whether its conversion can be taken back at a time."""
    if connection.scheme != FEDERATED:
        return _no("it is not federated")
    if not _made_by_service(connection):
        return _no(f"it was made by hand, and Azure DevOps has no secret of it to go back to; {_BY_HAND}")
    deadline = connection.revert_deadline
    if deadline is None:
        return _no(
            f"it was not converted, or more than {counted(REVERT_DAYS, 'day')} ago; for a secret, {_BY_HAND}"
        )
    if deadline <= now:
        return _no(f"its {counted(REVERT_DAYS, 'day')} ended on {_minute(deadline)}; {_BY_HAND}")
    return Verdict(possible=True, reason=f"until {_minute(deadline)}, {_left(deadline - now)} left")


def lacks_principal(connection: ExistingConnection) -> bool:
    """Whether an application that is there has no service principal, and that was looked at."""
    hidden = any("service principal could not be read" in each for each in connection.unseen)
    return connection.identity.state == "present" and not connection.identity.principal_id and not hidden


_BY_HAND: Final = (
    "make a new secret of its application in Entra ID and a new connection with it in Azure DevOps"
)


def _no(reason: str) -> Verdict:
    return Verdict(possible=False, reason=reason)


def _made_by_service(connection: ExistingConnection) -> bool:
    return connection.creation_mode.lower() == "automatic"


def _standing(connection: ExistingConnection) -> str:
    """What keeps the connection itself from being changed."""
    if connection.disabled:
        return "it is disabled; enable it first"
    if not connection.ready:
        return f"it is not ready: {connection.status}" if connection.status else "it is not ready"
    return ""


def _identity_problem(connection: ExistingConnection) -> str:
    identity = connection.identity
    if identity.state == "missing":
        return "its identity is gone from Entra ID"
    if identity.state == "deleted":
        return f"its application {identity.name} was deleted; restore it first"
    if identity.state == "disabled":
        return "its service principal is disabled; enable it first"
    if lacks_principal(connection):
        return "its application has no service principal"
    return ""


def _placing(connection: ExistingConnection, why: str) -> Verdict:
    """Whether the new federated credential can be placed before the connection changes."""
    identity = connection.identity
    hidden = identity.kind == "application" and not identity.object_id
    if identity.state == "notVisible" or hidden:
        return Verdict(
            possible=True,
            reason=f"{why}; the owner of its identity has to place the federated credential (a handoff)",
        )
    if len(identity.trusts) >= MOST_TRUSTS:
        return _no(
            f"its identity holds {len(identity.trusts)} federated credentials, and one more is not allowed; "
            "remove one first"
        )
    return Verdict(possible=True, reason=f"{why}; the federated credential is placed first")


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _left(time: timedelta) -> str:
    if time >= timedelta(days=1):
        return counted(time.days, "day")
    hours = int(time.total_seconds() // 3600)
    return counted(hours, "hour") if hours else "less than an hour"
