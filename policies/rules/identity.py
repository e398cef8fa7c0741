"""Rules of the applications and managed identities that connections sign in as."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from policies.connection import FEDERATED, Connection
from policies.estate import Estate
from policies.resource import UNKNOWN, Resource, is_known
from policies.resource_types import APPLICATION, APPLICATIONS, PASSWORDS, STANDING_CREDENTIALS
from policies.rule import (
    ALWAYS,
    STRICT_ADDS,
    STRICT_ONLY,
    Finding,
    ResourceRule,
    Setting,
    Settings,
    Severity,
    StackRule,
)

_HOURS = re.compile(r"(\d+)h")
"""The hours of a duration such as 4320h30m."""
_CENTURY = 100 * 365 * 24
_WHOLE = {"type": "integer", "minimum": 1}
_SINGLE_TENANT = "AzureADMyOrg"
_TWO_YEARS = timedelta(days=730)
"""How long a password lasts whose end is not said. Source: the azuread provider's documentation."""


def _applications(estate: Estate, *types: str) -> Iterator[Resource]:
    """The applications that a connection of the stack signs in as."""
    return (each for each in estate.of_type(*types) if each.urn in estate.connections_of)


def _multi_tenant(estate: Estate, _: Settings) -> Iterator[Finding]:
    for application in _applications(estate, *APPLICATIONS):
        audience = application.text("signInAudience")
        if is_known(audience) and audience != _SINGLE_TENANT:
            yield Finding(application, f"can be signed in to from other tenants ({audience})")


def _leftover_secret(estate: Estate, _: Settings) -> Iterator[Finding]:
    federated = {
        urn
        for urn, connections in estate.connections_of.items()
        if all(each.scheme == FEDERATED for each in connections)
    }
    for credential in estate.of_type(*STANDING_CREDENTIALS):
        application = estate.application_of(credential)
        if application is not None and application.urn in federated:
            yield Finding(credential, f"gives {application.label} a secret that its connection does not need")
    for application in estate.of_type(APPLICATION):
        if application.urn in federated and application.get("password") not in (None, UNKNOWN):
            yield Finding(application, "has a secret that its connection does not need")


def _lasting_secret(resource: Resource, settings: Settings) -> Iterator[str]:
    limit = settings.number("maximumDays")
    end = _end(resource, settings.today)
    if end is None:
        return
    days = (end - settings.today).days
    if days > limit:
        yield f"lasts {days} more days, more than {limit}"


def _end(resource: Resource, today: date) -> date | None:
    """The day on which a password ends, or None where that is not known."""
    end, relative = resource.text("endDate"), resource.text("endDateRelative")
    if end is UNKNOWN or relative is UNKNOWN:
        return None
    if end:
        try:
            return datetime.fromisoformat(end).date()
        except ValueError:
            return None
    if not relative:
        return today + _TWO_YEARS
    hours = _HOURS.match(relative)
    # More than a century is as much too long as a century is.
    return today + timedelta(hours=min(int(hours[1]), _CENTURY) if hours else 0)


def _few_owners(estate: Estate, settings: Settings) -> Iterator[Finding]:
    needed = settings.number("minimum")
    for application in _applications(estate, APPLICATION):
        owners = application.items("owners")
        if owners is not UNKNOWN and len(owners) < needed:
            had = {0: "no owner", 1: "one owner"}.get(len(owners), f"{len(owners)} owners")
            yield Finding(application, f"has {had}, fewer than {needed}")


def _no_service(estate: Estate, _: Settings) -> Iterator[Finding]:
    for application in _applications(estate, *APPLICATIONS):
        if application.text("serviceManagementReference") == "":
            yield Finding(application, "has no service management reference")


def _shared_identity(estate: Estate, _: Settings) -> Iterator[Finding]:
    by_identity: defaultdict[str, list[Connection]] = defaultdict(list)
    for connection in estate.connections:
        identity = estate.identities.get(connection.resource.urn)
        client_id = connection.client_id
        if identity is not None:
            by_identity[identity.urn].append(connection)
        elif is_known(client_id):
            by_identity[client_id.lower()].append(connection)
    for connections in by_identity.values():
        for connection in connections if len(connections) > 1 else ():
            others = sorted(str(each.name) for each in connections if each is not connection)
            yield Finding(connection.resource, f"signs in as the same identity as {', '.join(others)}")


RULES = (
    StackRule(
        name="application-is-single-tenant",
        holds="The application of a connection belongs to one tenant.",
        because="A multi-tenant application can be given rights in tenants that nobody here watches.",
        fix=f"set signInAudience to {_SINGLE_TENANT}",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("CICD-SEC-2", "CICD-SEC-7"),
        judge=_multi_tenant,
    ),
    StackRule(
        name="federated-application-has-no-secret",
        holds="The application of a federated connection has no password and no certificate.",
        because="A secret beside a federated credential is a second way in that nobody needs.",
        fix="remove it",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=(
            "ADO_ServiceConnection_AuthN_Use_Secure_Auth_Method",
            "entra_app_registration_client_secret_unused",
            "CICD-SEC-6",
        ),
        judge=_leftover_secret,
    ),
    ResourceRule(
        name="secret-ends-soon",
        holds="A password of an application ends within a time that is set.",
        because="A secret that lasts for years is in use long after it was copied.",
        fix="set an earlier endDate, and rotate it (or sign in by workload identity federation)",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_AuthN_Use_Secure_Auth_Method", "CICD-SEC-6"),
        settings=(Setting("maximumDays", "Days from today to the end of a password.", _WHOLE, 180, 90),),
        types=PASSWORDS,
        judge=_lasting_secret,
    ),
    StackRule(
        name="application-has-owners",
        holds="The application of a connection has owners.",
        because="Somebody has to know what it is for when the one who made it has left.",
        fix="name people as owners (of a ServiceConnection: `appRegistration.owners`)",
        severity=Severity.LOW,
        levels=STRICT_ONLY,
        controls=("CICD-SEC-2",),
        settings=(Setting("minimum", "Owners an application.", _WHOLE, 1, 2),),
        judge=_few_owners,
    ),
    StackRule(
        name="application-names-its-service",
        holds="The application of a connection names its service in the organization's service catalogue.",
        because="An application that belongs to no service is kept for ever, as nobody dares to delete it.",
        fix="set serviceManagementReference",
        severity=Severity.LOW,
        levels=STRICT_ADDS,
        controls=("CICD-SEC-2",),
        judge=_no_service,
    ),
    StackRule(
        name="identity-serves-one-connection",
        holds="An identity signs in for one connection.",
        because="Two connections of one identity have each other's rights, whoever may use them.",
        fix="give each connection an identity of its own",
        severity=Severity.MEDIUM,
        levels=STRICT_ONLY,
        controls=("CICD-SEC-2", "CICD-SEC-5"),
        judge=_shared_identity,
    ),
)
"""The rules of this module."""
