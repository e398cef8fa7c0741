"""A sign-in with a connection by Azure DevOps itself, and what its refusal means."""

import re
from dataclasses import dataclass
from typing import Final

from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED, SECRET
from azure_service_connections.lifecycle.refusals import refusal
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked

_TRIED: Final = (FEDERATED, SECRET)
_SIGNED_IN: Final = ("ok", "forbidden", "notFound")
_CODES: Final = re.compile(r"AADSTS\d+|\b[A-Z]\w+(?:Tenant|Failed|Token|NotFound)\b")
BLOCKED: Final = ("AADSTS700223", "AADSTS700238")
"""Codes of sign-ins that a policy of the tenant refuses. No document says how to read such a policy."""
_UNAVAILABLE: Final = 500


@dataclass(frozen=True)
class Attempt:
    """What became of a sign-in."""

    status: str = ""
    """The service's own word, as `ok` or `unauthorized`; empty where it was not tried."""
    message: str = ""

    @property
    def signs_in(self) -> bool:
        """Whether it signed in. The test may read more than the connection is for, and be refused that."""
        return self.status == "ok" or (self.status in _SIGNED_IN and "AADSTS" not in self.message)

    @property
    def code(self) -> str:
        """The code of the refusal."""
        found = _CODES.search(self.message)
        return found[0] if found else self.status


def tried(scheme: str) -> bool:
    """Whether the service can try a connection of a scheme: one that holds its own credential can be."""
    return scheme in _TRIED


def try_connection(
    services: Services, organization: str | None, project_id: str, connection_id: str, name: str
) -> Attempt:
    """Let Azure DevOps sign in with a connection and read its scope, as its button Verify does."""
    answer = services.devops(
        "POST",
        f"/{project_id}/_apis/serviceendpoint/endpointproxy",
        organization=organization,
        version=PREVIEW_VERSION,
        parameters={"endpointId": connection_id},
        body={"dataSourceDetails": {"dataSourceName": "TestConnection"}},
    )
    if answer.status >= _UNAVAILABLE:
        return Attempt("internalServerError", answer.message)
    document = checked(answer, f"Trying the connection '{name}'")
    if not isinstance(document, dict) or not document.get("statusCode"):
        raise ServiceError(
            f"Azure DevOps says nothing about a sign-in with '{name}'; try it there by hand.", answer.status
        )
    return Attempt(str(document["statusCode"]), str(document.get("errorMessage") or ""))


def refused(case: Case, attempt: Attempt) -> Finding | None:
    """The finding that a refused sign-in is, or None."""
    if not attempt.status or attempt.signs_in:
        return None
    reason = refusal(attempt.status, attempt.message)
    code = attempt.code
    what = reason.problem.removeprefix(f"{code}: ")
    if code in BLOCKED:
        return case.found("federation-blocked", what, reason.fix, code)
    if code == "InvalidAuthenticationTokenTenant":
        return case.found("wrong-tenant", what, reason.fix, code)
    return case.found("sign-in-refused", f"Azure DevOps cannot sign in with it: {what}", reason.fix, code)
