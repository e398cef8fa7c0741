"""The move of a federated connection from Azure DevOps' own issuer to Entra's.

Source: `az devops service-endpoint convert --azdo-subject` of the Azure CLI's extension for Azure DevOps,
which asks below the organization's address. The call takes tokens of Entra ID only, and answers before the
work is done.
"""

from typing import Final

from azure_service_connections.lifecycle.apply.endpoint import Endpoint, Endpoints
from azure_service_connections.lifecycle.apply.ends import StoppedError
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.cloud_addresses import DEVOPS_RESOURCE
from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError, SettingError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.subject_prediction import subject_by_name

_VERSION: Final = "7.2-preview.1"
_PATH: Final = "/_apis/public/serviceendpoint/externalfederatedcredentialmigration"


class IssuerMigration:
    """Asks for the move, and waits until it is done."""

    def __init__(self, services: Services, endpoints: Endpoints, patience: Patience) -> None:
        """`patience` says how long to wait for the service."""
        self._services = services
        self._endpoints = endpoints
        self._patience = patience

    def migrate(self, connection: ExistingConnection) -> Endpoint:
        """Move the connection to Entra's issuer; the connection as it is then.

        Raises StoppedError without a token of Entra ID, and LifecycleError where the service refuses.
        """
        answer = self._services.http.send(
            "POST",
            f"{connection.organization}{_PATH}",
            headers={"Authorization": self._token(), "X-TFS-FedAuthRedirect": "Suppress"},
            parameters={"api-version": _VERSION},
            body={"serviceConnectionInput": subject_by_name(connection)},
            service=connection.organization,
        )
        document = answer.document if isinstance(answer.document, dict) else {}
        accepted = answer.successful and document.get("success") is not False
        if not accepted and answer.status < 500:
            words = str(document.get("message") or answer.message or "no reason is given").rstrip(".")
            raise ServiceError(
                f"Azure DevOps refused to move it to Entra's issuer (HTTP {answer.status}: {words})",
                answer.status if not answer.successful else 400,
            )
        for _ in self._patience.tries():
            endpoint = self._endpoints.settled(connection)
            if endpoint.trouble:
                raise LifecycleError(f"Azure DevOps says of it: {endpoint.trouble}")
            if endpoint.from_entra:
                return endpoint
        raise LifecycleError(
            f"Azure DevOps has not moved it to Entra's issuer {self._patience}, and it works as before; run "
            "the command again in some minutes"
        )

    def _token(self) -> str:
        try:
            return self._services.credentials.bearer(DEVOPS_RESOURCE)
        except SettingError as error:
            raise StoppedError(
                "The move to Entra's issuer takes no personal access token; set ARM_CLIENT_ID, "
                "ARM_TENANT_ID and ARM_CLIENT_SECRET of an operator in the organization, or run `az login`, "
                "and run the command again."
            ) from error
