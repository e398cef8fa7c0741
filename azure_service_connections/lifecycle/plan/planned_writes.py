"""Says what a planned action will write where, for those who review it."""

from collections.abc import Iterator, Sequence

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.plan.plan_file import Action, Placing, Retirement
from azure_service_connections.lifecycle.plan.planned_reasons import named


def planned_writes(
    connection: ExistingConnection, action: Action, credential: Placing, retire: Sequence[Retirement]
) -> tuple[str, ...]:
    """What is written, a sentence each, in the order in which it happens."""
    return tuple(_writes(connection, action, credential, retire))


def _writes(
    connection: ExistingConnection, action: Action, credential: Placing, retire: Sequence[Retirement]
) -> Iterator[str]:
    where = "Azure" if connection.identity.kind == "managedIdentity" else "Entra ID"
    identity = named(connection)
    if credential == "place":
        yield f"In {where}, {identity} gets a federated credential for this connection."
    if credential == "handoff":
        yield f"In {where}, the owner of {identity} adds a federated credential on request."
    if action == "convert":
        yield "In Azure DevOps, the connection signs in by federation, and no more with its secret."
    elif action == "migrate-issuer":
        yield "In Azure DevOps, the connection's tokens come from Entra ID's issuer."
    elif action == "revert":
        yield "In Azure DevOps, the connection signs in with its secret again."
    if credential == "service":
        yield f"In {where}, Azure DevOps itself gives {identity} a federated credential."
    if "secrets" in retire:
        count = counted(len(connection.identity.secrets), "secret")
        lost = ", after which there is no way back" if action == "convert" else ""
        unless = " unless another connection needs them" if connection.identity.shared_by > 1 else ""
        yield f"In Entra ID, once that is proven, {identity} loses its {count}{unless}{lost}."
    if "old-credential" in retire:
        yield f"In {where}, once that is proven, {identity} loses its credential for the old issuer."
