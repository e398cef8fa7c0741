"""What the tokens of a connection will say once it is converted: the one place that works this out.

Azure DevOps tells issuer and subject of a connection only after its conversion. A credential that is to be in
place before then needs them earlier, so they are predicted here and compared with the answer afterwards;
until both are equal, the old trust stays. Nothing else of the project puts a subject together.

Source: the subjects in Azure DevOps' pages "Set up an app registration with workload identity federation" and
"Troubleshoot workload identity service connections", and public samples of both forms.
"""

import base64
import uuid
from dataclasses import dataclass
from typing import Final

from azure_service_connections.catalogue.clouds import CLOUDS, PUBLIC
from azure_service_connections.catalogue.issuers import Issuer
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.organizations import organization_name

_DEVOPS_APPLICATION: Final = "rISbSSETf0KqFyZ8ppdXmA"
"""Azure DevOps' own application, 499b84ac-1321-427f-aa17-267ca6975798, as a subject writes it."""


@dataclass(frozen=True)
class FederatedTrust:
    """What a federated credential has to hold, letter by letter."""

    issuer: str
    subject: str
    audience: str


def predicted_trust(connection: ExistingConnection) -> FederatedTrust:
    """Issuer, subject and audience of a connection's tokens after its conversion or migration.

    National clouds, Azure Stack and multi-tenant applications stay with Azure DevOps' own issuer. Raises
    LifecycleError where an id that the subject holds is unknown.
    """
    return trust_of(connection, issuer_after(connection))


def trust_of(connection: ExistingConnection, issuer: Issuer) -> FederatedTrust:
    """Issuer, subject and audience of a connection's tokens where this one issues them."""
    values = _of_entra(connection) if issuer is Issuer.ENTRA else _of_azure_devops(connection)
    return FederatedTrust(*values, audience_of(connection.cloud))


def audience_of(cloud: str) -> str:
    """What the tokens of a connection to a cloud are made out to; the public cloud's where it is unknown."""
    return CLOUDS.get(cloud, PUBLIC).audience


def issuer_after(connection: ExistingConnection) -> Issuer:
    """Who will issue the connection's tokens after its conversion, as far as can be told."""
    public = connection.cloud == PUBLIC.environment and not connection.identity.multi_tenant
    return Issuer.ENTRA if public else Issuer.DEVOPS


def _of_entra(connection: ExistingConnection) -> tuple[str, str]:
    tenant = _guid(connection, "tenant", connection.tenant_id)
    organization = _guid(connection, "organization", connection.organization_id)
    identifier = _guid(connection, "connection", connection.id)
    return (
        f"https://{PUBLIC.login}/{tenant}/v2.0",
        f"/eid1/c/pub/t/{_short(tenant)}/a/{_DEVOPS_APPLICATION}/sc/{organization}/{identifier}",
    )


def _of_azure_devops(connection: ExistingConnection) -> tuple[str, str]:
    organization = _guid(connection, "organization", connection.organization_id)
    return f"https://vstoken.dev.azure.com/{organization}", subject_by_name(connection)


def subject_by_name(connection: ExistingConnection) -> str:
    """The subject by name: Azure DevOps' own issuer writes it, and the move to Entra's asks for it."""
    project = connection.project
    name = project.connection_name or connection.name
    return f"sc://{organization_name(connection.organization)}/{project.name}/{name}"


def _short(identifier: str) -> str:
    """A GUID's 16 bytes in .NET's order, as base64url without padding."""
    return base64.urlsafe_b64encode(uuid.UUID(identifier).bytes_le).rstrip(b"=").decode()


def _guid(connection: ExistingConnection, kind: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise LifecycleError(
            f"{connection.address}: the id of its {kind} is unknown, so the subject of its tokens cannot be "
            "told in advance; run the inventory with a token that may read it."
        ) from None
