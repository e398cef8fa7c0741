"""`connections sandbox …`: the local cloud, started and asked."""

import json
import os
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from azure_service_connections.sandbox import environment, process
from azure_service_connections.sandbox.home import Home, Running
from azure_service_connections.sandbox.process import SandboxError

_HIGHEST_PORT = 65535
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Write the answer as JSON.")


class Port(click.IntRange):
    """The number of a port."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number that was written."""
        text = str(value)
        if not (text.isascii() and text.isdigit() and int(text) <= _HIGHEST_PORT):
            self.fail(f"{text!r} is no port; write a number from 0 to {_HIGHEST_PORT}", param, ctx)
        return int(text)


class SandboxGroup(click.Group):
    """Turns what keeps a sandbox from working into one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except SandboxError as error:
            refuse(error)


def refuse(error: SandboxError) -> NoReturn:
    """End with a sentence and exit code 1."""
    raise click.ClickException(f"{str(error).rstrip('.')}.") from None


@click.group(cls=SandboxGroup)
def sandbox() -> None:
    """A local cloud: Entra, Azure and Azure DevOps over https on 127.0.0.1.

    Its state lies in .sandbox in the working directory, or in the folder that SANDBOX_HOME names.
    """


@sandbox.command(
    epilog="Example: connections sandbox up --port 0 --estate estate.yaml",
)
@click.option(
    "--port",
    type=Port(0, _HIGHEST_PORT),
    help="Where to listen; 0 takes any free port. Default: as before, else SANDBOX_PORT, else 18443.",
)
@click.option(
    "--estate",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, resolve_path=True),
    help="What a new sandbox holds. Default: the sample estate.",
)
@click.option("--fresh", is_flag=True, help="Forget what the sandbox holds and start with its estate.")
@AS_JSON
def up(port: int | None, estate: Path | None, fresh: bool, as_json: bool) -> None:
    """Start the sandbox in the background; one that runs already stays."""
    home = Home.chosen()
    talk = Console(stderr=True)
    if talk.is_terminal:
        with talk.status("Starting the sandbox"):
            started = process.up(home, port=port, estate=estate, fresh=fresh)
    else:
        started = process.up(home, port=port, estate=estate, fresh=fresh)
    running = started.running
    state = "is running" if started.already else "has started"
    click.echo(f"The sandbox {state} at {running.url} (process id {running.pid}).", err=True)
    if as_json:
        click.echo(json.dumps(_document(home, running), indent=2))


@sandbox.command()
def down() -> None:
    """Stop the sandbox; its state stays."""
    ended = process.down(Home.chosen())
    if ended is None:
        click.echo("The sandbox is not running.", err=True)
    else:
        click.echo(f"The sandbox at {ended.url} has stopped.", err=True)


@sandbox.command()
@AS_JSON
def status(as_json: bool) -> None:
    """Show whether the sandbox runs, where, and what it holds.

    Exit code 0: it runs; 1: it does not.
    """
    home = Home.chosen()
    running = home.running()
    document = {"running": False, "home": str(home.path)}
    if running is not None:
        document |= _document(home, running) | process.ask(home, running, "GET", "health")
    if as_json:
        click.echo(json.dumps(document, indent=2))
    elif running is None:
        click.echo(f"No sandbox runs in {home.path}; start one with `connections sandbox up`.")
    else:
        held = ", ".join(
            f"{document[name]} {name}"
            for name in ("tenants", "subscriptions", "applications", "organizations", "projects", "pipelines")
        )
        click.echo(f"Running at {running.url} (process id {running.pid}, version {running.version}).")
        click.echo(f"State in {home.path}: {held}.")
    if running is None:
        raise click.exceptions.Exit(1)


@sandbox.command()
@AS_JSON
def reset(as_json: bool) -> None:
    """Forget everything that happened since the estate was planted.

    Stacks that were brought up before are not reset with it; destroy them first, or refresh them afterwards.
    """
    home = Home.chosen()
    held = process.ask(home, process.required(home), "POST", "reset")
    click.echo("The sandbox holds its estate as on the first day.", err=True)
    if as_json:
        click.echo(json.dumps(held, indent=2))


@sandbox.command(epilog="Example: connections sandbox seed estate.yaml")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@AS_JSON
def seed(file: Path, as_json: bool) -> None:
    """Replace everything in the sandbox by the estate in FILE (YAML).

    All mistakes in the file are reported at once, and then nothing is replaced.
    """
    home = Home.chosen()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.ClickException(
            f"{file} cannot be read ({error.strerror}); name a file that can."
        ) from None
    held = process.ask(home, process.required(home), "POST", "seed", content)
    click.echo(f"The sandbox holds the estate of {file}.", err=True)
    if as_json:
        click.echo(json.dumps(held, indent=2))


@sandbox.command(epilog='Example: eval "$(connections sandbox env)"')
@AS_JSON
def env(as_json: bool) -> None:
    """Print the variables with which clients find the sandbox, for a POSIX shell.

    With SANDBOX_PROVIDERS=real, plugins that Pulumi has installed are used in place of the stand-ins.
    """
    home = Home.chosen()
    running = process.required(home)
    operator = process.ask(home, running, "GET", "operator")
    found = environment.variables(home, running, operator, os.environ)
    for note in found.notes:
        click.echo(f"warning: {note}", err=True)
    click.echo(json.dumps(found.values, indent=2) if as_json else found.exports(), nl=as_json)


def _document(home: Home, running: Running) -> dict[str, Any]:
    return {
        "running": True,
        "home": str(home.path),
        "url": running.url,
        "port": running.port,
        "pid": running.pid,
        "version": running.version,
    }
