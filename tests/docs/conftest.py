"""A copy of the checkout in which documented commands are run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from documentation import ROOT

LEAKING = ("PULUMI_", "AZDO_", "ARM_", "AZURE_", "SANDBOX_")


@dataclass
class Checkout:
    """A copy of the checkout with the environment of this one and a sandbox of its own."""

    folder: Path
    environment: dict[str, str]

    def run(self, script: str, given: str = "") -> str:
        """What a shell script prints; it must succeed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        return output

    def make(self, command: str) -> str:
        """Run a make command as documented; the virtual environment is the one that runs the tests."""
        return self.run(command.replace("make ", "make --assume-old=.venv/.installed ", 1))


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
