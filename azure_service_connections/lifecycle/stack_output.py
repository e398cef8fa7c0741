"""What a stack says of its connections: the output `connections`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure_service_connections.lifecycle.engine import Engine
from azure_service_connections.lifecycle.errors import LifecycleError

OUTPUT = "connections"
FEDERATED = "federated"
AGENT = "agent"
PUBLISH_PROFILE = "publishProfile"
"""The credential of a web app."""
_NAMELESS = (AGENT, PUBLISH_PROFILE)
"""Credentials of which a connection does not know whom they belong to."""
_TEXTS = ("connectionId", "connectionName", "projectId", "tenantId", "scope")


@dataclass(frozen=True)
class Pipeline:
    """A pipeline that may use a connection."""

    id: int
    name: str
    project_id: str


@dataclass(frozen=True)
class Role:
    """A role that the stack gives the connection's identity."""

    key: str
    role: str
    scope: str
    role_definition_id: str


@dataclass(frozen=True)
class Connection:
    """One connection of a stack."""

    key: str
    connection_id: str
    name: str
    project_id: str
    project: str
    client_id: str
    principal_id: str
    """Empty where the stack did not look it up."""
    tenant_id: str
    scope: str
    identity: str
    """Which kind of identity it signs in as: appRegistration, managedIdentity or servicePrincipal."""
    pipelines: tuple[Pipeline, ...]
    roles: tuple[Role, ...]
    credential: str = FEDERATED
    """What it signs in with: federated, secret, certificate, agent or publishProfile."""
    inherits_permissions: bool = True
    """Whether its project may hand roles on it down."""
    organization: str | None = None
    """Address of its organization, or None for the one of the environment."""


def connections_of_stack(engine: Engine) -> list[Connection]:
    """The connections of a stack, by its output; LifecycleError where it has none."""
    found = engine.outputs().get(OUTPUT)
    where = f"Stack {engine.stack!r}" if engine.stack else "The selected stack"
    if found is None:
        raise LifecycleError(f"{where} has no output `{OUTPUT}`; bring it up with `pulumi up` first.")
    return _parse(found, where)


def connections_of_file(path: Path) -> list[Connection]:
    """The connections in a file: all outputs of a stack as JSON, or its output `connections` alone."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LifecycleError(
            f"{path} cannot be read ({error.strerror}); name a file that can be read."
        ) from error
    except ValueError as error:
        raise LifecycleError(
            f"{path} is not JSON ({error}); write it with `pulumi stack output --json`."
        ) from error
    nested = document.get(OUTPUT) if isinstance(document, dict) else None
    return _parse(nested if isinstance(nested, dict) else document, str(path))


def _parse(found: Any, where: str) -> list[Connection]:
    if not isinstance(found, dict):
        raise LifecycleError(
            f"{where}: `{OUTPUT}` is not a map of connections; write it with the program of this project."
        )
    if not found:
        raise LifecycleError(f"{where} has no connections; add some and run `pulumi up`.")
    return [_connection(key, entry, f"{where}: {OUTPUT}.{key}") for key, entry in found.items()]


def _connection(key: str, entry: Any, where: str) -> Connection:
    if not isinstance(entry, dict):
        raise LifecycleError(f"{where} is not a map; run `pulumi up` to write the output again.")
    credential = str(entry.get("credential") or FEDERATED)
    for name in _TEXTS if credential in _NAMELESS else (*_TEXTS, "clientId"):
        value = entry.get(name)
        if value == "[secret]":
            raise LifecycleError(f"{where}.{name} is a secret; take the secret out of the stack's output.")
        if not isinstance(value, str) or not value:
            raise LifecycleError(f"{where}.{name} is missing; run `pulumi up` to write the output again.")
    return Connection(
        key=key,
        connection_id=entry["connectionId"],
        name=entry["connectionName"],
        project_id=entry["projectId"],
        project=str(entry.get("project") or entry["projectId"]),
        client_id=entry.get("clientId") or "",
        principal_id=entry.get("principalId") or "",
        tenant_id=entry["tenantId"],
        scope=entry["scope"].rstrip("/"),
        identity=str(entry.get("identity") or ""),
        pipelines=tuple(
            Pipeline(
                int(each["id"]),
                str(each.get("name") or each["id"]),
                str(each.get("projectId") or entry["projectId"]),
            )
            for each in entry.get("pipelines") or ()
        ),
        roles=tuple(
            Role(
                str(each.get("key", "")),
                str(each.get("role", "")),
                str(each.get("scope") or entry["scope"]),
                str(each.get("roleDefinitionId") or ""),
            )
            for each in entry.get("roles") or ()
        ),
        credential=credential,
        inherits_permissions=entry.get("inheritPermissions") is not False,
        organization=entry.get("organization") or None,
    )
