"""What a connection and its identity sign in with: secrets that are made, rotated and removed."""

from collections.abc import Iterator, Mapping
from typing import Final

from azure_service_connections.lifecycle.review.endpoint import (
    CERTIFICATE,
    FEDERATED,
    PROFILE,
    SECRET,
    WORDS,
    EndpointState,
    states_of,
)
from azure_service_connections.lifecycle.review.finding import Finding, Kind, Risk
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.preview import CREATE, DELETE, IMPORT, REPLACE, Step
from azure_service_connections.lifecycle.review.resource_kinds import PASSWORDS
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.values import text_of

_RISKS: Final = {SECRET: Risk.HIGH, CERTIFICATE: Risk.MEDIUM, PROFILE: Risk.HIGH}
_DATE_LENGTH: Final = len("2027-01-31")


def sign_in_risk(sign_in: str | None) -> Risk:
    """How much a way to sign in should worry."""
    return _RISKS.get(sign_in or "", Risk.NONE)


def credential_findings(group: Group, ends: bool) -> Iterator[Finding]:
    """How the way to sign in changes, and which secrets come and go; `ends` says that the connection ends."""
    before, after = states_of(group)
    if before and after and before.sign_in and after.sign_in and before.sign_in != after.sign_in:
        yield Finding(
            Kind.CREDENTIAL,
            sign_in_risk(after.sign_in),
            f"signs in {WORDS[after.sign_in]} instead of {WORDS[before.sign_in]}",
        )
    yield from _secrets(group, before, after, ends)


def _secrets(
    group: Group, before: EndpointState | None, after: EndpointState | None, ends: bool
) -> Iterator[Finding]:
    steps = group.of(ResourceKind.SECRET)
    made = [step for step in steps if step.op in (CREATE, IMPORT, REPLACE)]
    removed = [step for step in steps if step.op in (DELETE, REPLACE)]
    new_connection = after is not None and before is None
    for step in made:
        if new_connection and after and after.sign_in in (SECRET, CERTIFICATE):
            # What the new connection signs in with is said with the connection.
            continue
        kind = _kind(step)
        if _signs_in_with_secret(group, before):
            yield Finding(
                Kind.CREDENTIAL, Risk.LOW, f"its {kind} is rotated: the next one{_end(step, new=True)}"
            )
        else:
            risk = Risk.HIGH if step.type in PASSWORDS else Risk.MEDIUM
            yield Finding(
                Kind.CREDENTIAL,
                risk,
                f"its identity gets a {kind}{_end(step, new=True)}, which anybody "
                "who has it can sign in with",
            )
    for step in removed if not ends else ():
        if step.op == DELETE:
            yield Finding(Kind.CREDENTIAL, Risk.NONE, f"a {_kind(step)} of its identity is removed")
    if not made and not removed and _stored_secret_changes(group):
        yield Finding(Kind.CREDENTIAL, Risk.LOW, "the secret that it signs in with is another one")


def _kind(step: Step) -> str:
    return "client secret" if step.type in PASSWORDS else "certificate"


def _end(step: Step, new: bool) -> str:
    end = text_of(step.will("endDate") if new else step.was("endDate"))
    return f" ends on {end[:_DATE_LENGTH]}" if end else ""


def _signs_in_with_secret(group: Group, before: EndpointState | None) -> bool:
    if before is not None:
        return before.sign_in in (SECRET, CERTIFICATE)
    component = group.component
    return (
        component is not None and component.old is not None and bool(component.old.inputs.get("credential"))
    )


def _stored_secret_changes(group: Group) -> bool:
    step = group.endpoint
    if step is None or step.old is None or step.new is None:
        return False
    old, new = (EndpointState(state, None) for state in (step.old, step.new))
    if old.sign_in == FEDERATED or new.sign_in == FEDERATED or old.client != new.client:
        return False
    before, after = (state.inputs.get("credentials") for state in (step.old, step.new))
    # Both are marks here; that they are said to differ is all that a preview tells.
    return isinstance(before, Mapping) and isinstance(after, Mapping) and "credentials" in step.changed
