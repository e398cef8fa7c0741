"""How `apply` and `revert` ask, show what they do, and tell what became of it."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.cli.data_console import data_console
from azure_service_connections.lifecycle.apply.entry_pool import Tell
from azure_service_connections.lifecycle.apply.outcome import BAD, Outcome
from azure_service_connections.lifecycle.apply.reversion import days_left
from azure_service_connections.lifecycle.organizations import organization_name

PENDING: Final = 3
"""The exit code where something waits for somebody."""

_WORDS: Final = {
    "done": ("done", "green"),
    "kept": ("kept", "dim"),
    "waiting": ("waiting", "yellow"),
    "refused": ("refused", "bold red"),
    "failed": ("failed", "bold red"),
    "rolledBack": ("rolled back", "bold red"),
    "notStarted": ("not begun", "yellow"),
}


def ask(question: str, yes: bool) -> None:
    """Ask once before anything is changed; `yes` answers for a run that nobody watches.

    Without a terminal and without `yes` that is wrong usage: nobody could answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on; give --yes where nobody is to be asked")
    if not click.confirm(question, err=True):
        raise click.ClickException("Nothing was changed, as the answer was no.")


@contextmanager
def shown() -> Iterator[Tell]:
    """Show the outcomes as they come, on standard error: a bar on a terminal, else a line each."""
    console = Console(stderr=True)
    if not console.is_terminal:

        def write(outcome: Outcome, done: int, of: int) -> None:
            word, _ = _WORDS[outcome.state]
            click.echo(
                f"[{done}/{of}] {outcome.project}/{outcome.connection}: {word}; {outcome.note}", err=True
            )

        yield write
        return
    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("Carrying out")

        def draw(outcome: Outcome, done: int, of: int) -> None:
            word, _ = _WORDS[outcome.state]
            bar.update(task, completed=done, total=of, description=f"{outcome.connection}: {word}")

        yield draw


def report(outcomes: Sequence[Outcome], stopped: str, as_json: bool) -> None:
    """Write the outcomes and end with their exit code: 0 all is well, 1 something is not, 3 waiting."""
    if as_json:
        click.echo(json.dumps([each.as_json() for each in outcomes], indent=2, ensure_ascii=False))
    elif outcomes:
        _print(outcomes)
    click.echo(summary(outcomes), err=True)
    bad = [each for each in outcomes if each.state in BAD]
    for each in bad:
        if each.state != "notStarted" and each.note.rstrip(".") != stopped.rstrip("."):
            click.echo(f"error: {'/'.join([*_place(each), each.connection])}: {each.note}.", err=True)
    if stopped:
        click.echo(f"error: {stopped}", err=True)
    if bad or stopped:
        raise click.exceptions.Exit(1)
    if any(each.state == "waiting" for each in outcomes):
        raise click.exceptions.Exit(PENDING)


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many there are of each state, on a line."""
    if not outcomes:
        return "nothing to do"
    counts: Counter[str] = Counter(each.state for each in outcomes)
    parts = [f"{counts[state]} {word}" for state, (word, _) in _WORDS.items() if counts[state]]
    return f"{counted(len(outcomes), 'entry', 'entries')}: {', '.join(parts)}"


def _print(outcomes: Sequence[Outcome]) -> None:
    console = data_console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Connection", overflow="fold", ratio=30)
    table.add_column("Action", no_wrap=True, width=14)
    table.add_column("State", no_wrap=True, width=11)
    table.add_column("Revert", overflow="fold", width=9)
    table.add_column("", overflow="fold", ratio=55)
    now = datetime.now(UTC)
    for each in outcomes:
        word, style = _WORDS[each.state]
        left = days_left(each.revert_deadline, now) if each.revert_deadline else "-"
        table.add_row(
            _two(each.connection, "/".join(_place(each))), each.action, Text(word, style), left, each.note
        )
    console.print(table)


def _place(outcome: Outcome) -> list[str]:
    """Organization and project, as far as there are any: what was removed may have neither."""
    return [part for part in (organization_name(outcome.organization), outcome.project) if part]


def _two(first: str, second: str) -> Text:
    return Text.assemble(first, "\n", (second, "dim")) if second else Text(first)
