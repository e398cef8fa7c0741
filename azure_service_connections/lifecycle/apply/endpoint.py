"""A connection as Azure DevOps keeps it: read, and given another authentication scheme.

Source: the script of Azure DevOps' page "Convert service connections": the whole object is sent back with
another scheme and without its `revertSchemeDeadline`, and an empty answer is a failure.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from azure_service_connections.catalogue.issuers import Issuer, issuer_kind
from azure_service_connections.lifecycle.apply.ends import RefusedError
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError
from azure_service_connections.lifecycle.http_client import Answer
from azure_service_connections.lifecycle.inventory.endpoint_facts import time_of
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.services import Services

_DEADLINE: Final = "revertSchemeDeadline"
_NOT_FOR_ME: Final = (203, 302, 401, 429)
"""Answers after which nothing can be told about the connection."""


@dataclass(frozen=True)
class Endpoint:
    """What Azure DevOps answers of a connection."""

    document: Mapping[str, Any]

    @property
    def scheme(self) -> str:
        """Its authentication scheme."""
        return str(self.document["authorization"]["scheme"])

    @property
    def issuer(self) -> str:
        """The issuer of its tokens; empty where it has none."""
        return self._parameter("workloadIdentityFederationIssuer")

    @property
    def subject(self) -> str:
        """The subject of its tokens; empty where it has none."""
        return self._parameter("workloadIdentityFederationSubject")

    @property
    def client_id(self) -> str:
        """The client id that it signs in as."""
        return self._parameter("serviceprincipalid")

    @property
    def from_entra(self) -> bool:
        """Whether Entra issues its tokens."""
        return issuer_kind(self.issuer) is Issuer.ENTRA

    @property
    def revert_deadline(self) -> str:
        """Until when it can be reverted, as the service writes it; empty where it cannot be."""
        return str((self.document.get("data") or {}).get(_DEADLINE) or "")

    @property
    def ready(self) -> bool:
        """Whether the service has ended what it does by itself."""
        return self.document.get("isReady") is not False and self._state.get("state") != "InProgress"

    @property
    def trouble(self) -> str:
        """What the service says of one whose work failed; empty where it did not."""
        if self._state.get("state") != "Failed":
            return ""
        return " ".join(str(self._state.get("statusMessage") or "no reason is given").split()).rstrip(".")

    @property
    def _state(self) -> Mapping[str, Any]:
        state = self.document.get("operationStatus")
        return state if isinstance(state, dict) else {}

    def _parameter(self, name: str) -> str:
        parameters = self.document["authorization"].get("parameters") or {}
        return next(
            (str(value or "") for key, value in parameters.items() if key.lower() == name.lower()), ""
        )


class Endpoints:
    """Reads and changes the connections of the organizations."""

    def __init__(self, services: Services, patience: Patience) -> None:
        """`patience` says how long to wait for a connection that is not ready."""
        self._services = services
        self._patience = patience

    def read(self, connection: ExistingConnection) -> Endpoint:
        """The connection now; RefusedError where it is not there any more."""
        answer = self._services.devops(
            "GET",
            f"/{connection.project.id}/_apis/serviceendpoint/endpoints/{connection.id}",
            organization=connection.organization,
        )
        if answer.status == 404 or (answer.status == 200 and answer.document is None):
            raise RefusedError("it is not there any more, or the operator may not see it; write a new plan")
        if not answer.successful or not isinstance(answer.document, dict):
            raise _refusal("reading it", answer)
        return Endpoint(answer.document)

    def settled(self, connection: ExistingConnection) -> Endpoint:
        """The connection when the service has ended what it does with it."""
        for _ in self._patience.tries():
            endpoint = self.read(connection)
            if endpoint.ready or endpoint.trouble:
                break
        return endpoint

    def set_scheme(self, connection: ExistingConnection, endpoint: Endpoint, scheme: str) -> Endpoint:
        """Give the connection another scheme and wait until the service is done with that.

        What counts is what the connection is afterwards: an answer may be lost after the service has done the
        work. Raises LifecycleError with the service's words where the connection has not got the scheme.
        """
        body = copy.deepcopy(dict(endpoint.document))
        body["authorization"] = {**body["authorization"], "scheme": scheme}
        body["data"] = {key: value for key, value in (body.get("data") or {}).items() if key != _DEADLINE}
        answer = self._services.devops(
            "PUT",
            f"/_apis/serviceendpoint/endpoints/{connection.id}",
            organization=connection.organization,
            parameters={"operation": "ConvertAuthenticationScheme"},
            body=body,
        )
        if answer.status in _NOT_FOR_ME:
            raise _refusal("converting it", answer)
        after = self.settled(connection)
        if after.scheme == scheme and not after.trouble:
            return after
        if after.trouble:
            raise LifecycleError(f"Azure DevOps says of it: {after.trouble}")
        if answer.successful:
            raise LifecycleError(
                "Azure DevOps answered nothing and has not changed it; look at the connection in Azure "
                "DevOps and run the command again"
            )
        raise _refusal("converting it", answer)


def deadline_of(text: str) -> datetime | None:
    """A deadline as a time, or None where the text is none."""
    return time_of(text)


def _refusal(doing: str, answer: Answer) -> ServiceError:
    words = answer.message.rstrip(".") or "no reason is given"
    return ServiceError(
        f"{doing} was refused with {answer.code or f'HTTP {answer.status}'}: {words}",
        answer.status,
        answer.code,
    )
