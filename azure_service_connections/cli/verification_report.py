"""How `connections verify` shows what it proved and found."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import click
from rich import box
from rich.table import Table
from rich.text import Text

from azure_service_connections.catalogue.wording import counted
from azure_service_connections.cli.data_console import data_console
from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.diagnosing import Diagnosis
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.stack_checkup import Checkup
from azure_service_connections.lifecycle.verification import HELD, NOT_TRIED, TRIED

FOUND: Final = 3
"""The exit code where something was found."""

_UNREAD: Final = "could not be read"
"""What the sentence about something says that the operator was refused."""
_NAMED: Final = 3
_HEADING: Final = "Connection"
_WIDTH_OF_STATES: Final = 53
"""The columns that hold one word each, and the gaps between all columns."""
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MEANINGS: Final = {
    "done": "yes",
    "refused": "refused",
    "failed": "failed",
    NOT_TRIED: "-",
    TRIED: "tried",
    HELD: "held",
}


def print_checkups(rows: Sequence[Checkup]) -> None:
    """A table of the proofs."""
    console = data_console()
    table = _table()
    proofs = [each.proof for each in rows]
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


def print_diagnoses(rows: Sequence[Diagnosis]) -> None:
    """A table of connections that no stack is asked about."""
    console = data_console()
    table = _table()
    table.add_column(_HEADING, overflow="fold", ratio=4)
    table.add_column("Identity", overflow="fold", ratio=3)
    table.add_column("Scope", overflow="fold", ratio=3)
    table.add_column("Sign-in", no_wrap=True)
    table.add_column("", no_wrap=True)
    for each in rows:
        live = each.case.live
        table.add_row(
            Text(each.case.name),
            live.identity.name or live.client_id or "-",
            live.resource_group or live.workspace or live.subscription_name or live.scope.rpartition("/")[2],
            sign_in(each),
            Text(f"{len(each.findings)} found", "bold red") if each.findings else Text("ok", "green"),
        )
    console.print(table)


def sign_in(diagnosis: Diagnosis) -> str:
    """Whether Azure DevOps signed in with a connection, in a word."""
    if not diagnosis.attempt.status:
        return "-"
    return "yes" if diagnosis.attempt.signs_in else "refused"


def print_findings(found: Sequence[Finding]) -> None:
    """Each finding on lines of its own, once for all connections that it is about.

    A command is never broken, so that it can be copied.
    """
    same: dict[tuple[str, str], list[Finding]] = {}
    for each in found:
        same.setdefault((each.what, each.fix), []).append(each)
    for each, *others in same.values():
        code = f" ({each.code})" if each.code else ""
        names = ", ".join(dict.fromkeys([each.connection, *(other.connection for other in others)]))
        click.echo(f"{names}: {each.kind}{code}")
        click.echo(f"  {each.what[:1].upper()}{each.what[1:]}.")
        click.echo(f"  To do: {each.fix}.")


def finish(found: Sequence[Finding], connections: int, unseen: Sequence[str] = ()) -> None:
    """Say on standard error how much was found, and what could not be looked at.

    Ends with exit code 3 where something was found, and with 1 where nothing was and something that is
    needed could not be read.
    """
    for each in dict.fromkeys(unseen):
        click.echo(f"not looked at: {each}", err=True)
    many = counted(len(found), "finding") if found else "no findings"
    click.echo(f"{many} in {counted(connections, 'connection')}", err=True)
    if found:
        raise click.exceptions.Exit(FOUND)
    if any(_UNREAD in each for each in unseen):
        raise click.exceptions.Exit(1)


def not_seen(cases: Iterable[Case]) -> list[str]:
    """What could not be looked at of connections, with their names, or some of many."""
    same: dict[str, list[str]] = {}
    for case in cases:
        for sentence in case.live.unseen:
            same.setdefault(sentence.rstrip("."), []).append(case.name)
    return [f"{_some(list(dict.fromkeys(names)))}: {sentence}" for sentence, names in same.items()]


def _some(names: Sequence[str]) -> str:
    if len(names) <= _NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
