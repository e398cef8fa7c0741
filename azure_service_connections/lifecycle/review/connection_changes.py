"""What happens to the connection itself."""

from collections.abc import Iterator
from typing import Final

from azure_service_connections.lifecycle.review.credentials import sign_in_risk
from azure_service_connections.lifecycle.review.endpoint import (
    AGENT,
    PROFILE,
    WORDS,
    EndpointState,
    identity_words,
    states_of,
)
from azure_service_connections.lifecycle.review.finding import Finding, Kind, Risk
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, names, phrase
from azure_service_connections.lifecycle.review.planned_changes import planned_findings
from azure_service_connections.lifecycle.review.preview import (
    CREATE,
    DELETE,
    IMPORT,
    REPLACE,
    UPDATE,
    Step,
)
from azure_service_connections.lifecycle.review.resource_kinds import (
    APPLICATIONS,
    MANAGED_IDENTITIES,
    plain_type,
)
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.values import Mark

_REASONS: Final = {
    "projectId": "its project",
    "serviceEndpointAuthenticationScheme": "the way to sign in",
    "authorizationScheme": "the way to sign in",
    "environment": "its cloud",
    "serverUrl": "its cloud",
    "type": "its type",
}
_SAID: Final = frozenset(
    {
        *_REASONS,
        *("serviceEndpointName", "name", "credentials", "authorizationParameters", "azurermSpnTenantid"),
        *("azurermSubscriptionId", "azurermSubscriptionName", "resourceGroup", "sharedProjectIds"),
        *("azurermManagementGroupId", "azurermManagementGroupName", "parameters"),
    }
)
"""Properties of which a change is a finding of its own."""


def connection_findings(group: Group, known: KnownNames) -> Iterator[Finding]:
    """What changes of a connection that stays, and what a new one is."""
    step = group.endpoint
    if step is None:
        return
    before, after = states_of(group)
    if step.op in (CREATE, IMPORT) and after is not None:
        yield _new(group, step, after, known)
        yield from _sharing([], after.shared_with, known)
    if step.op not in (UPDATE, REPLACE) or before is None or after is None:
        return
    if step.op == REPLACE:
        yield Finding(
            Kind.CONNECTION, Risk.HIGH, "is replaced by a new connection with a new id", _because(step)
        )
    if before.name and after.name and before.name != after.name:
        yield Finding(
            Kind.CONNECTION,
            Risk.MEDIUM,
            *("is renamed from ", (Name(before.name),), " to ", (Name(after.name),)),
            ": pipelines refer to it by name",
        )
    if before.project and after.project and before.project != after.project:
        yield Finding(
            Kind.CONNECTION,
            Risk.MEDIUM,
            *("moves from project ", known.project(before.project), " to ", known.project(after.project)),
        )
    if before.environment and after.environment and before.environment != after.environment:
        where = phrase((Name(after.environment),), " instead of ", (Name(before.environment),))
        yield Finding(Kind.SCOPE, Risk.MEDIUM, "works in the cloud ", where)
    if group.in_plan:
        yield from planned_findings(group, step, after, known)
    yield from _identity(group, step, before, after)
    yield from _scope(before, after, known)
    yield from _sharing(before.shared_with, after.shared_with, known)
    yield from _protection(step)
    yield from _others(step)


def _new(group: Group, step: Step, after: EndpointState, known: KnownNames) -> Finding:
    how: str | Phrase = (
        f"signs in {WORDS[after.sign_in]}" if after.sign_in else "signs in in a way that is not known yet"
    )
    if after.sign_in not in (AGENT, PROFILE):
        how = phrase(how, ", as ", identity_words(group, new=True))
    scope = after.scope
    where: Phrase = phrase(", for ", scope.words(known)) if scope else ()
    what = "is taken into the stack: it " if step.op == IMPORT else "is new: "
    return Finding(
        Kind.CONNECTION,
        sign_in_risk(after.sign_in),
        *(what, how, where),
    )


def _because(step: Step) -> Phrase:
    said = dict.fromkeys(_REASONS.get(each.split(".")[0].split("[")[0], each) for each in step.reasons)
    if not said:
        return ()
    ours = set(_REASONS.values())
    parts: list[str | Phrase] = [", because of "]
    for position, each in enumerate(said):
        parts += [" and " if position else "", each if each in ours else (Name(each),)]
    return phrase(*parts)


def _identity(group: Group, step: Step, before: EndpointState, after: EndpointState) -> Iterator[Finding]:
    if before.client is not None and before.client != after.client and after.client is not None:
        was, will = identity_words(group, new=False), identity_words(group, new=True)
        told = (
            phrase("signs in as ", will, " instead of ", was)
            if was != will
            else ("signs in as another identity",)
        )
        gone = any(
            each.op == DELETE and plain_type(each.type) in APPLICATIONS | MANAGED_IDENTITIES
            for each in group.of(ResourceKind.IDENTITY)
        )
        old = (
            "is deleted, with all that was given to it by hand"
            if gone
            else "stays, with all that was given to it by hand"
        )
        yield Finding(Kind.IDENTITY, Risk.MEDIUM, told, f"; the old one {old}")


def _scope(before: EndpointState, after: EndpointState, known: KnownNames) -> Iterator[Finding]:
    old, new = before.scope, after.scope
    if old is None or new is None or old.same(new):
        return
    words = phrase(new.words(known), " instead of ", old.words(known))
    if old.reaches_beyond(new):
        yield Finding(Kind.SCOPE, Risk.NONE, "its scope narrows: ", words)
    elif new.reaches_beyond(old):
        yield Finding(Kind.SCOPE, Risk.HIGH, "its scope widens: ", words)
    else:
        yield Finding(Kind.SCOPE, Risk.MEDIUM, "its scope is another one: ", words)


def _sharing(before: list[str], after: list[str], known: KnownNames) -> Iterator[Finding]:
    gained = [known.project(each) for each in after if each not in before]
    lost = [known.project(each) for each in before if each not in after]
    if gained:
        yield Finding(
            Kind.SHARING,
            Risk.MEDIUM,
            *("is shared with project ", _row(gained)),
            ", whose administrators decide there which pipelines may use it",
        )
    if lost:
        what = "is no longer shared with project "
        yield Finding(Kind.SHARING, Risk.LOW, what, _row(lost), ": its pipelines there fail")


def _row(named: list[Phrase]) -> Phrase:
    return names([Name("".join(each)) for each in named])


def _others(step: Step) -> Iterator[Finding]:
    names_of_others = sorted({each.split(".")[0].split("[")[0] for each in step.changed} - _SAID)
    if "description" in names_of_others:
        names_of_others.remove("description")
        yield Finding(Kind.CONNECTION, Risk.NONE, "its description changes")
    if names_of_others:
        yield Finding(Kind.CONNECTION, Risk.LOW, "other settings change: ", names(names_of_others))
    if "authorizationParameters" in step.changed and any(
        state.inputs.get("authorizationParameters") is Mark.SECRET for state in step.states()
    ):
        yield Finding(
            Kind.CREDENTIAL, Risk.MEDIUM, "what it signs in with changes, and a preview hides whose it is"
        )


def _protection(step: Step) -> Iterator[Finding]:
    before, after = (state.protect if state else None for state in (step.old, step.new))
    if before is None or after is None or before == after:
        return
    if after:
        yield Finding(
            Kind.CONNECTION, Risk.NONE, "is protected: a preview that would replace or delete it fails"
        )
    else:
        yield Finding(
            Kind.CONNECTION,
            Risk.MEDIUM,
            "is no longer protected: a later change may replace or delete it",
        )
