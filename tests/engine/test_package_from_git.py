"""The component package as others get it: from the repository at a tag, and from a wheel."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine_stack import LEAKING, ROOT, Sandbox, Stack, run
from git_server import HOST, git_server

from azure_service_connections.version import VERSION
from tests.repository_copy import copy_repository

TAGGED = f"{HOST}/contoso/azure-service-connections.git/components@v{VERSION}"
PAGE = (ROOT / "docs" / "component-package.md").read_text()
SUBSCRIPTION = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit: the files as they are."""
    return copy_repository(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def from_git(
    checkout: Path, engine_path: str, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Serves the checkout at its version's tag; yields the environment of a new user."""
    folder = tmp_path_factory.mktemp("git")
    repository = folder / "served" / "contoso" / "azure-service-connections.git"
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", "The files as they are"],
        ["tag", f"v{VERSION}"],
        ["clone", "--quiet", "--bare", ".", str(repository)],
    ):
        person = ["-c", "user.name=Ada Park", "-c", "user.email=ada@contoso.example"]
        subprocess.run(["git", *person, "-c", "commit.gpgsign=false", *command], cwd=checkout, check=True)
    with git_server(folder / "served", folder / "trusted.pem") as variables:
        (folder / "home").mkdir()
        cache = run([sys.executable, "-m", "pip", "cache", "dir"], {}).stdout.strip()
        yield {
            **{key: value for key, value in os.environ.items() if not key.startswith(LEAKING)},
            **variables,
            "PATH": engine_path,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "HOME": str(folder / "home"),
            # New as well: it holds the sandbox's stand-ins and nothing else.
            "PULUMI_HOME": sandbox.environment["PULUMI_HOME"],
            # What pip has fetched before; empty on a new machine, where it takes longer.
            "PIP_CACHE_DIR": cache,
        }


@pytest.fixture(scope="module")
def installed(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; what it depends on comes from the environment of the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "from setuptools import build_meta; import sys; build_meta.build_wheel(sys.argv[1])"
    built = run([sys.executable, "-W", "ignore", "-c", build, str(folder)], {}, checkout)
    assert built.returncode == 0, built.stderr[-2000:]
    (wheel,) = folder.glob("*.whl")
    environment = folder / "installed"
    venv.create(environment, with_pip=True, symlinks=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    done = run([*pip, "--disable-pip-version-check", "--no-index", "--no-deps", str(wheel)], {})
    assert done.returncode == 0, done.stderr
    site = environment / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return environment


def test_a_program_in_yaml_adds_the_package_from_a_tag_and_comes_up(
    sandbox: Sandbox, from_git: dict[str, str], tmp_path: Path
) -> None:
    backend = tmp_path / "backend"
    backend.mkdir()
    # Once added, everything is there: what comes after knows no way to the host of the repository.
    environment = {
        **sandbox.environment,
        "HOME": from_git["HOME"],
        "PULUMI_BACKEND_URL": f"file://{backend}",
    }
    stack = yaml_stack(sandbox, tmp_path / "program", environment)
    command = f"pulumi package add https://{TAGGED}"
    assert command in PAGE
    added = run(command.split(), from_git, stack.folder)
    assert added.returncode == 0, added.stdout + added.stderr
    project = yaml.safe_load((stack.folder / "Pulumi.yaml").read_text())
    assert project["packages"] == {"azure-service-connections": TAGGED}
    prove(stack, sandbox)


def test_a_program_in_yaml_uses_the_package_that_pip_installed_from_a_wheel(
    sandbox: Sandbox, installed: Path, tmp_path: Path
) -> None:
    backend = tmp_path / "backend"
    backend.mkdir()
    environment = {**sandbox.environment, "PULUMI_BACKEND_URL": f"file://{backend}"}
    commands = installed / "bin"
    command = commands / "pulumi-resource-azure-service-connections"
    read = run(["pulumi", "package", "get-schema", str(command)], environment, tmp_path)
    assert read.returncode == 0, read.stderr
    assert json.loads(read.stdout) == json.loads((ROOT / "components" / "schema.json").read_text())
    assert "azure-service-connections: .venv/bin`" in PAGE
    assert f".venv/bin/{command.name}\n" in PAGE
    prove(yaml_stack(sandbox, tmp_path / "program", environment, str(commands)), sandbox)


def test_what_pip_installed_is_started_as_a_module_too(installed: Path, tmp_path: Path) -> None:
    command = [installed / "bin" / "python", "-m", "azure_service_connections.components"]
    command.append("127.0.0.1:1")  # where the engine would be
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as package:
        assert package.stdout is not None
        # The first line of a plugin is the port on which it listens.
        assert package.stdout.readline().strip().isdigit()
        package.kill()


def yaml_stack(
    sandbox: Sandbox, folder: Path, environment: dict[str, str], package: str | None = None
) -> Stack:
    (folder / "stacks").mkdir(parents=True)
    project_id = next(each["id"] for each in sandbox.holds("projects") if each["name"] == "Payments")
    connection = {
        "projectId": project_id,
        "appRegistration": {},
        "subscription": SUBSCRIPTION,
        "roles": {"look": {"role": "Reader"}},
    }
    token = "azure-service-connections:ServiceConnection"
    project: dict[str, Any] = {
        "name": "package",
        "runtime": "yaml",
        "stackConfigDir": "stacks",
        "resources": {"payments": {"type": token, "properties": connection}},
        "outputs": {"connections": {"payments": {"connectionId": "${payments.connectionId}"}}},
    }
    if package is not None:
        project["packages"] = {"azure-service-connections": package}
    (folder / "Pulumi.yaml").write_text(json.dumps(project, indent=2))
    return Stack(folder, environment)


def prove(stack: Stack, sandbox: Sandbox) -> None:
    """Bring it up, see in the services what it made and nothing on a second run, and take it down."""
    stack.text(yaml.safe_dump({"config": {"azure-native:subscriptionId": SUBSCRIPTION["id"]}})).init().up()
    made = stack.outputs()["payments"]["connectionId"]
    assert made in [each["id"] for each in sandbox.holds("endpoints")]
    subjects = [each["subject"] for each in sandbox.holds("federated-credentials")]
    assert any(subject.endswith(made) for subject in subjects)
    stack.up("--expect-no-changes")
    stack.destroy()
    assert made not in [each["id"] for each in sandbox.holds("endpoints")]
