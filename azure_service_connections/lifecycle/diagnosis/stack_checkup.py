"""Everything that is known of a stack's connections: proven by runs, compared, and looked at for drift."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from azure_service_connections.lifecycle.azure_access import AzureAccess
from azure_service_connections.lifecycle.diagnosis.attempt import BLOCKED, Attempt
from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.diagnosing import Diagnosis, diagnose, gone
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.secrets import SOON
from azure_service_connections.lifecycle.diagnosis.stack_state import StackState
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.workers import Tell
from azure_service_connections.lifecycle.organizations import organization_addresses
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.stack_output import Connection
from azure_service_connections.lifecycle.verification import TRIED, Proof, Verification

ProofTold = Callable[[Proof, int, int], None]

_CODE: Final = re.compile(r"(?P<code>AADSTS\d+|[A-Z]\w+): (?P<what>.*)", re.DOTALL)


@dataclass(frozen=True)
class Checkup:
    """What is known of one connection of a stack."""

    connection: Connection
    proof: Proof
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, Any]:
        """The row of the JSON report."""
        return {**self.proof.document(), "findings": [each.as_json() for each in self.findings]}


@dataclass
class Checkups:
    """What is known of a stack's connections, in their order, and what could not be read."""

    rows: list[Checkup]
    unseen: tuple[str, ...] = ()
    cases: list[Case] = field(default_factory=list)
    """Those of them that are there."""


def check_stack(
    services: Services,
    connections: Sequence[Connection],
    now: datetime,
    *,
    soon: timedelta = SOON,
    state: StackState | None = None,
    proven: ProofTold | None = None,
    tell: Tell | None = None,
) -> Checkups:
    """Prove connections by runs where a job can be taken (on the sandbox), and diagnose them.

    Elsewhere Azure DevOps signs in with each. `proven` is told of each proof, how many there are and of how
    many; `tell` what is read. With the `state` of the stack, drift is found, too.
    """
    proofs: dict[str, Proof] | None = None
    if services.environment.get("SANDBOX_URL"):
        proofs = {each.key: each for each in Verification(services).prove_all(connections, proven)}
    cases = read_cases(services, connections, tell)
    found, unseen = diagnose(services, cases, now, soon=soon, attempts=proofs is None, state=state, tell=tell)
    diagnoses = {each.case.name: each for each in found}
    rows = [
        _checkup(services, each, diagnoses.get(each.key), (proofs or {}).get(each.key))
        for each in connections
    ]
    return Checkups(rows, unseen, cases)


def read_cases(services: Services, connections: Sequence[Connection], tell: Tell | None = None) -> list[Case]:
    """The connections of a stack as the services hold them; those that are gone are left out."""
    by_organization: dict[str, list[Connection]] = {}
    for each in connections:
        given = [each.organization] if each.organization else []
        (address,) = organization_addresses(given, services.environment)
        by_organization.setdefault(address, []).append(each)
    live: dict[str, ExistingConnection] = {}
    for address, own in by_organization.items():
        found = read_estate(
            services,
            [address],
            projects=sorted({each.project_id for each in own}),
            ids=[each.connection_id for each in own],
            tell=tell,
        )
        live |= {each.id: each for each in found}
    return [
        Case(live[each.connection_id.lower()], each)
        for each in connections
        if each.connection_id.lower() in live
    ]


def _checkup(
    services: Services, connection: Connection, diagnosis: Diagnosis | None, proof: Proof | None
) -> Checkup:
    if diagnosis is None:
        proof = proof or _unproven(services, connection, Attempt())
        return Checkup(connection, proof, (gone(connection.key, connection.name),))
    if proof is None:
        proof = _unproven(services, connection, diagnosis.attempt)
        proof.ok = not any(each.stops for each in diagnosis.findings)
        return Checkup(connection, proof, diagnosis.findings)
    found = diagnosis.findings
    if proof.problem and not any(each.stops for each in found):
        found = (*found, _of_proof(diagnosis.case, proof))
    return Checkup(connection, proof, found)


def _unproven(services: Services, connection: Connection, attempt: Attempt) -> Proof:
    """The row of a connection that no run was started for."""
    proof = Proof(connection.key, connection.name, connection.identity, connection.scope)
    proof.place = AzureAccess(services).names(connection.scope)
    if attempt.status:
        proof.token = TRIED if attempt.signs_in else "refused"
        proof.read = "done" if attempt.status == "ok" else proof.read
    return proof


def _of_proof(case: Case, proof: Proof) -> Finding:
    parts = _CODE.fullmatch(proof.problem)
    code, what = (parts["code"], parts["what"]) if parts else ("", proof.problem)
    kind = "federation-blocked" if code in BLOCKED else "use-refused"
    return case.found(kind, what, proof.fix, code)
