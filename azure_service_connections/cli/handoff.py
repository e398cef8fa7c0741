"""`connections handoff`: asks owners of identities for credentials that the operator may not place."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.cli.reading import plan_organization_option, progress
from azure_service_connections.lifecycle.apply.ends import stopping
from azure_service_connections.lifecycle.apply.entry_names import entries_named
from azure_service_connections.lifecycle.apply.handoff_request import (
    HandoffRequest,
    as_markdown,
    as_yaml,
    request_for,
)
from azure_service_connections.lifecycle.apply.journal import journal_path, read_journal
from azure_service_connections.lifecycle.apply.plan_organizations import plan_within
from azure_service_connections.lifecycle.apply.survey import connections_of
from azure_service_connections.lifecycle.apply.world_changes import gone
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.plan.plan_file import Entry, Plan
from azure_service_connections.lifecycle.plan.plan_reading import read_plan
from azure_service_connections.lifecycle.services import Services

_OPEN = 3


@click.command()
@click.argument("plan", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@plan_organization_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the request goes. Default: PLAN.handoff.yaml; beside it a page for people, in .md.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Write the requests as JSON on standard output instead."
)
def handoff(
    plan: Path, names: tuple[str, ...], organizations: tuple[str, ...], output: Path | None, as_json: bool
) -> None:
    """Write down which federated credentials the owners of identities have to place for a plan.

    For every entry with `credential: handoff`, or for the connections named: the identity, issuer, subject
    and audience letter by letter, who may place it, and a command that does. `connections apply` goes on with
    an entry once its credential is there.

    Exit code 0: all are placed already; 3: some are not.
    """
    try:
        wanted = plan_within(read_plan(plan), plan, organizations, os.environ)
        entries = _entries(wanted, names, plan)
        lines = read_journal(journal_path(plan))
        with Services() as services, progress() as tell, stopping():
            found = connections_of(services, entries, tell)
        requests: list[HandoffRequest] = []
        for entry in entries:
            connection = found.get((entry.organization.casefold(), entry.id.lower()))
            if connection is None:
                raise LifecycleError(f"{entry.project}/{entry.connection}: {gone()}.")
            requests.append(request_for(entry, connection, lines))
        if as_json:
            click.echo(json.dumps([each.as_json() for each in requests], indent=2, ensure_ascii=False))
        elif requests:
            _write(requests, output or plan.with_name(f"{plan.stem}.handoff.yaml"))
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    missing = sum(not each.placed for each in requests)
    if not requests:
        click.echo("no entry of the plan has `credential: handoff`", err=True)
    else:
        placed = len(requests) - missing
        click.echo(f"{counted(missing, 'credential')} to place, {placed} placed already", err=True)
    if missing:
        raise click.exceptions.Exit(_OPEN)


def _entries(plan: Plan, names: Sequence[str], path: Path) -> list[Entry]:
    changing = [each for each in plan.entries if each.action in ("convert", "migrate-issuer")]
    if not names:
        return [each for each in changing if each.credential == "handoff"]
    otherwise = f"{path} converts or moves no connection {{names}}; correct the name."
    return entries_named(changing, names, otherwise)


def _write(requests: Sequence[HandoffRequest], output: Path) -> None:
    page = output.with_suffix(".md")
    for path, text in ((output, as_yaml(requests)), (page, as_markdown(requests))):
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise LifecycleError(
                f"{path} cannot be written ({error.strerror}); name another file with --output."
            ) from error
        click.echo(str(path))
