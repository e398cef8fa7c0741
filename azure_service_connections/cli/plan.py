"""`connections plan`: writes what is to be done about the connections that exist, for review."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from rich import box
from rich.table import Table

from azure_service_connections.catalogue.pipeline_tasks import (
    PipelineTasks,
    TaskTableError,
    known_tasks,
    tasks_of,
)
from azure_service_connections.cli.data_console import data_console
from azure_service_connections.cli.reading import Refusals, Tell, organization_option, progress, tell_unseen
from azure_service_connections.lifecycle.apply.journal import journal_path
from azure_service_connections.lifecycle.apply.plan_lock import PlanLock
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.orphans import find_orphans
from azure_service_connections.lifecycle.organizations import organization_addresses
from azure_service_connections.lifecycle.plan.choices import Choices, chosen, selected
from azure_service_connections.lifecycle.plan.consumers import read_consumers
from azure_service_connections.lifecycle.plan.operator_rights import read_rights
from azure_service_connections.lifecycle.plan.plan_file import Plan
from azure_service_connections.lifecycle.plan.plan_saving import check_place, save_plan
from azure_service_connections.lifecycle.plan.plan_summary import summary_rows
from azure_service_connections.lifecycle.plan.plan_writing import counts, write_plan
from azure_service_connections.lifecycle.plan.planning import consumers_wanted, plan_for
from azure_service_connections.lifecycle.services import Services

_PENDING: Final = 3
_DEFAULT: Final = Path("conversion-plan.yaml")
_STANDARD_OUTPUT: Final = Path("-")


def _named(*names: str, help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(*names, multiple=True, metavar="NAME", help=help)


@click.command()
@organization_option
@click.option("--project", "projects", multiple=True, help="Only this project; may be repeated.")
@_named("--only", help="Plan for this connection alone; may be repeated.")
@_named("--convert", help="Convert it although tasks of its pipelines do not work with federation.")
@_named("--revert", help="Give it its secret back; may be repeated.")
@click.option("--handoff", is_flag=True, help="Ask the owners of identities that you may not change.")
@click.option(
    "--accept-unsupported", is_flag=True, help="Convert also what is used by tasks that do not support it."
)
@click.option(
    "--retire",
    multiple=True,
    type=click.Choice(["secrets", "old-credential"]),
    help="What to remove once the new way is proven. Default: nothing.",
)
@click.option("--orphans", is_flag=True, help="List what has lost its other half too, to be kept.")
@click.option("--remove-orphans", is_flag=True, help="List it to be removed.")
@click.option(
    "--tasks",
    "tables",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A table of tasks of your own, over the one that is built in.",
)
@click.option(
    "-f",
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default=_DEFAULT,
    show_default=True,
    help="Where to write the plan; - is standard output.",
)
@click.option("--force", is_flag=True, help="Replace a plan that has been carried out, or another file.")
@click.option("--json", "as_json", is_flag=True, help="Write the plan as JSON too, to standard output.")
def plan(
    organizations: tuple[str, ...],
    projects: tuple[str, ...],
    tables: tuple[Path, ...],
    path: Path,
    orphans: bool,
    force: bool,
    as_json: bool,
    **words: Any,
) -> None:
    """Write a plan for the connections of organizations, to be reviewed and then carried out.

    Converted is what Azure DevOps made and can convert by itself, and what was made by hand where you may
    place its credential first. Connections on Azure DevOps' own issuer of tokens move to that of Entra ID.
    The rest is kept, with the reason: shared connections, for example, and those of pipelines with tasks that
    do not work with federation. A NAME is a connection's name, PROJECT/NAME, ORGANIZATION/PROJECT/NAME or id.

    Exit code 0: there is nothing to do; 3: the plan says what there is to do; 1: an organization or a project
    could not be read, and the plan is about the others.
    """
    if as_json and path == _STANDARD_OUTPUT:
        raise click.UsageError("Only one of --json and --output - can be given")
    orphans = orphans or words["remove_orphans"]
    if orphans and (projects or words["only"]):
        named = "--project" if projects else "--only"
        raise click.UsageError(f"Orphans are found in whole organizations; leave {named} out")
    choices = Choices(**words)
    refused = Refusals()
    try:
        table = _table(tables)
        if path != _STANDARD_OUTPUT and not force:
            check_place(path, journal_path(path))
        addresses = organization_addresses(organizations, os.environ)
        with Services() as services, progress() as tell:
            written = _plan(services, addresses, projects, choices, orphans, table, refused, tell)
        if refused.any and not written.entries and path != _STANDARD_OUTPUT:
            # Nothing is known, and an earlier plan may lie in the place of this one.
            refused.finish()
        if path == _STANDARD_OUTPUT:
            click.echo(write_plan(written), nl=False)
        else:
            _save(written, path)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(written.as_json(), indent=2, ensure_ascii=False))
    elif path != _STANDARD_OUTPUT:
        _print(written)
    pending = _pending(written)
    click.echo(_last_words(written, path, pending), err=True)
    refused.finish()
    if pending:
        raise click.exceptions.Exit(_PENDING)


def _plan(
    services: Services,
    addresses: Sequence[str],
    projects: Sequence[str],
    choices: Choices,
    orphans: bool,
    table: PipelineTasks,
    refused: Refusals,
    tell: Tell,
) -> Plan:
    unread: list[LifecycleError] = []

    def refuse(error: LifecycleError) -> None:
        unread.append(error)
        refused(error)

    now = datetime.now(UTC)
    found = read_estate(services, addresses, projects=projects, tell=tell, refused=refuse, now=now)
    tell_unseen(found)
    if orphans and unread:
        raise LifecycleError(
            "Not everything could be read, so nobody can tell what is orphaned; leave orphans out, or mend "
            f"this first: {unread[0]}"
        )
    lost = find_orphans(services, addresses, found, tell=tell, told=_note) if orphans else ()
    planned = [
        *(selected(found, choices.only) if choices.only else found),
        *(chosen(found, choices.convert) if choices.only else ()),
    ]
    wanted = [each for each in found if each in planned and consumers_wanted(each)]
    consumers = read_consumers(services, wanted, table, tell)
    rights = read_rights(services, wanted, tell)
    return plan_for(found, consumers, lost, now, addresses, choices, rights)


def _note(sentence: str) -> None:
    click.echo(f"note: {sentence}", err=True)


def _table(paths: Sequence[Path]) -> PipelineTasks:
    table = known_tasks()
    for path in paths:
        try:
            table = table.extended(tasks_of(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise LifecycleError(
                f"{path} cannot be read ({error.strerror}); name a table of tasks."
            ) from error
        except (TaskTableError, UnicodeDecodeError) as error:
            said = "is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            raise LifecycleError(f"{path}: {said}.") from error
    return table


def _save(written: Plan, path: Path) -> None:
    """Write the plan; a journal of an earlier one is put aside, never while that one is carried out."""
    journal = journal_path(path)
    if not journal.exists():
        save_plan(written, path)
        return
    with PlanLock(path, "connections plan"):
        aside = journal.with_name(f"{journal.name}.{written.written:%Y%m%dT%H%M%SZ}")
        journal.replace(aside)
        click.echo(f"put the journal of the earlier plan aside: {aside}", err=True)
        save_plan(written, path)


def _last_words(written: Plan, path: Path, pending: bool) -> str:
    if not pending:
        return f"nothing to do: {counts(written)}" if written.entries else "nothing to do: no connections"
    if path == _STANDARD_OUTPUT:
        return counts(written)
    return f"{counts(written)}; review {path}, then run `connections apply {path}`"


def _pending(written: Plan) -> bool:
    acts = any(each.action != "keep" for each in written.entries)
    return acts or any(each.action == "remove" for each in written.removals)


def _print(written: Plan) -> None:
    rows = summary_rows(written)
    if not rows:
        return
    console = data_console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Action", no_wrap=True, width=14)
    table.add_column("Count", justify="right", no_wrap=True, width=5)
    table.add_column("Reason", overflow="fold", ratio=70)
    table.add_column("Such as", overflow="fold", ratio=25)
    for row in rows:
        table.add_row(row.action, str(row.count), row.reason, row.example)
    console.print(table)
