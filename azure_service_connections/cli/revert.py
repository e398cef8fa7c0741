"""`connections revert`: takes conversions back, within the days that Azure DevOps keeps the secret."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.cli.outcomes import ask, report, shown
from azure_service_connections.cli.reading import organization_option, progress
from azure_service_connections.lifecycle.apply.ends import stopping
from azure_service_connections.lifecycle.apply.entry_names import connections_named, entries_named
from azure_service_connections.lifecycle.apply.entry_pool import AT_A_TIME, EntryPool
from azure_service_connections.lifecycle.apply.journal import Journal, journal_path, read_journal
from azure_service_connections.lifecycle.apply.outcome import Outcome
from azure_service_connections.lifecycle.apply.plan_lock import PlanLock
from azure_service_connections.lifecycle.apply.plan_organizations import plan_within
from azure_service_connections.lifecycle.apply.plan_status import plans_with_journal
from azure_service_connections.lifecycle.apply.reversion import days_left
from azure_service_connections.lifecycle.apply.revert_run import (
    MIGRATED,
    RevertRun,
    converted_entries,
    refused,
)
from azure_service_connections.lifecycle.apply.survey import connections_of
from azure_service_connections.lifecycle.apply.world_changes import gone
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.organizations import organization_addresses
from azure_service_connections.lifecycle.plan.plan_file import Entry
from azure_service_connections.lifecycle.plan.plan_reading import read_plan
from azure_service_connections.lifecycle.services import Services


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--plan",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take back what this plan has converted: all of it, or the connections named.",
)
@organization_option
@click.option("--project", "projects", multiple=True, help="Only this project; may be repeated.")
@click.option("--yes", is_flag=True, help="Do not ask; for pipelines.")
@click.option("--parallel", type=click.IntRange(1, 64), default=AT_A_TIME, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Write what became of each connection as JSON.")
def revert(
    names: tuple[str, ...],
    plan: Path | None,
    organizations: tuple[str, ...],
    projects: tuple[str, ...],
    yes: bool,
    parallel: int,
    as_json: bool,
) -> None:
    """Give connections back the secret that they had before their conversion.

    A NAME is a connection's name, PROJECT/NAME, ORGANIZATION/PROJECT/NAME or id.

    Azure DevOps keeps the secret for seven days, and only of identities that it made itself. Where there is
    no way back, the reason and what to do by hand are said. A connection whose secret does not sign in any
    more stays federated.

    Exit code 0: all are reverted; 1: one is not.
    """
    if plan is None and not names:
        raise click.UsageError("Name connections, or give --plan for all that a plan has converted")
    if plan is not None and projects:
        raise click.UsageError("--project goes with names of connections, not with --plan")
    try:
        with ExitStack() as open_until_end:
            services = open_until_end.enter_context(Services())
            journals: dict[str, Journal] = {}
            none: list[Outcome] = []
            if plan is not None:
                wanted = plan_within(read_plan(plan), plan, organizations, os.environ)
                open_until_end.enter_context(PlanLock(plan, "connections revert"))
                journal = open_until_end.enter_context(Journal(journal_path(plan)))
                otherwise = f"{plan} has not converted {{names}}; see `connections status {plan}`."
                entries = entries_named(converted_entries(wanted, journal.lines), names, otherwise)
                connections, none = _of_plan(services, entries)
                journals = {each.id: journal for each in connections}
            else:
                addresses = organization_addresses(organizations, os.environ)
                with progress() as tell, stopping():
                    connections = connections_named(services, addresses, projects, names, tell)
                journals = _journals(connections, open_until_end)
            if connections:
                click.echo(_announcement(connections), err=True)
                ask("Revert?", yes)
            with shown() as tell_outcome:
                pool = EntryPool(parallel, stop_at_failure=False, tell=tell_outcome)
                outcomes = [*none, *RevertRun(services, journals, pool).run(connections)]
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    report(outcomes, pool.why, as_json)


def _journals(connections: Sequence[ExistingConnection], open_until_end: ExitStack) -> dict[str, Journal]:
    """The journals of this folder's plans that have converted the connections: they have to know of it."""
    found: dict[str, Journal] = {}
    for plan in plans_with_journal(Path.cwd()):
        try:
            entries = converted_entries(read_plan(plan), read_journal(journal_path(plan)))
        except LifecycleError as error:
            # The way back must not depend on a file that has nothing to do with it.
            click.echo(f"{plan.name} is left out: {error}", err=True)
            continue
        converted = {each.id for each in entries}
        if not converted.isdisjoint(each.id for each in connections):
            open_until_end.enter_context(PlanLock(plan, "connections revert"))
            journal = open_until_end.enter_context(Journal(journal_path(plan)))
            found |= {each.id: journal for each in connections if each.id in converted}
    return found


def _of_plan(services: Services, entries: Sequence[Entry]) -> tuple[list[ExistingConnection], list[Outcome]]:
    """The connections of a plan that can be asked to go back, and what is said of the others."""
    moved = [refused(each, MIGRATED) for each in entries if each.action == "migrate-issuer"]
    others = [each for each in entries if each.action != "migrate-issuer"]
    with progress() as tell, stopping():
        found = connections_of(services, others, tell)
    connections, none = [], moved
    for entry in others:
        connection = found.get((entry.organization.casefold(), entry.id.lower()))
        if connection is None:
            none.append(refused(entry, gone()))
        else:
            connections.append(connection)
    return connections, none


def _announcement(connections: Sequence[ExistingConnection]) -> str:
    back = {
        each.address: f"{days_left(each.revert_deadline)} left"
        for each in connections
        if each.revert_deadline
    }
    others = {each.address: each.reversion.reason for each in connections if not each.revert_deadline}
    lines = []
    if back:
        lines.append(f"About to give {counted(len(back), 'connection')} the old secret back:")
        lines += [f"  {address}: {left}" for address, left in back.items()]
    if others:
        lines.append(f"No old secret is kept of {counted(len(others), 'connection')}:")
        lines += [f"  {address}: {why}" for address, why in others.items()]
    return "\n".join(lines)
