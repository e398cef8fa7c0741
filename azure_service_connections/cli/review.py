"""`connections review`: says in a few lines what a preview changes in who can do what."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.review.finding import Risk
from azure_service_connections.lifecycle.review.markdown import (
    document_of,
    markdown_of,
    markdown_of_failure,
)
from azure_service_connections.lifecycle.review.preview import Preview
from azure_service_connections.lifecycle.review.preview_reading import read_preview
from azure_service_connections.lifecycle.review.reviewing import review_of

CHANGES: Final = 3
"""The exit code where something changes."""
_AZURE_DEVOPS: Final = "azure-devops"
_GITHUB: Final = "github"
_STANDARD_INPUT: Final = Path("-")


@click.command()
@click.argument("preview", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@click.option("--json", "as_json", is_flag=True, help="Write the findings as JSON.")
@click.option(
    "--post",
    "forge",
    type=click.Choice([_AZURE_DEVOPS, _GITHUB]),
    help="Write it into one comment of the pull request for which the job runs.",
)
@click.option("--exit-zero", is_flag=True, help="End with 0 where something changes, too.")
def review(preview: Path, as_json: bool, forge: str | None, exit_zero: bool) -> None:
    """Say what a preview changes in who can do what, as Markdown.

    PREVIEW is what `pulumi preview --json` or `pulumi preview --save-plan` wrote. Default: standard input.

    Exit code 0: nothing changes about any connection; 1: the preview failed; 3: something changes.
    """
    try:
        read = read_preview(_text(preview), _where(preview))
        try:
            reviewed = review_of(read)
        except LifecycleError as error:
            if forge is not None:
                failure = markdown_of_failure(read.stack, str(error))
                _post(forge, read, lambda room: failure[:room], urgent=True)
            raise
        if as_json:
            click.echo(json.dumps(document_of(reviewed).as_json(), indent=2, ensure_ascii=False))
        else:
            click.echo(markdown_of(reviewed), nl=False)
        if forge is not None:
            urgent = any(each.risk == Risk.HIGH for each in reviewed.reviewed)
            _post(forge, read, lambda room: markdown_of(reviewed, room), urgent)
    except LifecycleError as error:
        raise click.ClickException(str(error)) from error
    if reviewed.refused:
        raise click.ClickException(
            f"the engine refuses this preview, as {reviewed.refused}; the review says which and the safe way."
        )
    if reviewed.reviewed and not exit_zero:
        raise click.exceptions.Exit(CHANGES)


def _where(path: Path) -> str:
    return "Standard input" if path == _STANDARD_INPUT else str(path)


def _text(path: Path) -> str:
    if path == _STANDARD_INPUT:
        if sys.stdin.isatty():
            raise click.UsageError(
                "name a file, or pipe what `pulumi preview --json` writes into the command"
            )
        content = sys.stdin.buffer.read()
    else:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LifecycleError(
                f"{path} cannot be read ({error.strerror}); name a file that can."
            ) from error
    # Shells of Windows write their own encodings.
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise LifecycleError(f"{_where(path)} is no text in UTF-8; write it as UTF-8.") from error


def _post(name: str, read: Preview, write: Callable[[int], str], urgent: bool) -> None:
    # Most reviews are posted nowhere, and HTTP takes longer to load than a preview to review.
    from azure_service_connections.lifecycle.http_client import HttpClient
    from azure_service_connections.lifecycle.review import azure_devops_pull_request, github_pull_request
    from azure_service_connections.lifecycle.review.comment import Forge, mark_of, post

    http = HttpClient()
    try:
        forge: Forge = (
            github_pull_request.GitHubPullRequest(os.environ, http)
            if name == _GITHUB
            else azure_devops_pull_request.AzureDevOpsPullRequest(os.environ, http)
        )
        click.echo(post(forge, write, mark_of(read.project, read.stack), urgent), err=True)
    finally:
        http.close()
