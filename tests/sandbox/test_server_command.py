"""`connections sandbox …` as a person types it: exit codes, data on standard output, talk on the other."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from azure_service_connections.sandbox import process
from azure_service_connections.sandbox.home import Home

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """Runs `connections` in an empty folder; its sandbox is ended after the test."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SANDBOX_", "ARM_", "AZURE_", "AZDO_", "PULUMI_"))
    }

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "azure_service_connections.cli.main", *arguments],
            cwd=tmp_path,
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    yield run
    process.down(Home(tmp_path / ".sandbox"))


def test_a_sandbox_is_started_asked_and_stopped(command: Command, tmp_path: Path) -> None:
    up = command("sandbox", "up", "--port", "0", "--json")
    assert up.returncode == 0, up.stderr
    document = json.loads(up.stdout)
    assert document["home"] == str(tmp_path / ".sandbox")
    assert up.stderr == f"The sandbox has started at {document['url']} (process id {document['pid']}).\n"

    again = command("sandbox", "up")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr.startswith("The sandbox is running at")

    status = command("sandbox", "status")
    assert status.returncode == 0
    assert "1 tenants, 3 subscriptions" in status.stdout
    assert json.loads(command("sandbox", "status", "--json").stdout)["pipelines"] == 6

    reset = command("sandbox", "reset", "--json")
    assert (reset.returncode, json.loads(reset.stdout)["applications"]) == (0, 3)

    down = command("sandbox", "down")
    assert (down.returncode, down.stdout) == (0, "")
    assert down.stderr == f"The sandbox at {document['url']} has stopped.\n"
    assert command("sandbox", "down").stderr == "The sandbox is not running.\n"


def test_what_needs_a_sandbox_says_how_to_start_one(command: Command) -> None:
    for verb in (("env",), ("reset",)):
        done = command("sandbox", *verb)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("error: no sandbox runs in ")
        assert "`connections sandbox up`" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    status = command("sandbox", "status", "--json")
    assert (status.returncode, json.loads(status.stdout)["running"]) == (1, False)


def test_an_estate_of_ones_own_replaces_the_sample_and_its_mistakes_replace_nothing(
    command: Command, tmp_path: Path
) -> None:
    command("sandbox", "up", "--port", "0")
    (tmp_path / "wrong.yaml").write_text("tenants: [{nam: x}]\n")
    wrong = command("sandbox", "seed", "wrong.yaml")
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines() == [
        "error: 3 mistakes in the estate, nothing was planted:",
        "  tenants[0].name: is missing; write it",
        "  tenants[0].domain: is missing; write it",
        "  tenants[0].nam: is not a key of this place; write 'name'.",
    ]
    (tmp_path / "mine.yaml").write_text("tenants: [{name: x, domain: x.example}]\n")
    seeded = command("sandbox", "seed", "mine.yaml", "--json")
    assert (seeded.returncode, json.loads(seeded.stdout)["subscriptions"]) == (0, 0)
    env = command("sandbox", "env")
    assert env.returncode == 0
    assert "warning: The estate has no operator" in env.stderr


def test_the_variables_can_be_taken_over_by_a_shell(command: Command, tmp_path: Path) -> None:
    command("sandbox", "up", "--port", "0")
    env = command("sandbox", "env")
    assert env.returncode == 0
    script = f'{env.stdout}\nprintf \'%s|%s\' "$AZDO_ORG_SERVICE_URL" "$SSL_CERT_FILE"'
    shell = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    address, _, certificates = shell.stdout.partition("|")
    assert address == f"{json.loads(command('sandbox', 'status', '--json').stdout)['url']}/contoso"
    assert Path(certificates).is_relative_to(tmp_path / ".sandbox")
    assert json.loads(command("sandbox", "env", "--json").stdout)["AZDO_ORG_SERVICE_URL"] == address


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sandbox", "start"), "No such command 'start'"),
        (("sandbox", "up", "--port", "70000"), "'70000' is no port; write a number from 0 to 65535; see"),
        (("sandbox", "up", "--port", "abc"), "'abc' is no port; write a number from 0 to 65535; see"),
        (("verify", "-s"), "see `connections verify --help`."),
        (("sandbox", "up", "--port"), "see `connections sandbox up --help`."),
        (("sandbox", "seed"), "Missing argument 'FILE'"),
        (("sandbox", "seed", "nowhere.yaml"), "'nowhere.yaml' does not exist"),
        (("verify", "--speed"), "No such option"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(
    command: Command, arguments: tuple[str, ...], words: str
) -> None:
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert words in line
    assert line.endswith(" --help`.")


def test_a_command_without_a_verb_shows_what_there_is(command: Command) -> None:
    done = command()
    assert "verify" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "verb", [(), ("sandbox",), ("sandbox", "up"), ("sandbox", "env"), ("verify",), ("recover",)]
)
def test_every_verb_explains_itself(command: Command, verb: tuple[str, ...]) -> None:
    done = command(*verb, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: connections ")


def test_the_version_is_the_packages(command: Command) -> None:
    done = command("--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "connections,")
