"""The proof that a connection works: Azure DevOps itself signs in with it."""

from dataclasses import dataclass
from typing import Final

from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.refusals import refusal
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked

_SIGNED_IN: Final = ("forbidden", "notFound")
"""What the service answers where the sign-in was good and a role or the scope is missing."""


@dataclass(frozen=True)
class SignInProof:
    """What became of a sign-in with a connection."""

    holds: bool
    note: str
    """Without its full stop: what the service could do, or what was refused and what to do."""


class Prover:
    """Lets Azure DevOps sign in with connections (`TestConnection`), as its own button Verify does."""

    def __init__(self, services: Services, patience: Patience) -> None:
        """`patience` says how long to wait for a new credential to be known in Entra ID."""
        self._services = services
        self._patience = patience

    def prove(self, connection: ExistingConnection, *, patient: bool = True) -> SignInProof:
        """Sign in, and again after a while where that is refused; once where not `patient`.

        The test reads the whole subscription or management group. An identity that may only see a part of it
        is refused the reading and has signed in all the same: that is what is proven.
        """
        status, message = "", ""
        for _ in self._patience.tries():
            status, message = self._try(connection)
            if status == "ok":
                return SignInProof(True, "signs in and reads its scope")
            if status in _SIGNED_IN and "AADSTS" not in message:
                return SignInProof(True, "signs in; the test may not read the scope as a whole")
            if not patient:
                break
        reason = refusal(status, message)
        return SignInProof(False, f"{reason.problem}; {reason.fix}")

    def _try(self, connection: ExistingConnection) -> tuple[str, str]:
        answer = self._services.devops(
            "POST",
            f"/{connection.project.id}/_apis/serviceendpoint/endpointproxy",
            organization=connection.organization,
            version=PREVIEW_VERSION,
            parameters={"endpointId": connection.id},
            body={"dataSourceDetails": {"dataSourceName": "TestConnection"}},
        )
        if answer.status >= 500:
            return "internalServerError", answer.message
        document = checked(answer, f"Signing in with the connection {connection.address}")
        if not isinstance(document, dict) or not document.get("statusCode"):
            raise ServiceError(
                f"Azure DevOps says nothing about a sign-in with {connection.address}; try it there by hand",
                answer.status,
            )
        return str(document["statusCode"]), str(document.get("errorMessage") or "")
