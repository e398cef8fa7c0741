"""`connections verify`: proves that pipelines can use the connections of a stack."""

import json
import os
import re
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from azure_service_connections.lifecycle.engine import Engine
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.stack_output import (
    Connection,
    connections_of_file,
    connections_of_stack,
)
from azure_service_connections.lifecycle.verification import NOT_TRIED, Proof, Verification

_PLAIN_WIDTH = 120
_HEADING = "Connection"
_WIDTH_OF_STATES = 53
"""The columns that hold one word each, and the gaps between all columns."""
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MEANINGS = {"done": "yes", "refused": "refused", "failed": "failed", NOT_TRIED: "-"}


@click.command()
@click.option("-s", "--stack", help="The stack. Default: the one that is selected.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the stack's outputs from a file written by `pulumi stack output --json`.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the rows as JSON.")
def verify(stack: str | None, path: Path | None, as_json: bool) -> None:
    """Prove that pipelines can use the connections of a stack.

    For each connection a run of an allowed pipeline is started. In its job, a token is got and something is
    read and, where a role allows it, written and removed again. Another pipeline and a read outside of the
    scope have to be refused.

    Exit code 0: every connection is in order; 1: one is not, or nothing could be proven.
    """
    try:
        connections, environment = _connections(stack, path)
        talk = Console(stderr=True)
        bar = _bar(talk) if talk.is_terminal else None
        with Services(environment) as services, bar or nullcontext():
            verification = Verification(services)
            task = bar.add_task("Proving", total=len(connections)) if bar else None

            def tell(proof: Proof, done: int, of: int) -> None:
                if bar is not None and task is not None:
                    bar.update(task, completed=done, description=f"Proved {proof.key}")
                else:
                    state = "in order" if proof.ok else "not in order"
                    click.echo(f"[{done}/{of}] {proof.key}: {state}", err=True)

            proofs = verification.prove_all(connections, tell)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([proof.document() for proof in proofs], indent=2, ensure_ascii=False))
    else:
        _print(proofs)
    wrong = [proof for proof in proofs if not proof.ok]
    for proof in wrong:
        click.echo(f"error: connection '{proof.key}': {proof.problem}; {proof.fix}.", err=True)
    if wrong:
        raise click.exceptions.Exit(1)


def _connections(stack: str | None, path: Path | None) -> tuple[list[Connection], Mapping[str, str]]:
    """The connections, and the environment with what the stack says of the access to Azure DevOps."""
    if path:
        return connections_of_file(path), os.environ
    engine = Engine(stack)
    assert engine.project_file
    connections = connections_of_stack(engine)
    token = engine.setting("azuredevops:personalAccessToken")
    return connections, {**os.environ, "AZDO_PERSONAL_ACCESS_TOKEN": token} if token else os.environ


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def _print(proofs: list[Proof]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PLAIN_WIDTH)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    left = console.width - _WIDTH_OF_STATES
    identities = [_WORDS.sub(" ", proof.identity).lower() for proof in proofs]
    words = (_HEADING, *identities, *(proof.key for proof in proofs))
    longest = min(max(len(word) for word in words), left // 2)
    table.add_column(_HEADING, overflow="fold", width=longest)
    table.add_column("Scope", overflow="fold", width=(left - longest) // 2)
    table.add_column("Pipeline", overflow="fold", width=(left - longest) // 2)
    for name in ("Token", "Read", "Write", "Outside", "Others", ""):
        table.add_column(name, no_wrap=True)
    for proof, identity in zip(proofs, identities, strict=True):
        table.add_row(
            Text.assemble(proof.key, "\n", (identity, "dim")),
            Text("\n".join(proof.place) or proof.scope),
            proof.pipeline or "-",
            *(
                _MEANINGS[state]
                for state in (proof.token, proof.read, proof.write, proof.outside, proof.otherPipeline)
            ),
            Text("ok", "green") if proof.ok else Text("wrong", "bold red"),
        )
    console.print(table)
