"""The way back from federation to the secret, within the days that Azure DevOps keeps it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.lifecycle.apply.endpoint import Endpoint, Endpoints, deadline_of
from azure_service_connections.lifecycle.apply.ends import RefusedError
from azure_service_connections.lifecycle.apply.proof import Prover
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import (
    FEDERATED,
    SECRET,
    ExistingConnection,
)
from azure_service_connections.lifecycle.inventory.verdicts import REVERT_DAYS

_HOURS_OF_A_DAY: Final = 24
BY_HAND: Final = (
    "make a new secret for its application in Entra ID and set it in the connection's page in Azure DevOps"
)


class Reversion:
    """Takes conversions back."""

    def __init__(self, endpoints: Endpoints, prover: Prover) -> None:
        """Through these a connection is changed and proven."""
        self._endpoints = endpoints
        self._prover = prover

    def revert(
        self,
        connection: ExistingConnection,
        begun: Callable[[], None],
        done: Callable[[], None],
        *,
        resumed: bool = False,
    ) -> tuple[str, bool]:
        """Give a connection its secret back; what was done, and whether something was.

        `begun` is called just before the change and `done` after it; `resumed` says that an earlier run may
        have made the change without proving it. Raises RefusedError with the reason and
        what to do by hand where there is no way back, and LifecycleError where the secret does not sign in:
        then the connection is federated again.
        """
        endpoint = self._endpoints.settled(connection)
        if endpoint.scheme == SECRET and not resumed:
            done()
            return "reverted already; it has its secret", False
        if endpoint.scheme not in (FEDERATED, SECRET):
            raise RefusedError(f"its scheme is {endpoint.scheme}, which was not converted")
        if endpoint.scheme == FEDERATED:
            self._check(connection, endpoint)
            begun()
            self._endpoints.set_scheme(connection, endpoint, SECRET)
        proof = self._prover.prove(connection, patient=False)
        if proof.holds:
            done()
            return f"reverted to its secret; {proof.note}", True
        federated = self._endpoints.set_scheme(connection, self._endpoints.settled(connection), FEDERATED)
        works = self._prover.prove(connection)
        raise LifecycleError(
            f"its secret does not sign in any more ({proof.note}), so it "
            + (
                "is federated as before"
                if works.holds and federated.scheme == FEDERATED
                else "works in neither way"
            )
            + f"; {BY_HAND}"
        )

    @staticmethod
    def _check(connection: ExistingConnection, endpoint: Endpoint) -> None:
        deadline = deadline_of(endpoint.revert_deadline)
        if deadline is None or deadline <= datetime.now(UTC):
            raise RefusedError(no_way_back(connection))
        if connection.identity.state == "present" and not connection.identity.secrets:
            raise RefusedError(f"the secrets of its application have been removed; {BY_HAND}")


def no_way_back(connection: ExistingConnection) -> str:
    """Why a federated connection cannot be reverted and what to do by hand, without its full stop."""
    verdict = connection.reversion
    if verdict.possible or not verdict.reason:
        return (
            f"the {REVERT_DAYS} days in which Azure DevOps keeps its secret are over, or it never had one; "
            f"{BY_HAND}"
        )
    return verdict.reason if "; " in verdict.reason else f"{verdict.reason}; {BY_HAND}"


def days_left(deadline: datetime, now: datetime | None = None) -> str:
    """How long a conversion can be taken back, in words such as `3 days`; `over` where it cannot."""
    seconds = (deadline - (now or datetime.now(UTC))).total_seconds()
    if seconds <= 0:
        return "over"
    hours = int(seconds // 3600)
    if hours >= _HOURS_OF_A_DAY:
        return counted(hours // _HOURS_OF_A_DAY, "day")
    return counted(hours, "hour") if hours else "less than an hour"
