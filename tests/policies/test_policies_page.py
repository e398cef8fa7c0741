"""The page of the policies and the presets, made from the rules; and what the rules may use."""

import ast
import json
import re
from pathlib import Path

import pytest
from engine_stack import ROOT, run

from policies import documentation
from policies.catalogues import CATALOGUES, LEFT_OUT
from policies.rule import Preset
from policies.rules import RULES

PAGE = ROOT / "docs" / "policies.md"


def test_the_page_and_the_presets_are_what_the_rules_make_of_them() -> None:
    assert documentation.outdated() == []
    assert documentation.main(["--check"]) == 0


def test_a_page_that_was_changed_by_hand_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(documentation, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "policies").mkdir()
    assert documentation.main([]) == 0
    monkeypatch.setattr(documentation.outdated, "__defaults__", (tmp_path,))
    (tmp_path / documentation.PAGE).write_text("by hand")
    assert documentation.main(["--check"]) == 1
    assert capsys.readouterr().err == (
        "error: docs/policies.md is not up to date; run python -m policies.documentation.\n"
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda each: each.name)
def test_every_rule_says_what_it_has_to(rule: documentation.Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert rule.holds.endswith(".")
    assert rule.because.endswith(".")
    assert not rule.fix.endswith(".")
    text = PAGE.read_text("utf-8")
    assert f"### {rule.name}\n" in text
    assert all(f"`{setting.name}`" in text for setting in rule.settings)


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_control_of_the_catalogues_has_a_rule_or_a_reason_why_not() -> None:
    listed = {control for catalogue in CATALOGUES for control in catalogue.controls}
    covered = {control for rule in RULES for control in rule.controls}
    assert covered <= listed
    assert covered | set(LEFT_OUT) == listed
    assert not covered & set(LEFT_OUT)


@pytest.mark.parametrize("preset", list(Preset))
def test_a_preset_has_a_level_and_every_setting_of_every_rule(preset: Preset) -> None:
    held = json.loads((ROOT / "policies" / "presets" / f"{preset}.json").read_text("utf-8"))
    assert list(held) == [rule.name for rule in RULES]
    for rule in RULES:
        assert set(held[rule.name]) == {"enforcementLevel", *(each.name for each in rule.settings)}


def test_the_exception_on_the_page_is_one_that_the_pack_takes() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    ((name, configuration),) = json.loads(block).items()
    assert name in {rule.name for rule in RULES}
    assert set(configuration["exceptions"][0]) == {"resource", "reason", "until"}


def test_the_policies_use_neither_the_components_nor_more_than_the_catalogue() -> None:
    for path in (ROOT / "policies").rglob("*.py"):
        if ".venv" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for module in named:
                assert not module.startswith("components")
                if module.startswith("azure_service_connections"):
                    assert module.startswith("azure_service_connections.catalogue")


def test_the_pack_has_the_versions_that_are_pinned() -> None:
    python = ROOT / "policies" / ".venv" / "bin" / "python"
    frozen = run([str(python), "-m", "pip", "freeze", "--all", "--disable-pip-version-check"], {})
    assert frozen.returncode == 0, frozen.stderr
    pinned = (ROOT / "policies" / "constraints.txt").read_text("utf-8").splitlines()[1:]
    assert set(pinned) <= set(frozen.stdout.splitlines())
