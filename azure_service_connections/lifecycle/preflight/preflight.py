"""Which rights the caller lacks for a stack, and what the stack refers to that is not there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from azure_service_connections.catalogue.identifiers import managed_identity_id
from azure_service_connections.configuration.connection_parts import kind_of_credential
from azure_service_connections.configuration.models import Connection
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.verdicts import MOST_TRUSTS
from azure_service_connections.lifecycle.inventory.workers import Tell, Workers
from azure_service_connections.lifecycle.organizations import organization_addresses
from azure_service_connections.lifecycle.preflight.azure_needs import AzureNeeds
from azure_service_connections.lifecycle.preflight.caller import Caller
from azure_service_connections.lifecycle.preflight.devops_needs import DevOpsNeeds
from azure_service_connections.lifecycle.preflight.entra_needs import EntraNeeds
from azure_service_connections.lifecycle.services import Services


@dataclass(frozen=True)
class Preflight:
    """What is known of a stack before it is up."""

    caller: str
    rows: Mapping[str, tuple[Finding, ...]]
    """Findings by the connection's key."""
    unseen: tuple[str, ...]
    """What could not be told, a sentence each."""


def look_ahead(
    services: Services, connections: Mapping[str, Connection], tell: Tell | None = None
) -> Preflight:
    """Compare what a stack's connections need with what the caller may do and with what there is."""
    caller = Caller(services)
    unseen: list[str] = []
    azure = AzureNeeds(services, caller, unseen.append)
    entra = EntraNeeds(services, caller, unseen.append)
    devops = DevOpsNeeds(services, caller)
    with Workers(tell) as workers:
        jobs = [
            partial(_of, key, connection, services, azure, entra, devops)
            for key, connection in connections.items()
        ]
        looked = workers.all("connections", jobs)
    rows = {key: list(found) for key, (found, _) in zip(connections, looked, strict=True)}
    new = {key: is_new for key, (_, is_new) in zip(connections, looked, strict=True)}
    for key, finding in _room(connections, new, azure, entra):
        rows[key].append(finding)
    return Preflight(
        caller.name, {key: tuple(found) for key, found in rows.items()}, tuple(dict.fromkeys(unseen))
    )


def _of(
    key: str,
    connection: Connection,
    services: Services,
    azure: AzureNeeds,
    entra: EntraNeeds,
    devops: DevOpsNeeds,
) -> tuple[list[Finding], bool]:
    """The findings about a connection, and whether it is still to be made."""
    given = [connection.organization] if connection.organization else []
    (organization,) = organization_addresses(given, services.environment)
    told, is_new = devops.findings(key, connection, organization)
    return [*told, *entra.findings(key, connection), *azure.findings(key, connection)], is_new


def _room(
    connections: Mapping[str, Connection], new: Mapping[str, bool], azure: AzureNeeds, entra: EntraNeeds
) -> Sequence[tuple[str, Finding]]:
    """Identities that exist and would get more federated credentials than they may hold."""
    wanted: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    for key, connection in connections.items():
        identity = _existing(connection)
        if identity is None or kind_of_credential(connection) != "federated":
            continue
        first.setdefault(identity, key)
        wanted[identity] += (1 if new[key] else 0) + (len(connection.trusts) if new[key] else 0)
    found = []
    for (kind, identifier), more in wanted.items():
        try:
            held = azure.trusts(identifier) if kind == "managedIdentity" else entra.trusts(identifier)
        except LifecycleError:
            continue
        if held + more > MOST_TRUSTS:
            key = first[kind, identifier]
            finding = Finding(
                connection=key,
                kind="no-room",
                what=f"the identity {identifier} holds {held} of {MOST_TRUSTS} federated credentials, and "
                f"the stack would add {more}",
                fix="spread the connections over more identities, or remove credentials that nobody uses "
                "(`connections orphans`)",
            )
            found.append((key, finding))
    return found


def _existing(connection: Connection) -> tuple[str, str] | None:
    identity = connection.managed_identity
    if identity is not None and identity.resource_id is not None:
        parts = managed_identity_id(identity.resource_id)
        return ("managedIdentity", str(parts)) if parts else None
    if connection.service_principal is not None:
        return "servicePrincipal", connection.service_principal.client_id.lower()
    return None
