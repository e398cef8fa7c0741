"""A file of levels, settings and exceptions: what the engine would let pass."""

import json
from pathlib import Path
from typing import Any

import pytest
from engine_stack import ROOT
from stack_builder import TODAY

from policies.configuration_check import main, mistakes

RULE = "broad-roles-stay-below-subscriptions"


@pytest.mark.parametrize("preset", ["baseline", "strict"])
def test_the_presets_hold(preset: str) -> None:
    assert main([str(ROOT / "policies" / "presets" / f"{preset}.json")]) == 0


@pytest.mark.parametrize(
    ("document", "mistake"),
    [
        ([], "The configuration is no map; write the name of each rule with what is configured of it."),
        (
            {"broad-roles-stay-below-subscription": "mandatory"},
            f"'broad-roles-stay-below-subscription' is no rule; write '{RULE}'.",
        ),
        ({"zzz": {}}, "'zzz' is no rule; docs/policies.md has them all."),
        ({RULE: {"exception": []}}, f"'exception' is no setting of {RULE}; write 'exceptions'."),
        (
            {RULE: {"zzz": []}},
            f"'zzz' is no setting of {RULE}; choose from enforcementLevel, exceptions, roles.",
        ),
        (
            {RULE: "strict"},
            f"The level of {RULE} is 'strict'; choose from disabled, advisory, mandatory.",
        ),
        (
            {RULE: {"enforcementLevel": "must"}},
            f"The level of {RULE} is 'must'; choose from disabled, advisory, mandatory.",
        ),
        (
            {RULE: {"exceptions": [{"resource": "a", "until": "2999-12-31"}]}},
            f"{RULE}: The exception for 'a' gives no reason; say why it may pass, or remove the exception.",
        ),
    ],
)
def test_each_mistake_is_a_sentence(document: Any, mistake: str) -> None:
    assert list(mistakes(document, TODAY)) == [mistake]


def test_a_level_for_all_rules_is_taken() -> None:
    assert list(mistakes({"all": "mandatory", RULE: {"exceptions": []}}, TODAY)) == []


def test_the_command_tells_every_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policies.json"
    path.write_text(json.dumps({"zzz": {}, RULE: "must"}))
    assert main([str(path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.startswith(f"error: {path}: ") for line in lines] == [True, True]


@pytest.mark.parametrize("text", [None, "not json"])
def test_a_file_that_cannot_be_read_is_told(
    text: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policies.json"
    if text is not None:
        path.write_text(text)
    assert main([str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {path} cannot be read (")
    assert main([]) == 2
