"""What runs have to pass before they may use a connection."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from azure_service_connections.catalogue.access_rules import DAYS
from azure_service_connections.lifecycle.review.finding import Finding, Kind, Risk
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, names, phrase
from azure_service_connections.lifecycle.review.preview import CREATE, DELETE, IMPORT, REPLACE, Step
from azure_service_connections.lifecycle.review.resource_kinds import CHECKS
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.values import Mark

_APPROVAL: Final = "approval"
_BRANCHES: Final = "branch control"
_OF_COMPONENT: Final = {
    "approvals": _APPROVAL,
    "branches": _BRANCHES,
    "businessHours": "business hours",
    "exclusiveLock": "exclusive lock",
    "requiredTemplates": "required template",
}
_ANY_BRANCH: Final = frozenset({"*", "refs/*", "refs/heads/*"})


def check_findings(group: Group, known: KnownNames, endpoint_ends: bool) -> Iterator[Finding]:
    """Which checks are added, removed and changed; those that end with their connection are not said."""
    if not endpoint_ends:
        yield from _removed_with_a_replacement(group)
    for step in group.of(ResourceKind.CHECK):
        kind = CHECKS[step.type]
        if step.op in (CREATE, IMPORT):
            yield _added(step, kind, group, known)
        elif step.op == DELETE:
            if not endpoint_ends:
                told = phrase(f"the check '{kind}' is removed", _detail(step, kind, new=False))
                yield Finding(Kind.CHECKS, Risk.HIGH, told, "; runs pass without it")
        elif group.in_plan:
            if step.changed:
                yield _planned(step, kind)
        elif step.old is not None:
            yield from _CHANGES.get(kind, _other_changes)(step, kind)


def _removed_with_a_replacement(group: Group) -> Iterator[Finding]:
    """What a component asked for and asks for no more, of which a preview of a replacement has no step."""
    component = group.component
    if component is None or component.old is None or component.new is None:
        return
    if group.endpoint is None or group.endpoint.op != REPLACE:
        return
    said = {CHECKS[step.type] for step in group.of(ResourceKind.CHECK)}
    before, after = (_asked(state.inputs.get("checks")) for state in (component.old, component.new))
    for kind in sorted(before - after):
        if kind not in said:
            yield Finding(Kind.CHECKS, Risk.HIGH, f"the check '{kind}' is removed; runs pass without it")


def _asked(checks: Any) -> set[str]:
    given = checks if isinstance(checks, Mapping) else {}
    return {kind for name, kind in _OF_COMPONENT.items() if given.get(name)}


def _added(step: Step, kind: str, group: Group, known: KnownNames) -> Finding:
    who: Phrase = ()
    if kind == _APPROVAL:
        key = step.place.name.rpartition("/")[2]
        asked = known.approvers(group.name, key)
        if len(asked) == len(_listed(step.will("approvers"))):
            who = phrase(": ", names([Name(each) for each in asked]))
    risk = Risk.NONE
    weak: Phrase = ()
    if kind == _BRANCHES and (problem := _weakness(step)):
        risk, weak = Risk.MEDIUM, phrase(", but ", problem)
    return Finding(
        Kind.CHECKS, risk, phrase(f"the check '{kind}' is added", _detail(step, kind, new=True), who, weak)
    )


def _detail(step: Step, kind: str, new: bool) -> Phrase:
    get = step.will if new else step.was
    if kind == _APPROVAL and (asked := _listed(get("approvers"))):
        return (f" ({_needed(get('minimumRequiredApprovers'), len(asked))} of {len(asked)} have to agree)",)
    if kind == _BRANCHES and (branches := _branches(get("allowedBranches"))):
        return phrase(" (", names([Name(each) for each in sorted(branches)]), ")")
    return ()


def _weakness(step: Step) -> str:
    if _branches(step.will("allowedBranches")) & _ANY_BRANCH:
        return "it lets every branch through"
    return "" if step.will("verifyBranchProtection") else "it lets branches through that no policy protects"


def _planned(step: Step, kind: str) -> Finding:
    """What a check asks for from now on: a plan does not say what it asked for."""
    weak = _weakness(step) if kind == _BRANCHES else ""
    if kind == _APPROVAL and step.will("requesterCanApprove") is True:
        weak = "whoever starts a run may approve it"
    said = phrase(f"the check '{kind}' asks for something else from now on", _detail(step, kind, new=True))
    return Finding(Kind.CHECKS, Risk.HIGH if weak else Risk.MEDIUM, said, f", and {weak}" if weak else "")


def _approval_changes(step: Step, kind: str) -> Iterator[Finding]:
    before, after = _listed(step.was("approvers")), _listed(step.will("approvers"))
    needed = [
        _needed(get("minimumRequiredApprovers"), len(asked))
        for get, asked in ((step.was, before), (step.will, after))
    ]
    if before and needed[0] != needed[1]:
        fewer = needed[1] < needed[0]
        yield Finding(
            Kind.CHECKS,
            Risk.MEDIUM if fewer else Risk.NONE,
            f"the check 'approval' asks for {needed[1]} of {len(after)} people instead of {needed[0]} of "
            f"{len(before)}",
        )
    if step.will("requesterCanApprove") is True and step.was("requesterCanApprove") is not True:
        yield Finding(Kind.CHECKS, Risk.HIGH, "whoever starts a run may approve it")
    if step.was("requesterCanApprove") is True and step.will("requesterCanApprove") is False:
        yield Finding(Kind.CHECKS, Risk.NONE, "whoever starts a run may no longer approve it")
    if before and set(map(str, before)) != set(map(str, after)):
        added, gone = (
            set(map(str, after)) - set(map(str, before)),
            set(map(str, before)) - set(map(str, after)),
        )
        yield Finding(
            Kind.CHECKS,
            Risk.MEDIUM if added else Risk.LOW,
            f"the check 'approval' asks other people: {len(added)} more, {len(gone)} no longer",
        )


def _branch_changes(step: Step, kind: str) -> Iterator[Finding]:
    before, after = _branches(step.was("allowedBranches")), _branches(step.will("allowedBranches"))
    if more := sorted(after - before):
        every = bool(set(more) & _ANY_BRANCH)
        yield Finding(
            Kind.CHECKS,
            Risk.HIGH if every else Risk.MEDIUM,
            phrase(
                "runs of more branches pass: " if not every else "runs of every branch pass: ",
                names([Name(each) for each in more]),
            ),
        )
    if less := sorted(before - after):
        what = phrase("runs of fewer branches pass: no longer ", names([Name(each) for each in less]))
        yield Finding(Kind.CHECKS, Risk.NONE, what)
    if step.was("verifyBranchProtection") is True and not step.will("verifyBranchProtection"):
        yield Finding(Kind.CHECKS, Risk.HIGH, "branches pass that no policy protects")
    if step.was("verifyBranchProtection") is False and step.will("verifyBranchProtection") is True:
        yield Finding(Kind.CHECKS, Risk.NONE, "only branches pass that a policy protects")
    if step.will("ignoreUnknownProtectionStatus") is True and not step.was("ignoreUnknownProtectionStatus"):
        yield Finding(Kind.CHECKS, Risk.MEDIUM, "branches pass of which the protection is not known")


def _hours_changes(step: Step, kind: str) -> Iterator[Finding]:
    before, after = _hours(step.was), _hours(step.will)
    if before != after:
        what = phrase("business hours become ", Name(after), " instead of ", Name(before))
        yield Finding(Kind.CHECKS, Risk.LOW, what)


def _other_changes(step: Step, kind: str) -> Iterator[Finding]:
    given: Mapping[str, Any] = step.new.inputs if step.new else {}
    named = ("targetResourceId", "projectId")
    changed = [
        name
        for name, value in given.items()
        if name not in named and value is not Mark.UNKNOWN and step.was(name) != value
    ]
    if changed:
        risk = Risk.MEDIUM if kind == "required template" else Risk.LOW
        yield Finding(
            Kind.CHECKS, risk, f"the check '{kind}' asks for something else: ", names(sorted(changed))
        )


_CHANGES: Final = {
    _APPROVAL: _approval_changes,
    _BRANCHES: _branch_changes,
    "business hours": _hours_changes,
}


def _hours(get: Any) -> str:
    days = [day.capitalize()[:3] for day in DAYS if get(day) is True]
    return f"{get('startTime')}-{get('endTime')} {get('timeZone')} {' '.join(days)}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _needed(minimum: Any, asked: int) -> int:
    """How many have to agree: all, where it is not said."""
    return int(minimum) if isinstance(minimum, int | float) and minimum else asked


def _branches(value: Any) -> set[str]:
    return {each.strip() for each in value.split(",") if each.strip()} if isinstance(value, str) else set()
