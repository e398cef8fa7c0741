"""What the verbs that read organizations have in common: options, progress, what could not be read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from azure_service_connections.lifecycle.errors import LifecycleError

_FEW: Final = 20
"""So many things of one kind get a line only when all of them are read."""
_STEPS: Final = 4
"""Lines of progress for one kind of thing where there is no terminal to draw a bar on."""

Tell = Callable[[str, int, int], None]


def organization_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that names organizations."""
    return click.option(
        "-o",
        "--organization",
        "organizations",
        multiple=True,
        metavar="ORGANIZATION",
        help="An organization by its address, or by its name at dev.azure.com; may be repeated. "
        "Default: AZDO_ORG_SERVICE_URL.",
    )(command)


class Refusals:
    """Organizations and projects that could not be read while others were."""

    def __init__(self) -> None:
        self._errors: list[str] = []

    def __call__(self, error: LifecycleError) -> None:
        """Remember one, for the end."""
        self._errors.append(str(error))

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
