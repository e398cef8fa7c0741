"""`connections verify`: proves that pipelines can use connections, and says what is wrong with those they
cannot use.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.cli.reading import Refusals, organization_option, progress
from azure_service_connections.cli.verification_report import (
    finish,
    not_seen,
    print_checkups,
    print_diagnoses,
    print_findings,
    sign_in,
)
from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.diagnosing import Diagnosis, diagnose
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.stack_checkup import ProofTold, check_stack
from azure_service_connections.lifecycle.diagnosis.stack_state import StackState, read_state
from azure_service_connections.lifecycle.engine import Engine
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.organizations import organization_addresses
from azure_service_connections.lifecycle.preflight.preflight import look_ahead
from azure_service_connections.lifecycle.preflight.stack_place import read_stack
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.stack_output import (
    Connection,
    connections_of_file,
    connections_of_stack,
)
from azure_service_connections.lifecycle.verification import Proof


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("-s", "--stack", help="The stack. Default: the one that is selected.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the stack's outputs from a file written by `pulumi stack output --json`.",
)
@organization_option
@click.option("--project", "projects", multiple=True, help="Only this project; may be repeated.")
@click.option(
    "--days",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="Tell of secrets and certificates that end within so many days.",
)
@click.option(
    "--preflight",
    is_flag=True,
    help="Before `pulumi up`: tell which rights the caller lacks for exactly this stack, and what of it is "
    "not there.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the rows with their findings as JSON.")
def verify(
    names: tuple[str, ...],
    stack: str | None,
    path: Path | None,
    organizations: tuple[str, ...],
    projects: tuple[str, ...],
    days: int,
    preflight: bool,
    as_json: bool,
) -> None:
    """Say whether pipelines can use connections, and why they cannot.

    Of a stack: on the sandbox, a run of an allowed pipeline is started for each connection. In its job, a
    token is got and something is read and, where a role allows it, written and removed again. Another
    pipeline and a read outside of the scope have to be refused. Elsewhere Azure DevOps signs in with each
    connection.

    With --organization, --project or NAMEs no stack is needed: those connections are looked at.

    Either way everything that a sign-in and the work after it need is compared with what the services hold;
    each finding says what is wrong, the code that a pipeline is told, and what to do. Of a stack, also what
    was changed by hand since `pulumi up` is found.

    With --preflight nothing has to be there yet: the stack's file is read and compared with what the caller
    may do and with what there is.

    Exit code 0: every connection is in order; 1: something could not be looked at; 3: there are findings.
    """
    soon = timedelta(days=days)
    if names or organizations or projects:
        if stack or path or preflight:
            raise click.UsageError("Give either a stack (--stack, --file) or connections to look at")
        _look_at(names, organizations, projects, soon, as_json)
        return
    if preflight:
        if path:
            raise click.UsageError("Give the stack by --stack: a preflight reads its file, not its outputs")
        _look_ahead(stack, as_json)
        return
    try:
        connections, state, environment = _connections(stack, path)
        with Services(environment) as services, _proving(len(connections)) as proven:
            checked = check_stack(
                services, connections, datetime.now(UTC), soon=soon, state=state, proven=proven
            )
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    found = [finding for row in checked.rows for finding in row.findings]
    if as_json:
        _write([row.document() for row in checked.rows])
    else:
        print_checkups(checked.rows)
        print_findings(found)
    for row in checked.rows:
        if row.proof.waits:
            click.echo(f"held: {row.connection.key}: {row.proof.waits}", err=True)
    finish(found, len(checked.rows), [*checked.unseen, *not_seen(checked.cases)])


def _look_at(
    names: Sequence[str],
    organizations: Sequence[str],
    projects: Sequence[str],
    soon: timedelta,
    as_json: bool,
) -> None:
    """Diagnose connections that no stack is asked about."""
    refused = Refusals()
    now = datetime.now(UTC)
    try:
        addresses = organization_addresses(organizations, os.environ)
        with Services() as services, progress() as tell:
            live = read_estate(
                services, addresses, projects=projects, names=names, tell=tell, refused=refused, now=now
            )
            rows, unseen = diagnose(services, [Case(each) for each in live], now, soon=soon, tell=tell)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    found: list[Finding] = [finding for row in rows for finding in row.findings]
    if as_json:
        _write([_document(row) for row in rows])
    elif rows:
        print_diagnoses(rows)
        print_findings(found)
    refused.finish()
    if missing := [name for name in names if not any(_is_called(row, name) for row in rows)]:
        raise click.ClickException(
            f"There is no connection {', '.join(map(quoted, missing))} to Azure; check the name, and give "
            "its organization by --organization."
        )
    finish(found, len(rows), [*unseen, *not_seen(row.case for row in rows)])


def _look_ahead(stack: str | None, as_json: bool) -> None:
    """Tell what a stack that is not up yet lacks."""
    try:
        place = read_stack(Engine(stack), os.environ)
        with Services(place.environment) as services, progress() as tell:
            looked = look_ahead(services, place.connections, tell)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    found = [finding for row in looked.rows.values() for finding in row]
    if as_json:
        _write(
            [
                {"connection": key, "findings": [each.as_json() for each in row]}
                for key, row in looked.rows.items()
            ]
        )
    else:
        print_findings(found)
        if not found:
            click.echo(f"{looked.caller} may do all that the stack {place.stack} needs.")
    finish(found, len(looked.rows), looked.unseen)


def _document(row: Diagnosis) -> dict[str, object]:
    live = row.case.live
    return {
        "connection": row.case.name,
        "id": live.id,
        "signIn": sign_in(row),
        "notSeen": list(live.unseen),
        "findings": [each.as_json() for each in row.findings],
    }


def _is_called(row: Diagnosis, name: str) -> bool:
    return any(each.connection_name.casefold() == name.casefold() for each in row.case.live.projects)


def _write(rows: Sequence[Mapping[str, object]]) -> None:
    click.echo(json.dumps(rows, indent=2, ensure_ascii=False))


def _connections(
    stack: str | None, path: Path | None
) -> tuple[list[Connection], StackState | None, Mapping[str, str]]:
    """The connections, the state, and the environment with what the stack says of the access to Azure DevOps.

    A file of outputs has no state.
    """
    if path:
        return connections_of_file(path), None, os.environ
    engine = Engine(stack)
    assert engine.project_file
    connections = connections_of_stack(engine)
    token = engine.setting("azuredevops:personalAccessToken")
    environment = {**os.environ, "AZDO_PERSONAL_ACCESS_TOKEN": token} if token else os.environ
    return connections, read_state(engine.export()), environment


@contextmanager
def _proving(total: int) -> Iterator[ProofTold]:
    """Show proofs as they come, on standard error: a bar on a terminal, else a line each."""
    talk = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=talk, transient=True) if talk.is_terminal else None
    with bar or nullcontext():
        task = bar.add_task("Proving", total=total) if bar else None

        def tell(proof: Proof, done: int, of: int) -> None:
            if bar is not None and task is not None:
                bar.update(task, completed=done, description=f"Proved {proof.key}")
            else:
                state = "in order" if proof.ok else "not in order"
                click.echo(f"[{done}/{of}] {proof.key}: {state}", err=True)

        yield tell
