"""Where adopted connections are written: the stack's own file, or one a project where they are many."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from adopted_connections import existing

from azure_service_connections.configuration.stack_file import read
from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.stack_document import FILES_KEY, KEY
from azure_service_connections.lifecycle.adopt.written_files import MOST, FileChange, changes_for
from azure_service_connections.lifecycle.errors import LifecycleError

ENTRY: dict[str, Any] = {
    "project": "Web",
    "automatic": {},
    "subscription": {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"},
}


def candidates(count: int) -> list[Candidate]:
    entry = {**ENTRY, "description": "d" * 400}
    return [Candidate(existing(), f"shop-{number}", entry=entry) for number in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    return tmp_path


def changes(folder: Path, count: int, text: str | None = None) -> tuple[FileChange, ...]:
    return changes_for("prod", stack(folder), text, candidates(count), folder)


def stack(folder: Path) -> Path:
    return folder / "stacks" / "Pulumi.prod.yaml"


def test_a_few_go_into_the_stacks_own_file(folder: Path) -> None:
    (change,) = changes(folder, 3)
    assert change.path == stack(folder)
    assert len(yaml.safe_load(change.after)["config"][KEY]) == 3


def test_many_go_into_a_file_for_their_project_which_the_stacks_file_names(folder: Path) -> None:
    many = MOST // 400 + 1
    own, other = changes(folder, many, "config:\n  a:b: 1 # kept\n")
    assert yaml.safe_load(own.after)["config"] == {"a:b": 1, FILES_KEY: ["stacks/prod/*.yaml"]}
    assert "# kept" in own.after
    for change in (own, other):
        change.make()
    assert list(read(stack(folder))) == [f"shop-{number}" for number in range(many)]


def test_a_stack_that_has_such_files_gets_another_one_and_the_first_stays(folder: Path) -> None:
    for change in changes(folder, MOST // 400 + 1):
        change.make()
    first = next((folder / "stacks" / "prod").iterdir())
    before = first.read_text()
    more = [Candidate(existing(), "one-more", entry=ENTRY)]
    own, other = changes_for("prod", stack(folder), stack(folder).read_text(), more, folder)
    assert own.after == own.before
    assert other.path != first
    other.make()
    assert first.read_text() == before
    assert "one-more" in read(stack(folder))


def test_a_stack_that_names_other_files_is_told_to_name_these_too(folder: Path) -> None:
    text = f"config:\n  {FILES_KEY}: [teams/*.yaml]\n"
    with pytest.raises(LifecycleError, match=r"add 'stacks/prod/\*\.yaml' to"):
        changes(folder, 1, text)


def test_what_was_written_can_be_taken_back(folder: Path) -> None:
    stack(folder).write_text("config: {}\n")
    made = changes(folder, MOST // 400 + 1, "config: {}\n")
    for change in made:
        change.make()
    for change in made:
        change.undo()
    assert sorted(path.name for path in folder.rglob("*")) == ["Pulumi.prod.yaml", "stacks"]
    assert stack(folder).read_text() == "config: {}\n"
