"""The page about reviews: its commands run, its example is a review, its words are the command's."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from documentation import ROOT, blocks

from azure_service_connections.cli.main import connections
from azure_service_connections.cli.review import CHANGES
from azure_service_connections.lifecycle.review.finding import ReviewDocument, ReviewedDocument, Risk

PAGE = "docs/review.md"
TEXT = (ROOT / PAGE).read_text("utf-8")
REVIEWS = ROOT / "tests" / "lifecycle" / "reviews"
NAME = "role-raised-to-owner"
SHELL = blocks(PAGE, "sh")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an engine that writes a recorded preview of the real one, and a recorded plan."""
    engine = tmp_path / "pulumi"
    written = f"cp {REVIEWS}/{NAME}.plan.json plan.json"
    answered = f"cat {REVIEWS}/{NAME}.json"
    engine.write_text(f'#!/bin/sh\ncase "$*" in *--save-plan*) {written} ;; *) {answered} ;; esac\n')
    engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_commands_review_a_preview_from_a_file_and_from_a_pipe(folder: Path) -> None:
    page = (REVIEWS / f"{NAME}.md").read_text("utf-8")
    pipe, *plan = SHELL[1].commands
    for script in (SHELL[0].text, pipe):
        done = run(folder, script)
        assert (done.returncode, done.stdout) == (CHANGES, page)
    done = run(folder, "\n".join(plan))
    assert (done.returncode, done.stdout) == (CHANGES, (REVIEWS / f"{NAME}.plan.md").read_text("utf-8"))


def test_the_commands_that_post_say_what_they_need_outside_of_a_job(folder: Path) -> None:
    run(folder, SHELL[0].commands[0])
    for command, needed in zip(SHELL[2].commands, ("pull request", "GITHUB_TOKEN"), strict=True):
        done = run(folder, command)
        assert done.returncode == 1
        assert needed in done.stderr


def test_the_example_is_what_the_command_writes() -> None:
    (example,) = blocks(PAGE, "markdown")
    assert example.text == (REVIEWS / f"{NAME}.md").read_text("utf-8")


def test_the_words_of_the_page_are_those_of_the_command() -> None:
    helped = CliRunner().invoke(connections, ["review", "--help"]).output
    for option in ("--json", "--post", "--exit-zero"):
        assert option in helped
        assert f"`{option}`" in TEXT
    assert f"| {CHANGES} | something changes" in TEXT
    for risk in Risk:
        assert (f"| {risk.value} |" in TEXT) == (risk != Risk.NONE)
    written = {
        field.alias for model in (ReviewDocument, ReviewedDocument) for field in model.model_fields.values()
    }
    for key in ("risk", "connections", "findings", "replacement", "notKnown", "otherResources"):
        assert key in written
        assert f"`{key}`" in TEXT
