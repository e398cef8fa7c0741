"""What the owner of an identity is asked for: a federated credential, with everything that it has to hold."""

import json
import shlex
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import yaml

from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.lifecycle.apply.entry_credential import credential_name, description_of
from azure_service_connections.lifecycle.apply.entry_history import history_of
from azure_service_connections.lifecycle.apply.journal import Line
from azure_service_connections.lifecycle.document import Document
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.plan.plan_file import Entry
from azure_service_connections.lifecycle.subject_prediction import FederatedTrust, predicted_trust

_ROLES: Final = {
    "application": (
        "owner of the application",
        "Application Administrator",
        "Cloud Application Administrator",
    ),
    "managedIdentity": ("Managed Identity Contributor on the managed identity", "Contributor or Owner there"),
    "unknown": ("owner of the application", "Application Administrator"),
}
"""Who may place a federated credential (Entra ID's and Azure's documentation of built-in roles)."""


class AskedIdentity(Document):
    """The identity that is to trust the connection."""

    kind: Literal["application", "managedIdentity", "unknown"]
    name: str = ""
    tenant_id: str
    client_id: str
    object_id: str = ""
    resource_id: str = ""
    owners: tuple[str, ...] = ()


class AskedCredential(Document):
    """The federated credential, letter by letter."""

    name: str
    issuer: str
    subject: str
    audience: str
    description: str


class Reach(Document):
    """A role that the identity holds: what the connection can do."""

    role: str
    scope: str


class HandoffRequest(Document):
    """What is asked for one connection."""

    connection: str
    """Organization, project and name."""
    organization: str
    id: str
    reason: str
    identity: AskedIdentity
    credential: AskedCredential
    placed: bool
    """Whether it is there already."""
    who: tuple[str, ...]
    """Who may place it."""
    reach: tuple[Reach, ...] = ()
    pipelines: tuple[str, ...] = ()
    """The pipelines that may use the connection."""


def request_for(entry: Entry, connection: ExistingConnection, lines: Sequence[Line]) -> HandoffRequest:
    """What is asked for an entry's connection; LifecycleError where its subject cannot be told in advance.

    `lines` are those of the plan's journal: what a run has learnt of the tokens counts.
    """
    known = history_of(lines, entry).detail("credential-placed", "trust")
    trust = FederatedTrust(**known) if known else predicted_trust(connection)
    identity = connection.identity
    return HandoffRequest(
        connection=connection.address,
        organization=connection.organization,
        id=connection.id,
        reason=entry.reason,
        identity=AskedIdentity(
            kind=identity.kind,
            name=identity.name,
            tenant_id=connection.tenant_id,
            client_id=connection.client_id,
            object_id=identity.object_id,
            resource_id=identity.resource_id,
            owners=identity.owners,
        ),
        credential=AskedCredential(
            name=credential_name(connection),
            issuer=trust.issuer,
            subject=trust.subject,
            audience=trust.audience,
            description=description_of(connection),
        ),
        placed=any(
            (each.issuer, each.subject) == (trust.issuer, trust.subject) and trust.audience in each.audiences
            for each in identity.trusts
        ),
        who=_ROLES[identity.kind],
        reach=tuple(Reach(role=each.role, scope=each.scope) for each in connection.roles),
        pipelines=("all pipelines of its projects",)
        if connection.all_pipelines
        else tuple(f"{each.project}/{each.name or each.id}" for each in connection.pipelines),
    )


def as_yaml(requests: Iterable[HandoffRequest]) -> str:
    """The requests as the text of a file that a program can read."""
    document = {"version": 1, "requests": [each.as_json() for each in requests]}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=10_000)


def as_markdown(requests: Sequence[HandoffRequest]) -> str:
    """The requests as a page for people, with the command that places each credential."""
    parts = ["# Federated credentials to place", "", _INTRODUCTION, ""]
    for each in requests:
        parts += [*_section(each), ""]
    return "\n".join(parts)


_INTRODUCTION: Final = (
    "Each connection below is to sign in without a secret. For that its identity has to trust it: one "
    "federated credential, with issuer, subject and audience letter by letter. A credential gives no new "
    "rights; it lets the named connection, and nothing else, use those that the identity has. Nothing has "
    "been changed yet."
)


def _section(request: HandoffRequest) -> list[str]:
    identity, credential = request.identity, request.credential
    kind = "Managed identity" if identity.kind == "managedIdentity" else "Application"
    rows = [
        (kind, f"{identity.name or '?'} (client id `{identity.client_id}`)"),
        *([("Object id", f"`{identity.object_id}`")] if identity.object_id else []),
        *([("Resource id", f"`{identity.resource_id}`")] if identity.resource_id else []),
        *([("Owners", ", ".join(identity.owners))] if identity.owners else []),
        ("Tenant", f"`{identity.tenant_id}`"),
        ("Name", f"`{credential.name}`"),
        ("Issuer", f"`{credential.issuer}`"),
        ("Subject", f"`{credential.subject}`"),
        ("Audience", f"`{credential.audience}`"),
        ("Who may place it", "; ".join(request.who)),
        (
            "What the identity may do",
            "; ".join(f"{r.role} at {r.scope}" for r in request.reach) or "not known",
        ),
        ("Pipelines that may use it", ", ".join(request.pipelines) or "none"),
    ]
    table = ["| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in rows)]
    title = f"## {request.connection}"
    if request.placed:
        return [title, "", "It is placed already.", "", *table]
    return [
        title,
        "",
        f"{request.reason.rstrip('.')}.",
        "",
        *table,
        "",
        _by_hand(identity.kind),
        "",
        "```bash",
        *_command(request),
        "```",
    ]


def _by_hand(kind: str) -> str:
    if kind == "managedIdentity":
        return (
            "In the Azure portal: the managed identity, Settings, Federated credentials, Add credential, "
            "scenario *Other*. Or:"
        )
    return (
        "In the Entra admin centre: App registrations, the application, Certificates & secrets, Federated "
        "credentials, Add credential, scenario *Other issuer*. Or:"
    )


def _command(request: HandoffRequest) -> list[str]:
    identity, credential = request.identity, request.credential
    if identity.resource_id:
        parts = identity.resource_id.strip("/").split("/")
        return [
            "az identity federated-credential create \\",
            f"  --subscription {shlex.quote(subscription_of(identity.resource_id) or '')} \\",
            f"  --resource-group {shlex.quote(parts[3])} --identity-name {shlex.quote(parts[-1])} \\",
            f"  --name {shlex.quote(credential.name)} --issuer {shlex.quote(credential.issuer)} \\",
            f"  --subject {shlex.quote(credential.subject)} --audiences {shlex.quote(credential.audience)}",
        ]
    parameters = json.dumps(body_of(credential))
    return [
        f"az ad app federated-credential create --id "
        f"{shlex.quote(identity.object_id or identity.client_id)} \\",
        f"  --parameters {shlex.quote(parameters)}",
    ]


def body_of(credential: AskedCredential) -> dict[str, Any]:
    """The credential as Microsoft Graph takes it."""
    return {
        "name": credential.name,
        "issuer": credential.issuer,
        "subject": credential.subject,
        "audiences": [credential.audience],
        "description": credential.description,
    }


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
