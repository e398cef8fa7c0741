"""The programs in other languages name what the schema has, and all of them make the same connection."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from documentation import ROOT, blocks

PAGE = "docs/component-package.md"
SCHEMA = json.loads((ROOT / "components" / "schema.json").read_text())
CONNECTION = SCHEMA["resources"]["azure-service-connections:index:ServiceConnection"]
NAMES = {
    "typescript": re.compile(r"\b([a-z]\w*):"),
    "go": re.compile(r"\b([A-Z]\w*):\s"),
    "csharp": re.compile(r"\b([A-Z]\w*) ="),
    "java": re.compile(r"\.([a-z]\w*)\("),
}
OF_THE_LANGUAGE = {"builder", "build", "of"}
KEY = "deploy"


def text(language: str) -> str:
    (block,) = blocks(PAGE, language)
    return block.text


def declared() -> dict[str, Any]:
    """The inputs of the program in YAML."""
    program: dict[str, Any] = yaml.safe_load(text("yaml"))
    found: dict[str, Any] = program["resources"]["payments"]["properties"]
    return found


def inputs_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from inputs_of(inner)


def known() -> set[str]:
    groups = (each.get("properties", {}) for each in SCHEMA["types"].values())
    return set(CONNECTION["inputProperties"]).union(*groups)


@pytest.mark.parametrize("language", NAMES)
def test_a_program_gives_the_inputs_that_the_one_in_yaml_gives(language: str) -> None:
    given = {name[0].lower() + name[1:] for name in NAMES[language].findall(text(language))}
    assert given - OF_THE_LANGUAGE - {KEY} == set(inputs_of(declared())) - {KEY}
    assert given - OF_THE_LANGUAGE - {KEY} <= known()


@pytest.mark.parametrize("language", ["go", "csharp", "java"])
def test_a_program_names_groups_of_the_schema_as_its_code_generator_does(language: str) -> None:
    named = set(re.findall(r"\b(\w+Args)Args\b", text(language)))
    assert named
    assert {f"azure-service-connections:index:{each}" for each in named} <= set(SCHEMA["types"])


@pytest.mark.parametrize("language", NAMES)
def test_a_program_holds_the_values_that_the_one_in_yaml_holds(language: str) -> None:
    wanted = json.dumps(declared())
    for value in re.findall(r'"([0-9a-f-]{36}|Payments production|Contributor)"', wanted):
        assert f'"{value}"' in text(language)
