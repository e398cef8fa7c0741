"""What the verbs that read organizations have in common: options, progress, what could not be read."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection

_FEW: Final = 20
"""So many things of one kind get a line only when all of them are read."""
_STEPS: Final = 4
"""Lines of progress for one kind of thing where there is no terminal to draw a bar on."""
_SENTENCES: Final = 3
"""So many reasons why something could not be read are told; the records hold all of them."""

Tell = Callable[[str, int, int], None]


def organization_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that names organizations."""
    return _organizations(
        "An organization by its address, or by its name where it is beside AZDO_ORG_SERVICE_URL or at "
        "dev.azure.com; may be repeated. Default: AZDO_ORG_SERVICE_URL."
    )(command)


def plan_organization_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that narrows a plan to organizations."""
    return _organizations(
        "Only what the plan says of this organization; may be repeated. Default: all of the plan; one "
        "at another host than that of AZDO_ORG_SERVICE_URL or dev.azure.com has to be named."
    )(command)


def asked_organization_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that asks organizations instead of reading files."""
    return _organizations(
        "Ask this organization, by its address or its name, instead of reading journals; may be repeated."
    )(command)


def _organizations(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "-o", "--organization", "organizations", multiple=True, metavar="ORGANIZATION", help=help_text
    )


def tell_unseen(connections: Sequence[ExistingConnection]) -> None:
    """Say on standard error what could not be read of several connections: it is seldom about them alone."""
    counts = Counter(sentence for each in connections for sentence in dict.fromkeys(each.unseen))
    for sentence, count in counts.most_common(_SENTENCES):
        if count > 1:
            click.echo(f"not looked at of {count} connections: {sentence}", err=True)


class Refusals:
    """Organizations and projects that could not be read while others were."""

    def __init__(self) -> None:
        self._errors: list[str] = []

    def __call__(self, error: LifecycleError) -> None:
        """Remember one, for the end."""
        self._errors.append(str(error))

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._errors)

    def finish(self) -> None:
        """Say them on standard error and end with exit code 1, where there are any."""
        for error in dict.fromkeys(self._errors):
            click.echo(f"error: {error}", err=True)
        if self._errors:
            raise click.exceptions.Exit(1)


@contextmanager
def progress() -> Iterator[Tell]:
    """Show what is being read on standard error: a bar on a terminal, else a line now and then."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    tasks: dict[str, TaskID] = {}

    def draw(what: str, done: int, of: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(f"Reading {what}")
        bar.update(tasks[what], completed=done, total=of)

    with bar:
        yield draw


def _lines() -> Tell:
    def write(what: str, done: int, of: int) -> None:
        if done == of or (of > _FEW and done * _STEPS // of > (done - 1) * _STEPS // of):
            click.echo(f"reading {what}: {done} of {of}", err=True)

    return write
