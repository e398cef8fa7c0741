"""Fixtures of the tests of the documentation."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from documented_checkout import Checkout

from tests.repository_copy import copy_repository

LEAKING = ("PULUMI_", "AZDO_", "ARM_", "AZURE_", "SANDBOX_")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = copy_repository(tmp_path_factory.mktemp("checkout"))
    (folder / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.name != ".engine":
            (folder / ".venv" / part.name).symlink_to(part)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(LEAKING)}
    made = Checkout(folder, {**environment, "SANDBOX_PORT": "0"})
    yield made
    made.run("make --assume-old=.venv/.installed down")
