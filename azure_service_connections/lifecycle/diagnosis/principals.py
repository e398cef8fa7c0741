"""The identity itself: whether it is there, enabled, and of the kind that the issuer takes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from azure_service_connections.catalogue.issuers import Issuer
from azure_service_connections.catalogue.wording import counted, quoted
from azure_service_connections.lifecycle.diagnosis import az_command
from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED
from azure_service_connections.lifecycle.inventory.verdicts import lacks_principal

KEPT: Final = timedelta(days=30)
"""How long Entra ID keeps a deleted application (its page "Restore or remove a deleted application")."""

_MISSING: Final = "AADSTS700016"


def principal_findings(case: Case, deleted: datetime | None, now: datetime) -> Iterator[Finding]:
    """What is wrong with the identity. `deleted` is when its application was, where that is known."""
    identity = case.live.identity
    if not identity.client_id:
        return
    if identity.state == "missing":
        yield case.found(
            "identity-missing",
            f"the tenant {case.live.tenant_id} has no application or managed identity of the client id "
            f"{identity.client_id}",
            case.mended(
                "give the connection the client id of an identity that exists, or make a new connection"
            ),
            _MISSING,
        )
    elif identity.state == "deleted":
        yield case.found(
            "application-deleted",
            f"the application {quoted(identity.name)} was deleted{_left(deleted, now)}",
            az_command.restore(identity.object_id),
            _MISSING,
        )
    elif lacks_principal(case.live):
        yield case.found(
            "no-principal",
            f"the application {quoted(identity.name)} has no service principal in the tenant",
            case.mended(az_command.make_principal(identity.client_id)),
            "AADSTS7000229",
        )
    elif identity.state == "disabled":
        yield case.found(
            "principal-disabled",
            f"the service principal of {quoted(identity.name)} is disabled",
            az_command.enable_principal(identity.principal_id),
            "AADSTS7000112",
        )
    if (
        case.live.scheme == FEDERATED
        and identity.multi_tenant
        and case.live.issuer_kind == Issuer.ENTRA.value
        and identity.object_id
    ):
        yield case.found(
            "multi-tenant",
            f"the application {quoted(identity.name)} is multi-tenant, and the issuer is Entra's",
            case.mended(az_command.make_single_tenant(identity.client_id)),
            "AADSTS70052",
        )


def _left(deleted: datetime | None, now: datetime) -> str:
    if deleted is None:
        return " and can still be restored"
    left = deleted + KEPT - now
    days = "less than a day" if left < timedelta(days=1) else counted(left.days, "day")
    return f" on {deleted:%Y-%m-%d} and can be restored for {days} more"
