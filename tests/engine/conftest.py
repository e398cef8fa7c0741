"""Fixtures of the tests on the real engine."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine_stack import PYTHON, ROOT, Sandbox, Stack, make_project, run, running_sandbox


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
    """Makes a stack of the program; each has a backend of its own and is left to the test to destroy."""

    def make(name: str = "test") -> Stack:
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
        program = (ROOT / "__main__.py").read_text()
        return make_project(
            sandbox, tmp_path_factory.mktemp(name), name, {**project, "runtime": PYTHON}, program
        )

    return make


@pytest.fixture(scope="module")
def make_program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Stack]:
    """Makes a stack of somebody's own program in Python, with its configuration."""

    def make(name: str, program: str, config: dict[str, Any] | None = None) -> Stack:
        project = {"name": name, "runtime": PYTHON}
        stack = make_project(sandbox, tmp_path_factory.mktemp(name), name, project, program)
        return stack.text(yaml.safe_dump({"config": config or {}}))

    return make
