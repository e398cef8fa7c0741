"""`connections adopt`: takes connections that exist into a stack, and proves that nothing would change."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.cli.data_console import data_console
from azure_service_connections.cli.outcomes import ask
from azure_service_connections.cli.reading import organization_option, progress
from azure_service_connections.lifecycle.adopt.adoption import Adoption, Planned
from azure_service_connections.lifecycle.adopt.outcome import AdoptionReport, LeftOut
from azure_service_connections.lifecycle.adopt.report import missing_from, report_of
from azure_service_connections.lifecycle.adopt.selection import IMPORT, REFERENCE
from azure_service_connections.lifecycle.adopt.stack_document import entry_text
from azure_service_connections.lifecycle.adopt.terraform_state import TerraformState, read_terraform_state
from azure_service_connections.lifecycle.engine import Engine
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.organizations import organization_addresses
from azure_service_connections.lifecycle.services import Services

_NOTHING: Final = 3


@click.command()
@click.option("-s", "--stack", help="The stack; made where it is not there. Default: the selected one.")
@organization_option
@click.option("--project", "projects", multiple=True, help="Only this project; may be repeated.")
@click.option("--name", "names", multiple=True, help="Only the connection of this name; may be repeated.")
@click.option("--except", "excepted", multiple=True, help="Not the connection of this name; may be repeated.")
@click.option(
    "--identities",
    type=click.Choice([IMPORT, REFERENCE]),
    default=IMPORT,
    show_default=True,
    help="Whether an application that serves one connection alone becomes part of the stack, or all "
    "identities stay outside and are only named.",
)
@click.option(
    "--terraform-state",
    "terraform_state",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Only the connections in this Terraform state; tells what to take out of it afterwards.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; show what the stack's file would say.")
@click.option("--yes", is_flag=True, help="Do not ask; for pipelines.")
@click.option("--json", "as_json", is_flag=True, help="Write what was done as JSON.")
def adopt(
    stack: str | None,
    organizations: tuple[str, ...],
    projects: tuple[str, ...],
    names: tuple[str, ...],
    excepted: tuple[str, ...],
    identities: str,
    terraform_state: Path | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Take connections that exist into a stack, with identity, trust, roles, pipelines and checks.

    Writes them into the stack's file as they are, lets the engine import every object, and previews the
    stack, which has to show no change; where it shows one, file and state are put back as they were. Nothing
    in Azure DevOps, Entra ID or Azure is changed. A connection that cannot be taken over is left out, with
    the reason.

    Exit code 0: done, or the stack has them already; 1: nothing was adopted; 3: none can be adopted.
    """
    try:
        terraform = read_terraform_state(terraform_state) if terraform_state is not None else None
        addresses = organization_addresses(organizations, os.environ)
        with Services() as services, progress() as tell:
            adoption = Adoption(Engine(stack), services, lambda line: click.echo(line, err=True), tell)
            adoption.put_back(only_look=dry_run)
            # All are read, whichever are meant: which identity serves several shows only then.
            read = read_estate(
                services, addresses, tell=tell, refused=lambda error: click.echo(f"error: {error}", err=True)
            )
            found = _meant(read, projects, names, terraform)
            wanted, more = _wanted(found, names, excepted, terraform, addresses)
            planned = adoption.plan(wanted, identities)
        report = _run(planned, terraform, more, dry_run=dry_run, yes=yes, as_json=as_json)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _tell(report)
    if not report.adopted and not all(each.already for each in report.left_out):
        raise click.exceptions.Exit(_NOTHING)


def _meant(
    read: Sequence[ExistingConnection],
    projects: Sequence[str],
    names: Sequence[str],
    terraform: TerraformState | None,
) -> list[ExistingConnection]:
    """The connections that the options choose."""
    wanted_projects = {each.casefold() for each in projects}
    wanted_names = {each.casefold() for each in names}
    return [
        each
        for each in read
        if (not wanted_projects or wanted_projects & _words_of(each))
        and (not wanted_names or each.name.casefold() in wanted_names)
        and (terraform is None or each.id in terraform.connections)
    ]


def _words_of(connection: ExistingConnection) -> set[str]:
    """Names and ids of the projects that have a connection."""
    return {word.casefold() for each in connection.projects for word in (each.name, each.id)}


