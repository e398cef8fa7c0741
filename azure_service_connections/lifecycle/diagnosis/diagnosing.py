"""Puts the diagnosis of connections together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azure_service_connections.lifecycle.diagnosis.attempt import Attempt, refused
from azure_service_connections.lifecycle.diagnosis.case import BY_STACK, Case
from azure_service_connections.lifecycle.diagnosis.circumstances import CircumstanceReader, Circumstances
from azure_service_connections.lifecycle.diagnosis.drift import drift_findings
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.places import place_findings
from azure_service_connections.lifecycle.diagnosis.principals import principal_findings
from azure_service_connections.lifecycle.diagnosis.roles import Access, role_findings
from azure_service_connections.lifecycle.diagnosis.secrets import SOON, secret_findings
from azure_service_connections.lifecycle.diagnosis.stack_state import StackState
from azure_service_connections.lifecycle.diagnosis.standing import standing_findings
from azure_service_connections.lifecycle.diagnosis.trusts import trust_findings
from azure_service_connections.lifecycle.inventory.workers import Tell, Workers
from azure_service_connections.lifecycle.services import Services

_UNREAD = Access(None)


@dataclass(frozen=True)
class Diagnosis:
    """What was found out about one connection."""

    case: Case
    attempt: Attempt
    """The sign-in by Azure DevOps; its status is empty where none was tried."""
    findings: tuple[Finding, ...]


def diagnose(
    services: Services,
    cases: Sequence[Case],
    now: datetime,
    *,
    soon: timedelta = SOON,
    attempts: bool = True,
    state: StackState | None = None,
    tell: Tell | None = None,
) -> tuple[list[Diagnosis], tuple[str, ...]]:
    """A diagnosis of each case in their order, and what could not be read, a sentence each.

    With `attempts` Azure DevOps signs in with each connection; what its refusal says is a finding where
    nothing else explains it. `soon` is how long before its end a secret is told of. With the `state` of a
    stack, what it does not say is found, too.
    """
    with Workers(tell) as workers:
        around = CircumstanceReader(services, workers, cases).read(attempts)
    told = [_diagnosis(each, around, now, soon) for each in cases]
    if state is not None:
        told = [replace(each, findings=(*each.findings, *drift_findings(each.case, state))) for each in told]
    return told, around.unseen


def gone(cases_name: str, what: str) -> Finding:
    """The finding about a connection of a stack that is not there."""
    return Finding(
        connection=cases_name,
        kind="connection-gone",
        what=f"the connection {what} is not there",
        code="ServiceEndpointNotFoundException",
        fix=BY_STACK,
    )


def _diagnosis(case: Case, around: Circumstances, now: datetime, soon: timedelta) -> Diagnosis:
    attempt = around.attempts.get(case.live.id, Attempt())
    found = list(_findings(case, around, now, soon))
    if not any(each.stops for each in found) and (refusal := refused(case, attempt)):
        found.append(refusal)
    return Diagnosis(case, attempt, tuple(found))


def _findings(case: Case, around: Circumstances, now: datetime, soon: timedelta) -> Iterator[Finding]:
    live = case.live
    yield from standing_findings(case)
    yield from place_findings(case, around.tenants, around.homes)
    yield from principal_findings(case, around.deleted.get(live.identity.object_id), now)
    yield from trust_findings(case)
    yield from secret_findings(case, now, soon)
    yield from role_findings(case, around.access.get(live.id, _UNREAD))
