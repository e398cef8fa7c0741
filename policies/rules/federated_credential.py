"""Rules of the federated credentials: whom an identity trusts."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from azure_service_connections.catalogue.clouds import CLOUDS
from azure_service_connections.catalogue.issuers import DEVOPS_ISSUER_ENDS, Issuer, issuer_kind
from policies.connection import FEDERATED, PUBLIC_CLOUD, Connection
from policies.estate import Estate
from policies.resource import UNKNOWN, Resource, is_known
from policies.resource_types import (
    FLEXIBLE_TRUST,
    IDENTITIES,
    TRUSTS,
    TRUSTS_BY_SUBJECT,
)
from policies.rule import (
    ALWAYS,
    STRICT_ONLY,
    TEXTS,
    Finding,
    ResourceRule,
    Setting,
    Settings,
    Severity,
    StackRule,
)

_DAY = {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"}
_AUDIENCES = [cloud.audience for cloud in CLOUDS.values()]
_PATTERNS = re.compile(r"claims\['sub'\]\s+(?P<how>\w+)\s+'(?P<value>[^']*)'")


def _foreign_trust(estate: Estate, _: Settings) -> Iterator[Finding]:
    for trust in estate.of_type(*TRUSTS_BY_SUBJECT):
        holder = estate.holders.get(trust.urn)
        if holder is None:
            continue
        trusted = estate.trusted_by(trust)
        if trusted:
            strangers = [each for each in trusted if _signs_in_as_another(estate, each, holder)]
            if strangers:
                yield Finding(trust, f"trusts the connection '{strangers[0].name}' of another identity")
            elif problem := _differing(trust, trusted):
                yield Finding(trust, problem)
        elif problem := _made_up(estate, trust, holder):
            yield Finding(trust, problem)


def _signs_in_as_another(estate: Estate, connection: Connection, holder: Resource) -> bool:
    identity = estate.identities.get(connection.resource.urn)
    if identity is not None:
        return identity is not holder
    client_id, own = connection.client_id, holder.text("clientId")
    return is_known(client_id) and is_known(own) and client_id.lower() != own.lower()


def _differing(trust: Resource, trusted: list[Connection]) -> str | None:
    """What of a credential is not letter by letter what its connection sends."""
    for key in ("issuer", "subject"):
        sent = {getattr(each, key) for each in trusted}
        said = trust.text(key)
        if is_known(said) and all(is_known(each) for each in sent) and said not in sent:
            return f"says another {key} than its connection sends"
    return None


def _made_up(estate: Estate, trust: Resource, holder: Resource) -> str | None:
    """What is wrong with a credential that trusts no connection of this stack."""
    issuer, subject = trust.text("issuer"), trust.text("subject")
    if not is_known(issuer) or not is_known(subject) or not _is_of_azure_devops(issuer, subject):
        return None
    own = estate.connections_of.get(holder.urn, [])
    # A connection that exists may send this subject, and its outputs are not known while it changes.
    if any(is_known(each.id) and each.subject is UNKNOWN for each in own):
        return None
    return f"trusts '{subject}', which no connection of this stack sends"


def _is_of_azure_devops(issuer: str, subject: str) -> bool:
    kind = issuer_kind(issuer)
    return kind is Issuer.DEVOPS or (kind is Issuer.ENTRA and "/sc/" in subject)


def _credential_count(estate: Estate, _: Settings) -> Iterator[Finding]:
    counted: dict[str, int] = {}
    for trust in estate.of_type(*TRUSTS_BY_SUBJECT):
        for connection in estate.trusted_by(trust):
            counted[connection.resource.urn] = counted.get(connection.resource.urn, 0) + 1
    for connection in estate.connections:
        identity = estate.identities.get(connection.resource.urn)
        if connection.scheme != FEDERATED or identity is None or identity.type not in IDENTITIES:
            continue
        count = counted.get(connection.resource.urn, 0)
        if count > 1:
            yield Finding(connection.resource, f"is trusted by {count} federated credentials")
        elif count == 0 and not _may_be_trusted(estate, identity):
            yield Finding(connection.resource, f"is trusted by no federated credential of {identity.label}")


def _may_be_trusted(estate: Estate, identity: Resource) -> bool:
    """Whether an identity has a credential of which nobody knows yet whom it trusts."""
    return any(
        trust.type == FLEXIBLE_TRUST or (trust.text("subject") is UNKNOWN and not estate.trusted_by(trust))
        for trust in estate.trusts_of.get(identity.urn, ())
    )


def _audience(resource: Resource, settings: Settings) -> Iterator[str]:
    allowed = settings.texts("audiences")
    single = resource.type == FLEXIBLE_TRUST
    audiences = [resource.text("audience")] if single else resource.items("audiences")
    if audiences is UNKNOWN or UNKNOWN in audiences:
        return
    if len(audiences) != 1 or audiences[0] not in allowed:
        said = ", ".join(f"'{each}'" for each in audiences if each) or "nothing"
        yield f"takes tokens that are made out to {said}"


def _wildcard(resource: Resource, settings: Settings) -> Iterator[str]:
    expression = resource.text("claimsMatchingExpression")
    if not is_known(expression):
        return
    fixed = settings.number("fixedParts")
    subjects = list(_PATTERNS.finditer(expression))
    if not subjects:
        yield "does not compare the claim sub"
    for subject in subjects:
        before = re.split(r"[*?]", subject["value"], maxsplit=1)
        parts = [part for part in re.split(r"[/:]+", before[0])[:-1] if part]
        # The first part says of which kind the subject is, such as sc or repo.
        if subject["how"].lower() == "matches" and len(before) > 1 and len(parts) - 1 < fixed:
            yield f"trusts whatever '{subject['value']}' matches"


def _other_trust(estate: Estate, settings: Settings) -> Iterator[Finding]:
    allowed = settings.texts("issuers")
    for trust in estate.of_type(*TRUSTS):
        holder = estate.holders.get(trust.urn)
        issuer = trust.text("issuer")
        if holder is None or holder.urn not in estate.connections_of or not is_known(issuer):
            continue
        ours = estate.trusted_by(trust) or _is_of_azure_devops(issuer, str(trust.text("subject")))
        if not ours and not any(fnmatchcase(issuer, pattern) for pattern in allowed):
            yield Finding(trust, f"lets '{issuer}' sign in as the identity of a connection")


def _old_issuer(estate: Estate, settings: Settings) -> Iterator[Finding]:
    if settings.today < settings.day("since"):
        return
    left = (DEVOPS_ISSUER_ENDS - settings.today).days
    ends = (
        f"which ends on {DEVOPS_ISSUER_ENDS}, in {left} days"
        if left > 0
        else f"which ended on {DEVOPS_ISSUER_ENDS}"
    )
    trusted_elsewhere = set()
    for connection in estate.connections:
        if connection.environment != PUBLIC_CLOUD:
            trusted_elsewhere.add(connection.resource.urn)
            continue
        issuer = connection.issuer
        if is_known(issuer) and issuer_kind(issuer) is Issuer.DEVOPS:
            yield Finding(connection.resource, f"signs in with the issuer of Azure DevOps, {ends}")
    for trust in estate.of_type(*TRUSTS_BY_SUBJECT):
        issuer = trust.text("issuer")
        elsewhere = any(each.resource.urn in trusted_elsewhere for each in estate.trusted_by(trust))
        if is_known(issuer) and issuer_kind(issuer) is Issuer.DEVOPS and not elsewhere:
            yield Finding(trust, f"trusts the issuer of Azure DevOps, {ends}")


def _full(estate: Estate, settings: Settings) -> Iterator[Finding]:
    limit = settings.number("maximum")
    for identity in estate.of_type(*IDENTITIES):
        count = len(estate.trusts_of.get(identity.urn, ()))
        if count > limit:
            yield Finding(identity, f"has {count} federated credentials, more than {limit}")


RULES = (
    StackRule(
        name="federated-credential-trusts-its-own-connection",
        holds="A federated credential trusts a connection that signs in as the identity that holds it.",
        because="A subject that is written by hand trusts a connection of somebody else, or none.",
        fix="take issuer and subject from the outputs of the identity's own connection",
        severity=Severity.CRITICAL,
        levels=ALWAYS,
        controls=("CICD-SEC-2", "CICD-SEC-6"),
        judge=_foreign_trust,
    ),
    StackRule(
        name="connection-has-one-credential",
        holds="A federated connection whose identity is in the stack has exactly one federated credential.",
        because="Without one it cannot sign in, and a second one stays behind when the first is removed.",
        fix="give its identity exactly one, made from the connection's issuer and subject",
        severity=Severity.MEDIUM,
        levels=STRICT_ONLY,
        controls=("CICD-SEC-6",),
        judge=_credential_count,
    ),
    ResourceRule(
        name="federated-credential-audience-is-exact",
        holds="A federated credential has one audience, that of its cloud's token exchange.",
        because="Another audience takes tokens that were made for something else.",
        fix=f"set the audience to {_AUDIENCES[0]}, or that of its cloud",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("CICD-SEC-6", "CICD-SEC-7"),
        settings=(Setting("audiences", "Audiences that credentials may have.", TEXTS, _AUDIENCES),),
        types=TRUSTS,
        judge=_audience,
    ),
    ResourceRule(
        name="flexible-credential-is-not-a-wildcard",
        holds="An expression of a flexible credential names more of the subject than the organization.",
        because="Whoever can make a project or a repository in the organization could sign in.",
        fix="name project and connection, or owner and repository, before the first wildcard",
        severity=Severity.CRITICAL,
        levels=ALWAYS,
        controls=("CICD-SEC-2", "CICD-SEC-4"),
        settings=(
            Setting(
                "fixedParts",
                "Parts of a subject before the first wildcard, such as two for repo:OWNER/REPOSITORY:*.",
                {"type": "integer", "minimum": 1},
                2,
            ),
        ),
        types=(FLEXIBLE_TRUST,),
        judge=_wildcard,
    ),
    StackRule(
        name="identity-trusts-only-connections",
        holds="The identity of a connection trusts Azure DevOps and the allowed issuers.",
        because="Each further issuer is another place from which all of the connection's rights can be used.",
        fix="give that issuer an identity of its own, or add it to the setting issuers",
        severity=Severity.HIGH,
        levels=STRICT_ONLY,
        controls=("2571b7c3-3056-4a61-b00a-9bc5232234f5", "CICD-SEC-2"),
        settings=(Setting("issuers", "Further issuers, with * for any letters.", TEXTS, []),),
        judge=_other_trust,
    ),
    StackRule(
        name="connection-uses-the-entra-issuer",
        holds="A connection to the public cloud signs in with Entra ID's issuer.",
        because=(
            f"Azure DevOps issues no assertions itself from {DEVOPS_ISSUER_ENDS}, and pipelines then cannot "
            "sign in."
        ),
        fix="migrate it with the connections command, and take its new issuer and subject",
        severity=Severity.MEDIUM,
        levels=ALWAYS,
        controls=("CICD-SEC-7",),
        settings=(
            Setting("since", "The day from which this is asked for.", _DAY, "2027-01-01", "2026-07-01"),
        ),
        judge=_old_issuer,
    ),
    StackRule(
        name="identity-has-room-for-credentials",
        holds="An identity has no more federated credentials than Entra ID takes.",
        because="The one too many fails in the middle of an update.",
        fix="spread the connections over several identities",
        severity=Severity.LOW,
        levels=ALWAYS,
        settings=(
            Setting("maximum", "Federated credentials an identity.", {"type": "integer", "minimum": 1}, 20),
        ),
        judge=_full,
    ),
)
"""The rules of this module."""
