"""`connections inventory`: the connections that exist, with what belongs to them and what there is to do."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import click
from rich import box
from rich.table import Table
from rich.text import Text

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.cli.data_console import data_console
from azure_service_connections.cli.reading import Refusals, organization_option, progress, tell_unseen
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.csv_rows import as_csv
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.findings import Finding, expiry, findings
from azure_service_connections.lifecycle.organizations import organization_addresses, organization_name
from azure_service_connections.lifecycle.services import Services

_SHOWN: Final = 2
_GUID_SHOWN: Final = 8
_COLORS: Final = {"broken": "bold red", "expiring": "yellow", "secret": "yellow", "idle": "yellow"}
_SCHEMES: Final = {
    "federated": "federated",
    "secret": "secret",
    "certificate": "certificate",
    "publishProfile": "publish profile",
    "none": "agent identity",
}
_ISSUERS: Final = {"entra": "Entra issuer", "devops": "DevOps issuer"}


@click.command()
@organization_option
@click.option("--project", "projects", multiple=True, help="Only this project; may be repeated.")
@click.option("--problems", is_flag=True, help="Only connections about which there is something to do.")
@click.option("--json", "as_json", is_flag=True, help="Write the records as JSON.")
@click.option("--csv", "csv", is_flag=True, help="Write the records as a table for spreadsheets.")
def inventory(
    organizations: tuple[str, ...], projects: tuple[str, ...], problems: bool, as_json: bool, csv: bool
) -> None:
    """Show the connections to Azure of organizations, with what belongs to them.

    For each connection: its projects, credential, issuer, scope, identity, the pipelines that may use it,
    when it was used last, when its secret ends, and what can be done to it. A connection that several
    projects share is shown once.

    Exit code 0: everything was read; 1: an organization or a project could not be read, and the others are
    shown.
    """
    if as_json and csv:
        raise click.UsageError("Only one of --json and --csv can be given")
    refused = Refusals()
    now = datetime.now(UTC)
    try:
        addresses = organization_addresses(organizations, os.environ)
        with Services() as services, progress() as tell:
            found = read_estate(services, addresses, projects=projects, tell=tell, refused=refused, now=now)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    judged = [(each, findings(each, now)) for each in found]
    if problems:
        judged = [(each, todo) for each, todo in judged if todo]
    if as_json:
        click.echo(json.dumps([each.as_json() for each, _ in judged], indent=2, ensure_ascii=False))
    elif csv:
        click.echo(as_csv(judged), nl=False)
    elif judged:
        _print(judged)
    tell_unseen(found)
    if judged or not refused.any:
        click.echo(_summary(judged), err=True)
    refused.finish()


def _print(judged: Sequence[tuple[ExistingConnection, Sequence[Finding]]]) -> None:
    console = data_console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("Connection", overflow="fold", ratio=28)
    table.add_column("Credential", overflow="fold", width=13)
    table.add_column("Scope", no_wrap=True, overflow="ellipsis", ratio=19)
    table.add_column("Identity", no_wrap=True, overflow="ellipsis", ratio=20)
    table.add_column("Pipelines", no_wrap=True, overflow="ellipsis", ratio=14)
    table.add_column("Last used\nExpires", no_wrap=True, width=10)
    table.add_column("Verdict", overflow="fold", ratio=20)
    for connection, todo in judged:
        table.add_row(
            _two(connection.name, _place(connection)),
            _two(_SCHEMES[connection.credential_kind], _origin(connection)),
            _two(*_scope(connection)),
            _two(*_identity(connection)),
            _pipelines(connection),
            _two(*_dates(connection)),
            _verdict(connection, todo),
        )
    console.print(table)


def _two(first: str, second: str) -> Text:
    return Text.assemble(first, "\n", (second, "dim")) if second else Text(first)


def _place(connection: ExistingConnection) -> str:
    others = f" +{len(connection.projects) - 1}" if connection.shared else ""
    return f"{organization_name(connection.organization)}/{connection.project.name}{others}"


def _origin(connection: ExistingConnection) -> str:
    if connection.issuer_kind:
        return _ISSUERS[connection.issuer_kind]
    return connection.creation_mode.lower()


def _scope(connection: ExistingConnection) -> tuple[str, str]:
    subscription = connection.subscription_name or connection.scope.rpartition("/")[2]
    if connection.scope_level == "ManagementGroup":
        return connection.management_group_name or subscription, "management group"
    if name := connection.workspace or connection.resource_group:
        return name, subscription
    return subscription, "subscription" if connection.scope else ""


def _identity(connection: ExistingConnection) -> tuple[str, str]:
    identity = connection.identity
    state = {"present": "", "notVisible": "not visible"}.get(identity.state, identity.state)
    shared = f"{counted(identity.shared_by, 'connection')}" if identity.shared_by > 1 else ""
    kind = "managed identity" if identity.kind == "managedIdentity" else ""
    name = identity.name or (f"{identity.client_id[:_GUID_SHOWN]}…" if identity.client_id else "-")
    return name, state or shared or kind


def _pipelines(connection: ExistingConnection) -> Text:
    if connection.all_pipelines:
        return Text("all")
    names = [each.name or f"#{each.id}" for each in connection.pipelines]
    if not names:
        return Text("-")
    if len(names) > _SHOWN:
        return Text(f"{names[0]}\n+{len(names) - 1}")
    return Text("\n".join(names))


def _dates(connection: ExistingConnection) -> tuple[str, str]:
    used, ends = connection.last_used, expiry(connection)
    return f"{used.finished:%Y-%m-%d}" if used else "-", f"{ends:%Y-%m-%d}" if ends else ""


def _verdict(connection: ExistingConnection, todo: Sequence[Finding]) -> Text:
    if connection.disabled:
        return Text("disabled", "dim")
    if not todo:
        words = f"revert {connection.reversion.reason}" if connection.reversion.possible else "in order"
        return Text(words, "green")
    return Text("\n").join(Text(each.words, _COLORS.get(each.kind, "")) for each in todo)


def _summary(judged: Sequence[tuple[ExistingConnection, Sequence[Finding]]]) -> str:
    if not judged:
        return "no connections"
    counts: Counter[str] = Counter(kind for _, todo in judged for kind in {each.kind for each in todo})
    organizations = {connection.organization for connection, _ in judged}
    parts = [
        f"{counts[kind]} {words}"
        for kind, words in (
            ("broken", "broken"),
            ("expiring", "with a secret that ends soon"),
            ("convert", "to convert"),
            ("migrate", "to migrate"),
            ("secret", "that keep a secret"),
            ("idle", "without a role"),
        )
        if counts[kind]
    ]
    where = f"{counted(len(judged), 'connection')} in {counted(len(organizations), 'organization')}"
    return f"{where}: {', '.join(parts)}" if parts else where
