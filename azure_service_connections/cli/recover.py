"""`connections recover`: brings a stack back into order after an interrupted `pulumi up`."""

import json
import os

import click

from azure_service_connections.lifecycle.engine import Engine
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.recovery import Recovery, Report

_FINDINGS = 3


@click.command()
@click.option("-s", "--stack", help="The stack. Default: the one that is selected.")
@click.option("--scan", is_flag=True, help="Look for lost objects even where the last update succeeded.")
@click.option("--json", "as_json", is_flag=True, help="Write what was done as JSON.")
def recover(stack: str | None, scan: bool, as_json: bool) -> None:
    """Bring a stack back into order after an interrupted `pulumi up`.

    Waits for what the interrupted run still does, takes its lock off, looks every object up that it may have
    made, and imports those that exist. The next `pulumi up` then goes on where the run stopped. Where nothing
    was interrupted, nothing is done.

    After an update that failed, a preview tells what it may have made without seeing that, and after a failed
    destruction the services tell what is gone.

    Exit code 0: in order; 1: it cannot be done now; 3: in order, but you have to look after something.
    """
    try:
        report = Recovery(Engine(stack), os.environ, lambda line: click.echo(line, err=True), scan=scan).run()
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(_document(report), indent=2, ensure_ascii=False))
    else:
        _print(report)
    if report.unclear:
        raise click.exceptions.Exit(_FINDINGS)


def _document(report: Report) -> dict[str, object]:
    return {
        "stack": report.stack,
        "lock": report.lock,
        "mended": report.mended,
        "operations": [each.document() for each in report.outcomes],
    }


def _print(report: Report) -> None:
    if report.idle:
        click.echo(f"Nothing to recover: {report.note}" if report.note else "Nothing to recover.")
        return
    if report.lock:
        click.echo(f"released the lock of {report.lock}")
    if report.mended:
        click.echo("repaired a file of the state that was cut off while it was written")
    for each in report.outcomes:
        click.echo(str(each))
