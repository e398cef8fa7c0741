"""Connections are added to a stack's file, and everything else in it stays as it stands."""

from typing import Any

import pytest
import yaml
from adopted_connections import WEB, candidate, existing
from hypothesis import given
from hypothesis import strategies as st
from planned_connections import guid

from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.stack_document import (
    KEY,
    entry_text,
    existing_keys,
    with_connections,
)
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import Pipeline, Project

PLATFORM = Project(id=guid("Platform"), name="Platform", connection_name="shop")


def new(key: str = "new", **entry: Any) -> Candidate:
    return Candidate(existing(), key, entry=entry or {"project": "Web", "automatic": {}})


def written(text: str, *candidates: Candidate) -> str:
    return with_connections(text, candidates or (new(),), "stacks/Pulumi.prod.yaml")


ADDED = "    new:\n      project: Web\n      automatic: {}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"config:\n  {KEY}:\n{ADDED}"),
        ("# note\n", f"# note\nconfig:\n  {KEY}:\n{ADDED}"),
        ("encryptionsalt: v1:x\n", f"encryptionsalt: v1:x\nconfig:\n  {KEY}:\n{ADDED}"),
        ("encryptionsalt: v1:x", f"encryptionsalt: v1:x\nconfig:\n  {KEY}:\n{ADDED}"),
        ("config:\n", f"config:\n  {KEY}:\n{ADDED}"),
        ("config: {}  # none yet\nx: 1\n", f"config:  # none yet\n  {KEY}:\n{ADDED}x: 1\n"),
        (
            "config:\n  a:b: 1 # one\n# end\nsecretsprovider: x\n",
            f"config:\n  a:b: 1 # one\n  {KEY}:\n{ADDED}# end\nsecretsprovider: x\n",
        ),
        (
            f"config:\n  {KEY}: {{}}\n  a:b: 1\n",
            f"config:\n  {KEY}:\n{ADDED}  a:b: 1\n",
        ),
        (
            f"config:\n  {KEY}:\n    # first\n    old:\n      project: Web # here\n\n  # after\n  a:b: 1\n",
            f"config:\n  {KEY}:\n    # first\n    old:\n      project: Web # here\n{ADDED}\n"
            "  # after\n  a:b: 1\n",
        ),
        (
            f"config:\n  {KEY}:\n      old: {{project: Web,\n        automatic: {{}}}}\n",
            f"config:\n  {KEY}:\n      old: {{project: Web,\n        automatic: {{}}}}\n"
            "      new:\n        project: Web\n        automatic: {}\n",
        ),
        (
            f"config:\n  {KEY}:\n    old:\n      description: |\n        one\n        two\n  a:b: 1\n",
            f"config:\n  {KEY}:\n    old:\n      description: |\n        one\n        two\n{ADDED}  a:b: 1\n",
        ),
        (
            f"config:\n  {KEY}: {{old: {{project: Web}}}} # short\n",
            f'config:\n  {KEY}: {{old: {{project: Web}}, "new": {{"project": "Web", "automatic": {{}}}}}}'
            " # short\n",
        ),
    ],
)
def test_connections_come_behind_those_that_are_there(before: str, after: str) -> None:
    assert written(before) == after


def test_the_names_of_pipelines_stand_behind_their_numbers() -> None:
    pipelines = (
        Pipeline(id=7, name="deploy: prod", project_id=WEB.id, project="Web"),
        Pipeline(id=8, name="", project_id=WEB.id, project="Web"),
        Pipeline(id=9, name="network", project_id=PLATFORM.id, project="Platform"),
    )
    text = entry_text(candidate(existing(projects=(WEB, PLATFORM), pipelines=pipelines)))
    assert text[text.index("  pipelines:") :] == (
        "  pipelines:\n    - 7  # deploy: prod\n    - 8\n    - project: Platform\n      id: 9  # network\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "is not YAML"),
        ("- a\n", "holds no map"),
        ("config: here\n", "holds no map `config`"),
        (f"config:\n  {KEY}: text\n", f"holds no map `{KEY}`"),
    ],
)
def test_what_is_no_stack_file_is_said(text: str, words: str) -> None:
    with pytest.raises(LifecycleError, match=words):
        written(text)


def test_the_keys_that_are_there_are_known() -> None:
    assert existing_keys(f"config:\n  {KEY}:\n    b: {{}}\n    'a 1': {{}}\n", "x") == ("b", "a 1")
    assert existing_keys("", "x") == ()
    assert existing_keys("config:\n  a: 1\n", "x") == ()


SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12),
    st.integers(),
    st.booleans(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc-:", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)
CONFIG = st.dictionaries(st.sampled_from(["a:b", "c:d", "e:f"]), VALUES, max_size=3)
KEPT = st.dictionaries(
    st.sampled_from(["one", "two", "three four"]),
    st.dictionaries(st.sampled_from(["project", "description"]), SCALARS, min_size=1),
    max_size=3,
)


@given(CONFIG, KEPT, st.booleans(), st.sampled_from([2, 4]))
def test_any_file_keeps_all_that_it_said(
    config: dict[str, Any], kept: dict[str, Any], salted: bool, indent: int
) -> None:
    document: dict[str, Any] = {"config": {**config, KEY: kept}}
    if salted:
        document["encryptionsalt"] = "v1:x"
    before = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, indent=indent)
    commented = "\n".join(f"{line}" for line in before.splitlines()) + "\n# the end\n"
    after = written(commented)
    document["config"][KEY] = {**kept, "new": {"project": "Web", "automatic": {}}}
    assert yaml.safe_load(after) == document
    assert after.endswith("# the end\n")
