"""`connections status`: how far plans are, and how long conversions can be taken back."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from rich import box
from rich.table import Table
from rich.text import Text

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.cli.data_console import data_console
from azure_service_connections.cli.reading import asked_organization_option, progress
from azure_service_connections.lifecycle.apply.plan_status import (
    EntryStatus,
    PlanStatus,
    plan_status,
    plans_with_journal,
)
from azure_service_connections.lifecycle.apply.reversion import days_left
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.organizations import organization_addresses, organization_name
from azure_service_connections.lifecycle.services import Services

_STATES: Final = {
    "notStarted": ("not begun", "dim"),
    "running": ("running", "cyan"),
    "unfinished": ("not finished", "yellow"),
    "done": ("finished", "green"),
}
_WORDS: Final = {
    "open": ("open", "dim"),
    "done": ("done", "green"),
    "kept": ("kept", "dim"),
    "reverted": ("reverted", "cyan"),
    "rolledBack": ("rolled back", "bold red"),
    "waiting": ("waiting", "yellow"),
    "refused": ("refused", "bold red"),
    "failed": ("failed", "bold red"),
    "interrupted": ("interrupted", "yellow"),
}


@click.command()
@click.argument("plan", type=click.Path(path_type=Path, dir_okay=False), required=False)
@asked_organization_option
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def status(plan: Path | None, organizations: tuple[str, ...], as_json: bool) -> None:
    """Show how far a plan is; without one, all plans of this folder that were begun.

    It is told from the journal, and no service is asked. With --organization the organizations are asked
    instead for every connection whose conversion can still be taken back.

    Exit code 0: nothing is open; 3: something is.
    """
    if plan is not None and organizations:
        raise click.UsageError("Give a plan or --organization, not both")
    try:
        if organizations:
            _organizations(organizations, as_json)
            return
        plans = [plan] if plan is not None else plans_with_journal(Path.cwd())
        found = [plan_status(each) for each in plans]
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    elif not found:
        click.echo("no plan of this folder was begun")
    else:
        for each in found:
            _print(each)
    if any(each.state != "done" for each in found):
        raise click.exceptions.Exit(3)


def _print(found: PlanStatus) -> None:
    word, style = _STATES[found.state]
    counts: Counter[str] = Counter(each.state for each in found.entries)
    parts = [f"{counts[state]} {text}" for state, (text, _) in _WORDS.items() if counts[state]]
    console = data_console()
    console.print(Text.assemble(found.plan, ": ", (word, style), f"; {', '.join(parts) or 'no entries'}"))
    shown = [each for each in found.entries if each.state != "kept"]
    if not shown:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Connection", overflow="fold", ratio=30)
    table.add_column("Action", no_wrap=True, width=14)
    table.add_column("State", no_wrap=True, width=11)
    table.add_column("Step", no_wrap=True, width=17)
    table.add_column("Revert", overflow="fold", width=9)
    table.add_column("", overflow="fold", ratio=40)
    for each in shown:
        text, color = _WORDS[each.state]
        table.add_row(
            _place(each), each.action, Text(text, color), each.step or "-", each.revert_left or "-", each.note
        )
    console.print(table)


def _place(entry: EntryStatus) -> Text:
    place = f"{organization_name(entry.organization)}/{entry.project}"
    return Text.assemble(entry.connection, "\n", (place, "dim"))


def _organizations(given: Sequence[str], as_json: bool) -> None:
    addresses = organization_addresses(given, os.environ)
    now = datetime.now(UTC)
    with Services() as services, progress() as tell:
        found = [
            each for each in read_estate(services, addresses, tell=tell, now=now) if each.revert_deadline
        ]
    found.sort(key=lambda each: (each.revert_deadline or now, each.address.casefold()))
    if as_json:
        click.echo(json.dumps([_document(each, now) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("no conversion can be taken back any more")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("Connection", "Can be reverted until", "Left"):
        table.add_column(name)
    for each in found:
        if each.revert_deadline:
            until = f"{each.revert_deadline:%Y-%m-%d %H:%M} UTC"
            table.add_row(each.address, until, days_left(each.revert_deadline, now))
    data_console().print(table)
    click.echo(f"{counted(len(found), 'connection')} can be reverted", err=True)


def _document(connection: ExistingConnection, now: datetime) -> dict[str, Any]:
    assert connection.revert_deadline is not None
    return {
        "connection": connection.name,
        "organization": connection.organization,
        "project": connection.project.name,
        "id": connection.id,
        "revertDeadline": connection.revert_deadline.isoformat(),
        "revertLeft": days_left(connection.revert_deadline, now),
    }
