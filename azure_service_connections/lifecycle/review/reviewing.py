"""Makes the review of a preview."""

import re
from collections import Counter
from typing import Final

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.review.checks import check_findings
from azure_service_connections.lifecycle.review.connection_changes import connection_findings
from azure_service_connections.lifecycle.review.credentials import credential_findings
from azure_service_connections.lifecycle.review.endpoint import FEDERATED, states_of
from azure_service_connections.lifecycle.review.finding import Action, Finding, Kind, Review, Reviewed, Risk
from azure_service_connections.lifecycle.review.grouping import Group, Grouping
from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.people import people_findings
from azure_service_connections.lifecycle.review.phrase import names
from azure_service_connections.lifecycle.review.pipeline_rights import pipeline_findings
from azure_service_connections.lifecycle.review.preview import (
    CHANGING,
    CREATE,
    DELETE,
    IMPORT,
    REPLACE,
    Preview,
)
from azure_service_connections.lifecycle.review.replacement import deletion_words, replacement_words
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.resource_kinds import is_counted, kind_of
from azure_service_connections.lifecycle.review.roles import automatic_findings, role_findings
from azure_service_connections.lifecycle.review.trusts import own_trusts, trust_findings
from azure_service_connections.lifecycle.review.values import Mark, masked, sensitive_texts, text_of

_PROTECTED = re.compile(
    r"unable to (?:replace|delete) resource.*marked for protection|cannot be deleted because it is protected",
    re.IGNORECASE,
)
_OUTCOME = re.compile(r"^(?:preview|update) failed$", re.IGNORECASE)
_FAILED: Final = "The preview failed, so there is nothing to review: {reason}."
_REFUSED: Final = "it would replace or delete what is protected"
_ACTIONS: Final = {
    CREATE: Action.NEW,
    IMPORT: Action.NEW,
    REPLACE: Action.REPLACED,
    DELETE: Action.DELETED,
}


def review_of(preview: Preview) -> Review:
    """What a preview changes; LifecycleError where the preview failed and so says nothing."""
    sensitive = _sensitive(preview)
    refused = _refusal(preview, sensitive)
    known = KnownNames(preview)
    reviewed = [
        each for group in Grouping(preview, known).groups() if (each := _reviewed(group, known)) is not None
    ]
    if refused and not reviewed:
        raise LifecycleError(_FAILED.format(reason=masked(preview.errors[0].rstrip("."), sensitive)))
    others = Counter(
        step.op
        for step in preview.steps
        if step.op in CHANGING and is_counted(step) and kind_of(step) == ResourceKind.OTHER
    )
    review = Review(preview.project, preview.stack, reviewed, dict(sorted(others.items())))
    review.refused = _REFUSED if refused else None
    review.is_plan = preview.is_plan
    review.sensitive = sensitive
    return review


def _sensitive(preview: Preview) -> frozenset[str]:
    """What is in clear in a preview and must not be shown, whatever it stands in."""
    states = [each for step in preview.steps for each in step.states()]
    values = (preview.config, *(part for each in states for part in (each.inputs, each.outputs)))
    return frozenset(text for value in values for text in sensitive_texts(value))


def _refusal(preview: Preview, sensitive: frozenset[str]) -> bool:
    """Whether the engine refuses to replace or delete what is protected.

    LifecycleError where the preview failed otherwise.
    """
    told = [each for each in preview.errors if not _OUTCOME.match(each)]
    if not preview.errors:
        return False
    other = [each for each in told if not _PROTECTED.search(each)]
    if other or not told:
        reason = masked((other or list(preview.errors))[0].rstrip("."), sensitive)
        raise LifecycleError(_FAILED.format(reason=reason))
    return True


def _reviewed(group: Group, known: KnownNames) -> Reviewed | None:
    step = group.endpoint
    action = _ACTIONS.get(step.op, Action.CHANGED) if step else _action_without_endpoint(group)
    made = Reviewed(group.name, group.is_connection, action)
    ends = action == Action.DELETED
    before, after = states_of(group)
    no_longer_federated = bool(after and after.sign_in not in (None, FEDERATED))
    findings = made.findings
    if ends and step is not None:
        findings.append(Finding(Kind.CONNECTION, Risk.HIGH, "is deleted"))
        made.replacement += deletion_words(group, known)
    findings += connection_findings(group, known)
    identity_changes = any(each.kind == Kind.IDENTITY for each in findings)
    findings += credential_findings(group, ends)
    findings += automatic_findings(group, known)
    findings += role_findings(group, known, identity_changes)
    findings += trust_findings(group, ends or no_longer_federated)
    findings += pipeline_findings(group, known) if not ends else ()
    findings += check_findings(group, known, ends)
    findings += people_findings(group, known, ends)
    made.replacement += replacement_words(group, known)
    made.not_known += _not_known(group)
    component = group.component
    projects = [
        *(each.project for each in (after, before) if each is not None),
        *((component.will("projectId"), component.was("projectId")) if component else ()),
    ]
    if project := next((each for each in map(text_of, projects) if each), None):
        made.project = known.project(project)
    if group.used_by:
        used = Finding(Kind.IDENTITY, Risk.NONE, "signs in for the connections ", names(group.used_by))
        findings += [used] if findings else ()
    return made if findings else None


def _action_without_endpoint(group: Group) -> Action:
    if group.component is not None and group.component.op in (CREATE, DELETE):
        return _ACTIONS[group.component.op]
    operations = {step.op for step in group.of(ResourceKind.IDENTITY) if step.op in CHANGING}
    if not group.is_connection and operations in ({CREATE}, {DELETE}):
        return _ACTIONS[operations.pop()]
    return Action.CHANGED


def _not_known(group: Group) -> list[str]:
    """What cannot be known before `up`, in people's words."""
    step, found = group.endpoint, []
    if step is not None and step.op in (CREATE, REPLACE):
        found.append("its id")
    _, after = states_of(group)
    if after is not None and after.client is Mark.UNKNOWN:
        found.append("the client id of its identity")
    for each in own_trusts(group):
        if each.op in (CREATE, REPLACE):
            found += [
                f"the {name} that its identity trusts"
                for name in ("issuer", "subject")
                if each.will(name) is Mark.UNKNOWN
            ]
    return list(dict.fromkeys(found))
