"""Nothing that the engine has started outlives it, however it ends."""

import os
import signal
import subprocess

import pytest

#: A program that starts a process of its own, says so, and waits for ever.
WAITING = """
import subprocess, threading
from pathlib import Path

child = subprocess.Popen(["sleep", "613"])
Path("started").touch()
threading.Event().wait()
"""


class Running:
    """A `pulumi` command in the background, and all that it has started."""

    def __init__(self, project, family, soon, *arguments):
        self._soon = soon
        self.process = subprocess.Popen(
            project.command(*arguments),
            cwd=project.folder,
            env=project.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.family = family(self.process.pid)
        assert soon((project.folder / "started").exists, 30), self.process.communicate()

    def running(self, *names):
        """Whether each of these is among the commands running."""
        members = self.family.members()
        return all(any(name in command for command in members) for name in names)

    def nothing_left(self):
        return self._soon(lambda: not self.family.members())

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def start(family, soon):
    running = []

    def begin(project, *arguments):
        running.append(Running(project, family, soon, *arguments))
        return running[-1]

    yield begin
    for one in running:
        one.close()


@pytest.fixture
def waiting(project):
    return project("waiting", Pulumi_yaml="name: waiting\nruntime: python\n", __main___py=WAITING).stack()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_up_ends_at_once_and_leaves_nothing(waiting, start, number):
    up = start(waiting, "up", "--yes", "--skip-preview")
    assert up.running("pulumi-language-python", "pulumi-language-python-exec", "sleep 613")
    up.process.send_signal(number)
    output, _ = up.process.communicate(timeout=4)
    assert up.process.returncode != 0
    assert up.nothing_left()
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output


def test_a_killed_engine_leaves_no_language_host_and_no_program(waiting, start):
    up = start(waiting, "up", "--yes", "--skip-preview")
    assert up.running("pulumi-language-python", "sleep 613")
    up.process.kill()
    assert up.nothing_left()


def test_a_killed_language_host_takes_its_program_along(waiting, start, soon, processes):
    up = start(waiting, "up", "--yes", "--skip-preview")
    assert up.running("pulumi-language-python-exec")
    [host] = [
        identity
        for identity, (parent, command) in processes().items()
        if parent == up.process.pid and "pulumi-language-python" in command
    ]
    [program] = [identity for identity, (parent, _) in processes().items() if parent == host]
    os.kill(host, signal.SIGKILL)
    assert soon(lambda: program not in processes())
    os.killpg(program, signal.SIGKILL)  # what the program had started; nobody is left to end it
    assert up.process.wait(15) != 0


def test_a_killed_engine_leaves_no_component_package(project, start):
    package = project("package", PulumiPlugin_yaml="runtime: python\n", __main___py=WAITING)
    schema = start(package, "package", "get-schema", ".")
    assert schema.running("pulumi-language-python", "sleep 613")
    schema.process.kill()
    assert schema.nothing_left()


def test_a_killed_engine_leaves_no_azuredevops_plugin(organization, start):
    program = f"import pulumi_azuredevops as azuredevops\nazuredevops.get_project(name='Payments')\n{WAITING}"
    up = start(
        organization(Pulumi_yaml="name: plugin\nruntime: python\n", __main___py=program),
        "up",
        "--yes",
        "--skip-preview",
    )
    assert up.running("pulumi-resource-azuredevops")
    up.process.kill()
    assert up.nothing_left()
