"""`connections apply`: does what a plan says, no more."""

import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import click

from azure_service_connections.catalogue.wording import counted, listed
from azure_service_connections.cli.outcomes import ask, report, shown
from azure_service_connections.cli.reading import plan_organization_option, progress
from azure_service_connections.cli.removable import KINDS
from azure_service_connections.lifecycle.apply.entry_pool import AT_A_TIME
from azure_service_connections.lifecycle.apply.execution import Choices, Execution
from azure_service_connections.lifecycle.apply.journal import Journal, journal_path
from azure_service_connections.lifecycle.apply.orphan_check import still_orphaned
from azure_service_connections.lifecycle.apply.plan_lock import PlanLock
from azure_service_connections.lifecycle.apply.plan_organizations import plan_within
from azure_service_connections.lifecycle.apply.survey import Survey, survey
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.plan.plan_reading import read_plan
from azure_service_connections.lifecycle.services import Services

_MOST_AT_A_TIME = 64


@click.command()
@click.argument("plan", type=click.Path(path_type=Path, dir_okay=False))
@plan_organization_option
@click.option("--yes", is_flag=True, help="Do not ask; for pipelines.")
@click.option(
    "--parallel",
    type=click.IntRange(1, _MOST_AT_A_TIME),
    default=AT_A_TIME,
    show_default=True,
    help="How many connections are changed at a time; writes to one identity come one after another.",
)
@click.option(
    "--keep-going/--stop",
    default=True,
    help="Whether others are begun after one has failed. Default: they are.",
)
@click.option(
    "--wait",
    "wait_minutes",
    type=click.IntRange(min=0),
    default=0,
    metavar="MINUTES",
    help="Wait so long for credentials that others place. Default: do the rest and end with exit code 3.",
)
@click.option(
    "--credentials-placed",
    is_flag=True,
    help="Take the word of identities' owners for credentials that the operator may not see.",
)
@click.option("--json", "as_json", is_flag=True, help="Write what became of each entry as JSON.")
def apply(
    plan: Path,
    organizations: tuple[str, ...],
    yes: bool,
    parallel: int,
    keep_going: bool,
    wait_minutes: int,
    credentials_placed: bool,
    as_json: bool,
) -> None:
    """Carry a plan out: place credentials, convert or move connections, prove them, retire what is old.

    A connection that is not what it was when the plan was written is left alone, with the reason. What is
    done is written to PLAN.journal.jsonl, so that a run that was killed goes on where it stopped, and so that
    `connections revert --plan PLAN` knows what to take back.

    Exit code 0: all is done; 1: something failed or was refused; 3: the rest is done, and something waits for
    a credential that somebody else places.
    """
    choices = Choices(parallel, not keep_going, wait_minutes * 60.0, credentials_placed)
    try:
        wanted = plan_within(read_plan(plan), plan, organizations, os.environ)
        with ExitStack() as open_until_end:
            open_until_end.enter_context(PlanLock(plan, "connections apply"))
            journal = open_until_end.enter_context(Journal(journal_path(plan)))
            services = open_until_end.enter_context(Services())
            with progress() as tell:
                found = survey(services, wanted, journal.lines, tell)
            if found.has_work:
                click.echo(_announcement(found), err=True)
                ask("Carry it out?", yes)
            with shown() as tell_outcome:
                execution = Execution(
                    services,
                    journal,
                    wanted,
                    choices,
                    still_orphaned=lambda removals: still_orphaned(services, wanted.organizations, removals),
                    tell=tell_outcome,
                )
                outcomes = execution.run(found)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    report(outcomes, execution.stopped, as_json)


def _announcement(found: Survey) -> str:
    """What is about to be done, in lines."""
    doing = {"convert": "convert {}", "migrate-issuer": "move {} to Entra's issuer", "revert": "revert {}"}
    counts: Counter[str] = Counter(work.entry.action for work in found.pending)
    parts = [
        words.format(counted(counts[action], "connection"))
        for action, words in doing.items()
        if counts[action]
    ]
    placing = sum(work.entry.credential == "place" for work in found.pending)
    if placing:
        parts.append(f"place {counted(placing, 'federated credential')}")
    retiring = Counter(each for work in (*found.pending, *found.to_retire) for each in work.entry.retire)
    if retiring["secrets"]:
        parts.append(f"remove all secrets of {counted(retiring['secrets'], 'application')} once proven")
    if retiring["old-credential"]:
        parts.append(f"remove {counted(retiring['old-credential'], 'old credential')} once proven")
    if found.removals:
        parts.append(f"remove {counted(len(found.removals), 'orphan')}")
    lines = [f"About to {listed(parts, 'and')}."]
    lines += [f"  remove the {KINDS[each.kind]} {each.name}: {each.reason}" for each in found.removals]
    handoffs = sum(work.entry.credential == "handoff" for work in found.pending)
    if handoffs:
        lines.append(f"{counted(handoffs, 'connection')} of these may have to wait for an identity's owner.")
    if found.refused:
        lines.append(f"{counted(len(found.refused), 'connection')} will be left alone:")
        lines += [f"  {each.project}/{each.connection}: {each.note}" for each in found.refused]
    return "\n".join(lines)
