"""Fixtures of the tests of the documentation."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from documentation import ROOT
from documented_checkout import Checkout

LEAKING = ("PULUMI_", "AZDO_", "ARM_", "AZURE_", "SANDBOX_")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.name != ".engine":
            (folder / ".venv" / part.name).symlink_to(part)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(LEAKING)}
    made = Checkout(folder, {**environment, "SANDBOX_PORT": "0"})
    yield made
    made.run("make --assume-old=.venv/.installed down")
