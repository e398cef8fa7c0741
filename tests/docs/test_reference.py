"""The pages and the schema that are generated say what the code says."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documentation import ROOT

from azure_service_connections.catalogue.sign_in_errors import SIGN_IN_ERRORS

PAGES = ROOT / "docs" / "reference"
KEPT = (
    "components/schema.json",
    "docs/reference/components.md",
    "docs/reference/findings.md",
    "docs/reference/sign-in-errors.md",
    "docs/reference/stack-file.md",
)


def generate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reference", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    for name in KEPT:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_what_is_kept_is_up_to_date() -> None:
    checked = generate(ROOT, "--check")
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("name", KEPT)
def test_a_file_that_was_edited_by_hand_is_told_and_written_anew(copies: Path, name: str) -> None:
    before = (copies / name).read_text()
    (copies / name).write_text(before + "\nby hand\n")
    checked = generate(copies, "--check")
    assert checked.returncode == 1
    assert checked.stderr == f"{name}: is not up to date; run python -m reference\n"
    assert generate(copies).returncode == 0
    assert (copies / name).read_text() == before


def test_an_unknown_option_is_wrong_usage(copies: Path) -> None:
    assert generate(copies, "--chek").returncode == 2


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_every_link_inside_of_a_page_leads_to_a_heading(page: Path) -> None:
    text = page.read_text()
    headings = {heading.lower() for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    wanted = {anchor.replace("-", " ") for anchor in re.findall(r"\]\(#([^)]+)\)", text)}
    assert wanted <= headings


def test_everything_in_the_schema_of_the_package_is_described() -> None:
    schema = json.loads((ROOT / "components" / "schema.json").read_text())
    without = [
        f"{token}.{name}"
        for kind in ("resources", "types")
        for token, each in schema[kind].items()
        for part in ("properties", "inputProperties")
        for name, described in each.get(part, {}).items()
        if not described.get("description")
    ]
    assert without == []


def test_every_code_of_the_catalogue_is_on_the_page() -> None:
    text = (PAGES / "sign-in-errors.md").read_text()
    listed = {int(code) for code in re.findall(r"^\| AADSTS(\d+) \|", text, re.MULTILINE)}
    assert listed == set(SIGN_IN_ERRORS)