def _wanted(
    found: Sequence[ExistingConnection],
    names: Sequence[str],
    excepted: Sequence[str],
    terraform: TerraformState | None,
    addresses: Sequence[str],
) -> tuple[list[ExistingConnection], tuple[LeftOut, ...]]:
    """The connections that are meant, and those that are meant and were not found."""
    if terraform is not None and not terraform.connections:
        raise LifecycleError("The Terraform state holds no azuredevops_serviceendpoint_azurerm.")
    present = {each.name.casefold() for each in found}
    for name in (*names, *excepted):
        if name.casefold() not in present:
            raise LifecycleError(f"There is no connection '{name}' here; check the name.")
    if not found and terraform is None:
        raise LifecycleError("There is no connection to Azure here; check --organization and --project.")
    without = {each.casefold() for each in excepted}
    wanted = [each for each in found if each.name.casefold() not in without]
    left = tuple(
        LeftOut(id=each.id, address=each.address, reason="you left it out")
        for each in found
        if each.name.casefold() in without
    )
    if terraform is not None:
        left += missing_from(terraform, [each.id for each in found], addresses)
    return wanted, left


def _run(
    planned: Planned,
    terraform: TerraformState | None,
    more: Sequence[LeftOut],
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> AdoptionReport:
    report = report_of(planned, "planned", terraform, more)
    if not planned.candidates:
        return report.model_copy(update={"result": "nothing"})
    if dry_run:
        if not as_json:
            click.echo(f"# {planned.path}: under config: azure-service-connections:connections:")
            click.echo("".join(entry_text(each) for each in planned.candidates))
        return report
    if not yes and not as_json:
        _print(report, Console(stderr=True))
    count = counted(len(planned.candidates), "connection")
    ask(f"Take {count} into the stack {planned.stack!r}?", yes)
    with Services() as services:
        Adoption(Engine(planned.stack), services, lambda line: click.echo(line, err=True)).carry_out(planned)
    return report.model_copy(update={"result": "adopted"})


def _tell(report: AdoptionReport) -> None:
    console = data_console()
    _print(report, console)
    count = counted(len(report.adopted), "connection")
    already = sum(each.already for each in report.left_out)
    if report.result == "adopted":
        click.echo(
            f"{count} adopted into {report.stack!r}, and its preview shows no change. Read "
            f"{report.stack_file}, then run `pulumi up`, which notes the stack's outputs.",
            err=True,
        )
    elif report.result == "planned":
        click.echo(f"{count} would be adopted; nothing was written.", err=True)
    elif already == len(report.left_out):
        click.echo(
            f"Already adopted: {report.stack!r} has {counted(already, 'connection')} of them.", err=True
        )
    addresses = [address for each in report.adopted for address in each.terraform]
    if addresses:
        click.echo("# Terraform lets go of what the stack has now with:")
        for address in addresses:
            click.echo(f"terraform state rm '{address}'")
    if report.terraform_left and addresses:
        click.echo(f"# Still Terraform's: {', '.join(report.terraform_left)}")


def _print(report: AdoptionReport, console: Console) -> None:
    if report.adopted:
        table = _table()
        table.add_column("Connection", overflow="fold", ratio=38)
        table.add_column("Key", overflow="fold", ratio=26)
        table.add_column("Identity", overflow="fold", width=18)
        table.add_column("Objects", justify="right", width=7)
        table.add_column("Stays outside", overflow="fold", ratio=30)
        for each in report.adopted:
            notes = Text("\n".join(each.notes))
            table.add_row(each.address, each.key, each.identity, str(each.parts), notes)
        console.print(table)
    if report.left_out:
        # Hundreds are left out for a handful of reasons: each is said once.
        reasons: dict[str, list[str]] = {}
        for left in report.left_out:
            reasons.setdefault(left.reason, []).append(left.address)
        table = _table()
        table.add_column("Left out", overflow="fold", ratio=50)
        table.add_column("Why", overflow="fold", ratio=70)
        for reason, addresses in reasons.items():
            table.add_row("\n".join(addresses), f"{reason[:1].upper()}{reason[1:]}.")
        console.print(table)


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
