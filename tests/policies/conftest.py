"""Fixtures of the tests of the policies: rules by themselves, and the pack in the real engine."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
from engine_stack import PYTHON, ROOT, Sandbox, Stack, make_project, run, running_sandbox

PROGRAMS = Path(__file__).parent / "programs"
SUBSCRIPTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"


@pytest.fixture(scope="session")
def engine_path() -> str:
    """PATH with the engine and the commands of this environment first."""
    done = run([sys.executable, str(ROOT / "toolchain" / "engine.py")], dict(os.environ))
    assert done.returncode == 0, done.stderr
    folders = [done.stdout.strip(), str(Path(sys.executable).parent), os.environ["PATH"]]
    return os.pathsep.join(folder for folder in folders if folder)


@pytest.fixture(scope="module")
def sandbox(engine_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox for the tests of one module."""
    with running_sandbox(engine_path, tmp_path_factory.mktemp("sandbox") / "home") as started:
        yield started


@pytest.fixture(scope="module")
def make_stack(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Stack]:
    """Makes a stack of a program in this folder, or of the repository's own; the policies lie beside it."""

    def make(program: str | None, config: dict[str, Any] | None = None) -> Stack:
        name = "sandbox" if program is None else Path(program).stem
        folder = tmp_path_factory.mktemp(name)
        if program is None:
            project = {**yaml.safe_load((ROOT / "Pulumi.yaml").read_text()), "runtime": PYTHON}
            stack = make_project(sandbox, folder, name, project, (ROOT / "__main__.py").read_text())
            stack.text((ROOT / "stacks" / "Pulumi.sandbox.yaml").read_text())
        else:
            project = {"name": name, "runtime": PYTHON}
            stack = make_project(sandbox, folder, name, project, (PROGRAMS / program).read_text())
            settings = {"azure-native:subscriptionId": SUBSCRIPTION, **(config or {})}
            stack.text(yaml.safe_dump({"config": settings}))
            (folder / "sound_connections.py").write_text((PROGRAMS / "sound_connections.py").read_text())
        (folder / "policies").symlink_to(ROOT / "policies")
        return stack.init()

    return make
