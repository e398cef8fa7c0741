"""Whom an identity trusts: its own connection, and anybody else."""

from collections.abc import Iterator
from typing import Final

from azure_service_connections.lifecycle.review.finding import Finding, Kind, Risk
from azure_service_connections.lifecycle.review.grouping import Group, dependent_on_endpoint
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, phrase, short
from azure_service_connections.lifecycle.review.preview import CREATE, DELETE, IMPORT, REPLACE, Step
from azure_service_connections.lifecycle.review.resource_kinds import FEDERATED_CREDENTIAL
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.values import Mark, text_of

_FROM_CONNECTION: Final = ("issuer", "subject")
_OF_A_CONNECTION: Final = ("sc://", "/eid1/")
"""How the subjects of service connections start, with either issuer."""


def own_trusts(group: Group) -> list[Step]:
    """The credentials that trust the connection of the group."""
    return [step for step in group.of(ResourceKind.TRUST) if _is_own(step, group)]


def trust_findings(group: Group, ends: bool) -> Iterator[Finding]:
    """Who else gains and loses the right to sign in as the identity.

    `ends` says that the connection or its way to sign in ends, and its own credential with it.
    """
    own = own_trusts(group)
    for step in group.of(ResourceKind.TRUST):
        if step in own:
            continue
        if step.op in (CREATE, IMPORT):
            yield _gained(step, "its identity trusts ")
        elif step.op == DELETE:
            yield Finding(Kind.TRUST, Risk.NONE, "its identity no longer trusts ", _whom(step, new=False))
        elif _differs(step):
            yield _gained(step, "its identity trusts somebody else: ")
    removed = [step for step in own if step.op == DELETE]
    if removed and not ends and not any(step.op in (CREATE, IMPORT, REPLACE) for step in own):
        yield Finding(
            Kind.TRUST, Risk.HIGH, "its own federated credential is removed: pipelines can no longer sign in"
        )
    for step in own:
        before, after = text_of(step.was("issuer")), text_of(step.will("issuer"))
        if before and after and before != after:
            yield Finding(
                Kind.CREDENTIAL,
                Risk.LOW,
                "its credential trusts the issuer ",
                *((Name(short(after)),), " instead of ", (Name(short(before)),)),
            )


def _gained(step: Step, what: str) -> Finding:
    return Finding(
        Kind.TRUST,
        Risk.HIGH,
        what,
        _whom(step, new=True),
        ", who can sign in and do all that its roles allow",
    )


def _whom(step: Step, new: bool) -> Phrase:
    get = step.will if new else step.was
    issuer, subject = get("issuer"), get("subject")
    expression = text_of(get("claimsMatchingExpression"))
    if text_of(issuer) is None and text_of(subject) is None:
        if Mark.UNKNOWN in (issuer, subject):
            return phrase("an issuer and a subject that are not known before ", Name("up"))
        return phrase("that of the credential ", Name(step.place.name))
    known = text_of(subject)
    if known and known.startswith(_OF_A_CONNECTION):
        return phrase("another service connection, ", Name(short(known)))
    whom = phrase(Name(known)) if known else phrase("whatever matches ", Name(expression or "an expression"))
    return phrase(whom, " of ", Name(short(text_of(issuer) or "an issuer that is not known yet")))


def _is_own(step: Step, group: Group) -> bool:
    if any(dependent_on_endpoint(state, _FROM_CONNECTION) for state in step.states()):
        return True
    # A component names the connection's own credential like the connection, and others by their keys.
    if FEDERATED_CREDENTIAL in step.place.types and group.component is not None:
        return step.place.name == group.component.place.name
    if FEDERATED_CREDENTIAL in step.place.types and group.is_connection:
        return step.place.name == group.name
    if group.endpoint is None:
        return False
    subject = text_of(step.will("subject")) or text_of(step.was("subject"))
    return subject is not None and subject == group.endpoint.was("workloadIdentityFederationSubject")


def _differs(step: Step) -> bool:
    names = ("issuer", "subject", "claimsMatchingExpression", "audiences", "audience")
    return step.old is not None and any(
        (before := step.was(name)) != (after := step.will(name)) and None not in (before, after)
        for name in names
    )
