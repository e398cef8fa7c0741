"""`connections orphans`: what has lost its other half."""

import json
import os
from collections.abc import Sequence
from typing import Final

import click
from rich import box
from rich.table import Table
from rich.text import Text

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.cli.data_console import data_console
from azure_service_connections.cli.reading import Refusals, organization_option, progress
from azure_service_connections.cli.removable import KINDS
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.orphan import Orphan
from azure_service_connections.lifecycle.inventory.orphans import find_orphans
from azure_service_connections.lifecycle.organizations import organization_addresses, organization_name
from azure_service_connections.lifecycle.services import Services

FINDINGS: Final = 3


@click.command()
@organization_option
@click.option("--json", "as_json", is_flag=True, help="Write the records as JSON.")
def orphans(organizations: tuple[str, ...], as_json: bool) -> None:
    """Show what has lost its other half.

    Federated credentials, and the applications that have nothing else, for service connections that do not
    exist; role assignments to service principals that are gone; connections whose identity, subscription or
    management group is gone. What the operator cannot see is never called so. Nothing is removed here: write
    a plan with `connections plan --orphans`.

    Exit code 0: none found; 1: not everything could be read; 3: some found.
    """
    refused = Refusals()
    notes: list[str] = []
    try:
        addresses = organization_addresses(organizations, os.environ)
        with Services() as services, progress() as tell:
            connections = read_estate(services, addresses, tell=tell, refused=refused)
            found = find_orphans(services, addresses, connections, tell=tell, told=notes.append)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    elif found:
        _print(found)
    none = "no orphans among what could be read" if notes or refused.any else "no orphans"
    click.echo(counted(len(found), "orphan") if found else none, err=True)
    for note in dict.fromkeys(notes):
        click.echo(f"not looked at: {note}", err=True)
    refused.finish()
    if notes:
        raise click.exceptions.Exit(1)
    if found:
        raise click.exceptions.Exit(FINDINGS)


def _print(found: Sequence[Orphan]) -> None:
    console = data_console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("What", overflow="fold", width=20)
    table.add_column("Name", overflow="fold", ratio=2)
    table.add_column("Why", overflow="fold", ratio=3)
    for each in found:
        place = "/".join(part for part in (organization_name(each.organization), each.project) if part)
        table.add_row(
            Text.assemble(KINDS[each.kind], *(("\n", (place, "dim")) if place else ())),
            Text.assemble(each.name, "\n", (each.id, "dim")),
            Text(each.reason),
        )
    console.print(table)
