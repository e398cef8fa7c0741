"""Connections, entries and plans for tests, made of as little as each says."""

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from azure_service_connections.lifecycle.inventory.existing_connection import (
    FEDERATED,
    SECRET,
    ExistingConnection,
    Project,
    Verdict,
)
from azure_service_connections.lifecycle.inventory.identity import Identity, Secret, Trust
from azure_service_connections.lifecycle.plan.plan_file import Consumer, Entry, Plan, PlannedIdentity, Removal

CONTOSO = "https://dev.azure.com/contoso"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
YES = Verdict(possible=True, reason="Azure DevOps made it and can place its credential")
NO = Verdict(possible=False, reason="there is nothing to do")
DEVOPS_ISSUER = "https://vstoken.dev.azure.com/0"


def guid(name: str) -> str:
    """An id that the name always gives."""
    return str(uuid5(NAMESPACE_URL, name))


def connection(name: str, **more: Any) -> ExistingConnection:
    """An automatic connection of the project Web that signs in with a secret and can be converted."""
    identity = more.pop("identity", None) or application(name)
    values: dict[str, Any] = {
        "organization": CONTOSO,
        "id": guid(name),
        "name": name,
        "projects": (Project(id=guid("Web"), name="Web", connection_name=name),),
        "scheme": SECRET,
        "creation_mode": "Automatic",
        "credential_kind": "secret",
        "tenant_id": guid("tenant"),
        "client_id": identity.client_id,
        "identity": identity,
        "conversion": YES,
        "migration": NO,
        "reversion": NO,
    }
    return ExistingConnection(**{**values, **more})


def federated(name: str, **more: Any) -> ExistingConnection:
    """A connection that is federated with Azure DevOps' own issuer."""
    old = {
        "scheme": FEDERATED,
        "credential_kind": "federated",
        "issuer_kind": "devops",
        "issuer": DEVOPS_ISSUER,
        "subject": f"sc://contoso/Web/{name}",
        "conversion": Verdict(possible=False, reason="it has no secret"),
        "migration": YES,
        "identity": application(name, secrets=(), trusts=trusts(1)),
    }
    return connection(name, **{**old, **more})


def application(name: str, **more: Any) -> Identity:
    """An application with one secret."""
    values: dict[str, Any] = {
        "state": "present",
        "kind": "application",
        "client_id": guid(f"client of {name}"),
        "object_id": guid(f"object of {name}"),
        "principal_id": guid(f"principal of {name}"),
        "name": f"app-{name}",
        "secrets": (
            Secret(kind="secret", key_id=guid(f"key of {name}"), expires=datetime(2027, 1, 31, tzinfo=UTC)),
        ),
    }
    return Identity(**{**values, **more})


def trusts(count: int) -> tuple[Trust, ...]:
    """So many federated credentials of others."""
    return tuple(
        Trust(
            id=guid(f"trust {each}"),
            name=f"trust-{each}",
            issuer=DEVOPS_ISSUER,
            subject=f"sc://contoso/Web/{each}",
            audiences=("api://AzureADTokenExchange",),
        )
        for each in range(count)
    )


def entry(name: str, **more: Any) -> Entry:
    """An entry of a plan that converts a connection."""
    values: dict[str, Any] = {
        "connection": name,
        "organization": CONTOSO,
        "project": "Web",
        "id": guid(name),
        "action": "convert",
        "credential": "service",
        "reason": "it has a secret",
        "identity": PlannedIdentity(
            kind="application", client_id=guid(f"client of {name}"), object_id=guid(f"object of {name}")
        ),
        "expects": "0123456789abcdef",
    }
    return Entry(**{**values, **more})


def kept(name: str, **more: Any) -> Entry:
    """An entry of a plan that does nothing."""
    return entry(name, **{"action": "keep", "credential": "none", "identity": None, **more})


def plan(*entries: Entry, **more: Any) -> Plan:
    """A plan for one organization."""
    return Plan(**{"version": 1, "written": NOW, "organizations": (CONTOSO,), "entries": entries, **more})


CONSUMERS = (
    Consumer(
        project="Web",
        pipeline="deploy",
        tasks=("AzureCLI@2", "ServiceFabricDeploy@1"),
        unsupported=("ServiceFabricDeploy@1",),
    ),
    Consumer(project="Web", pipeline="nightly"),
)
ORPHAN = Removal(
    kind="serviceConnection",
    id=guid("orphan"),
    name="orphan",
    organization=CONTOSO,
    project="Web",
    action="keep",
    reason="its application is deleted",
)
WHOLE = plan(
    entry("shop", consumers=CONSUMERS, retire=("secrets",), deadline=datetime(2027, 1, 31, tzinfo=UTC)),
    kept("audit"),
    entry("books", action="migrate-issuer", credential="place", retire=("old-credential",)),
    removals=(ORPHAN,),
)
"""A plan with something of everything."""
