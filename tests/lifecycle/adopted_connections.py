"""Connections that exist, for tests of their adoption: complete, and changed as a test says."""

from typing import Any

from planned_connections import CONTOSO, NO, guid

from azure_service_connections.lifecycle.adopt.application_facts import ApplicationFacts
from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.selection import IMPORT, Selection, Surroundings, select
from azure_service_connections.lifecycle.inventory.existing_connection import (
    FEDERATED,
    ExistingConnection,
    Project,
)
from azure_service_connections.lifecycle.inventory.identity import HeldRole, Identity, Trust

SUBSCRIPTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{SCOPE}/resourceGroups/rg-shop"
TENANT = guid("tenant")
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
NAMES = {READER: "Reader", CONTRIBUTOR: "Contributor"}
MANAGED = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-shop"
WEB = Project(id=guid("Web"), name="Web", connection_name="shop")


def trust(connection: str, **more: Any) -> Trust:
    """A federated credential that trusts the connection of this name."""
    values: dict[str, Any] = {
        "id": guid(f"trust of {connection}"),
        "name": "".join(each if each.isalnum() else "-" for each in connection),
        "issuer": ISSUER,
        "subject": f"/eid1/c/pub/t/T/a/A/sc/{guid('contoso')}/{guid(connection)}",
        "audiences": ("api://AzureADTokenExchange",),
    }
    return Trust(**{**values, **more})


def application(name: str, **more: Any) -> Identity:
    """An application that trusts the connection of this name."""
    values: dict[str, Any] = {
        "state": "present",
        "kind": "application",
        "client_id": guid(f"client of {name}"),
        "name": f"svc-{name}",
        "object_id": guid(f"object of {name}"),
        "principal_id": guid(f"principal of {name}"),
        "trusts": (trust(name),),
    }
    return Identity(**{**values, **more})


def managed(name: str, **more: Any) -> Identity:
    """A managed identity that trusts the connection of this name."""
    credential = f"{MANAGED}/federatedIdentityCredentials/{name}"
    own = {"kind": "managedIdentity", "object_id": "", "resource_id": MANAGED}
    return application(name, **{**own, "trusts": (trust(name, id=credential),), **more})


def existing(name: str = "shop", **more: Any) -> ExistingConnection:
    """A connection of the project Web that was made by hand and is federated."""
    identity = more.pop("identity", None) or application(name)
    own = identity.trusts[0] if identity.trusts else trust(name)
    values: dict[str, Any] = {
        "organization": CONTOSO,
        "id": guid(name),
        "name": name,
        "projects": (Project(id=WEB.id, name="Web", connection_name=name),),
        "scheme": FEDERATED,
        "creation_mode": "Manual",
        "credential_kind": "federated",
        "tenant_id": TENANT,
        "client_id": identity.client_id,
        "issuer": own.issuer,
        "subject": own.subject,
        "scope": SCOPE,
        "scope_level": "Subscription",
        "subscription_name": "Shop",
        "identity": identity,
        "conversion": NO,
        "migration": NO,
        "reversion": NO,
    }
    return ExistingConnection(**{**values, **more})


def role(holder: ExistingConnection, guid_of_role: str, scope: str, name: str = "", **more: Any) -> HeldRole:
    """A role that a connection's identity holds itself."""
    values: dict[str, Any] = {
        "assignment_id": (
            f"{scope}/providers/Microsoft.Authorization/roleAssignments/"
            f"{name or guid(f'{holder.identity.principal_id} {guid_of_role} {scope}')}"
        ),
        "role": NAMES.get(guid_of_role, "Own role"),
        "role_definition_id": f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{guid_of_role}",
        "scope": scope,
        "principal_id": holder.identity.principal_id,
    }
    return HeldRole(**{**values, **more})


def facts(name: str = "shop", **more: Any) -> ApplicationFacts:
    """What an application says of itself."""
    values: dict[str, Any] = {
        "display_name": f"svc-{name}",
        "notes": "",
        "tags": (),
        "service_management_reference": "",
        "owners": (),
    }
    return ApplicationFacts(**{**values, **more})


def selected(
    *connections: ExistingConnection,
    identities: str = IMPORT,
    applications: dict[str, ApplicationFacts | str] | None = None,
    **surroundings: Any,
) -> Selection:
    """What is decided about connections, for a stack `prod` without any."""
    given: dict[str, Any] = {"project": "shop-connections", "stack": "prod", "organization": CONTOSO}
    return select(
        connections,
        Surroundings(**{**given, **surroundings}),
        identities,
        lambda ids: {each: (applications or {}).get(each, facts()) for each in ids},
    )


def candidate(*connections: ExistingConnection, **more: Any) -> Candidate:
    """The first of connections as a stack takes it over."""
    return selected(*connections, **more).candidates[0]
