"""Fixtures of whatever runs on the real engine: where it is, and a sandbox to work against."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_stack import ROOT, Sandbox, run, running_sandbox


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
