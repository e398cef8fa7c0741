"""Fixtures of the tests on the real engine."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from engine_fixtures import engine_path, sandbox
from engine_stack import PYTHON, ROOT, Sandbox, Stack, make_project

__all__ = ["engine_path", "sandbox"]


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
