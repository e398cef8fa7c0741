"""Who may see, use and administer a connection."""

from collections.abc import Iterator
from typing import Any, Final

from azure_service_connections.lifecycle.review.finding import Finding, Kind, Risk
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, names, phrase, short
from azure_service_connections.lifecycle.review.preview import CREATE, DELETE, IMPORT, Step
from azure_service_connections.lifecycle.review.resource_kinds import CONNECTION_PERMISSIONS
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.values import text_of

_RISKS: Final = {
    "administrator": Risk.MEDIUM,
    "creator": Risk.MEDIUM,
    "user": Risk.LOW,
    "reader": Risk.NONE,
}
_MEANINGS: Final = {
    "administrator": " and may open it to every pipeline",
    "user": " and may use it in pipelines of their own",
}


def people_findings(group: Group, known: KnownNames, endpoint_ends: bool) -> Iterator[Finding]:
    """Which people and groups gain and lose roles on the connection."""
    for step in group.of(ResourceKind.PERSON):
        if step.type == CONNECTION_PERMISSIONS:
            yield from _permissions(step, endpoint_ends)
            continue
        who = _who(step, group, known)
        before, after = text_of(step.was("roleName")), text_of(step.will("roleName"))
        if step.op in (CREATE, IMPORT):
            yield Finding(Kind.PEOPLE, _risk(after), who, " becomes ", *_role(after))
        elif step.op == DELETE:
            if not endpoint_ends:
                what = phrase(" is no longer ", (Name(before),)) if before else (" loses a role on it",)
                yield Finding(Kind.PEOPLE, Risk.NONE, who, what)
        elif before != after and after:
            instead = phrase(" instead of ", (Name(before),)) if before else ()
            role, meaning = _role(after)
            yield Finding(Kind.PEOPLE, _risk(after), who, " becomes ", role, instead, meaning)
        elif step.was("identityId") != step.will("identityId") and step.was("identityId") is not None:
            yield Finding(Kind.PEOPLE, _risk(after), "somebody else becomes ", *_role(after), ": ", who)


def _who(step: Step, group: Group, known: KnownNames) -> Phrase:
    own, _, key = step.place.name.rpartition("/")
    if own and (named := known.person(group.name, key)):
        return (Name(named),)
    identity = text_of(step.will("identityId")) or text_of(step.was("identityId"))
    label = (Name(key or step.place.name),)
    return phrase(label, " (", Name(short(identity)), ")") if identity else phrase(label)


def _role(role: str | None) -> tuple[Phrase, Phrase]:
    """A role and what it means."""
    if role is None:
        return phrase("something that is not known before ", Name("up")), ()
    return (Name(role),), (_MEANINGS.get(role.lower(), ""),)


def _risk(role: str | None) -> Risk:
    return _RISKS.get((role or "").lower(), Risk.MEDIUM)


def _permissions(step: Step, endpoint_ends: bool) -> Iterator[Finding]:
    before, after = _allowed(step.was("permissions")), _allowed(step.will("permissions"))
    who = phrase("the group of ", (Name(step.place.name),))
    if gained := sorted(after - before):
        risk = Risk.MEDIUM if set(gained) & {"Administer", "Create"} else Risk.LOW
        yield Finding(Kind.PEOPLE, risk, who, " gains the permissions ", names(gained))
    if (lost := sorted(before - after)) and not endpoint_ends:
        yield Finding(Kind.PEOPLE, Risk.NONE, who, " loses the permissions ", names(lost))


def _allowed(permissions: Any) -> set[str]:
    given = permissions if isinstance(permissions, dict) else {}
    return {name for name, value in given.items() if str(value).lower() == "allow"}
