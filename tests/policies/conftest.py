"""Fixtures of the tests of the policies: rules by themselves, and the pack in the real engine."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
from engine_fixtures import engine_path, sandbox
from engine_stack import PYTHON, ROOT, Sandbox, Stack, make_project

PROGRAMS = Path(__file__).parent / "programs"
SUBSCRIPTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"


__all__ = ["engine_path", "sandbox"]


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
