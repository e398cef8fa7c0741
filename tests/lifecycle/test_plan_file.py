"""The plan file: how it looks, that it is read as it was written, what is said of mistakes in it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from planned_connections import CONTOSO, WHOLE, guid, plan

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.plan.plan_file import (
    Plan,
)
from azure_service_connections.lifecycle.plan.plan_reading import plan_of, read_plan
from azure_service_connections.lifecycle.plan.plan_writing import write_plan


def problems(text: str) -> str:
    """What reading says of a text."""
    with pytest.raises(LifecycleError) as refused:
        plan_of(text, "plan.yaml")
    return str(refused.value)


def without_lines(text: str) -> str:
    """Mistakes with their places but not their lines, which depend on the length of the sample."""
    return re.sub(r" \(line \d+\)", "", text)


def changed(change: Callable[[dict[str, Any]], object], whole: Plan = WHOLE) -> str:
    """The text of a plan with its values changed."""
    document = yaml.safe_load(write_plan(whole))
    change(document)
    return yaml.safe_dump(document, sort_keys=False)


def entry_with(**values: Any) -> str:
    """The text of a plan whose first entry has other values; None takes one out."""

    def change(document: dict[str, Any]) -> None:
        for key, value in values.items():
            document["entries"][0].pop(key, None)
            if value is not None:
                document["entries"][0][key] = value

    return changed(change)


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(write_plan(WHOLE), "utf-8")
    assert read_plan(path) == WHOLE


def test_the_file_is_short_and_says_what_its_words_mean() -> None:
    text = write_plan(WHOLE)
    head, _, body = text.partition("\n\n")
    assert head.startswith(
        "# What is to be done about service connections that exist: 1 convert, 1 migrate-issuer and 1 keep."
    )
    assert all(line.startswith("#") for line in head.splitlines())
    for word in (
        "convert",
        "migrate-issuer",
        "revert",
        "keep",
        "service",
        "place",
        "handoff",
        "secrets",
        "old-credential",
    ):
        assert re.search(rf"\b{word}\b", head), word
    assert "      - {project: Web, pipeline: deploy, tasks: [AzureCLI@2, ServiceFabricDeploy@1]," in body
    assert "    retire: [secrets]\n" in body
    assert "\n\n  - connection: audit\n" in body
    assert "organizations:\n  - https://a.example/a\n  - https://b.example/b\n" in write_plan(
        plan(organizations=("https://a.example/a", "https://b.example/b"))
    )
    audit = body.split("- connection: audit\n")[1].split("\n\n")[0].splitlines()
    assert [line.strip().partition(":")[0] for line in audit] == [
        *("organization", "project", "id", "action", "reason", "expects"),
    ]
    assert max(map(len, text.splitlines())) <= 125


def test_a_plan_for_nothing_says_so() -> None:
    text = write_plan(plan())
    assert "service connections that exist: nothing." in text
    assert plan_of(text, "plan.yaml") == plan()


def test_one_mistake_is_one_sentence_with_its_place_and_line() -> None:
    text = entry_with(action="convrt")
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "convrt" in each)
    assert problems(text) == (
        f"plan.yaml has a mistake, nothing was changed: entries[0].action (line {line}): 'convrt' is not "
        "known; write convert."
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"action": "explode"}, "entries[0].action: 'explode' is not known; write convert, migrate-issuer"),
        ({"action": 7}, "is the number 7 where a text belongs; write convert"),
        ({"action": None}, "entries[0].action: is missing; write convert, migrate-issuer, revert or keep"),
        ({"expects": None}, "entries[0].expects: is missing, so a connection that has changed"),
        ({"expects": "whatever"}, "'whatever' was not written by `connections plan`; put back what it wrote"),
        ({"id": "../../projects"}, "entries[0].id: '../../projects' is not the id of a connection"),
        ({"id": None}, "entries[0].id: is missing; write the id that Azure DevOps gives it"),
        (
            {"organization": "https://dev.azure.com/fabrikam"},
            "is not among the plan's organizations (https://dev.azure.com/contoso); list it",
        ),
        (
            {"project": 2024},
            'entries[0].project: is the number 2024 where a text belongs; write it in quotes: "2024"',
        ),
        ({"projekt": "Web"}, "entries[0].projekt: 'projekt' is not known here; write 'project'"),
        ({"credential": "none"}, "entries[0].credential: says nobody, and `convert` needs a new one"),
        ({"credential": "handof"}, "'handof' is not known; write handoff"),
        ({"action": "keep"}, "says `service`, and `keep` needs no new one; take it out"),
        (
            {"action": "keep", "credential": None},
            "entries[0].retire[0]: `secrets` does not go with this action: `keep`",
        ),
        (
            {"action": "revert", "credential": None},
            "`secrets` does not go with this action: `revert` removes nothing",
        ),
        (
            {"retire": ["old-credential"]},
            "`old-credential` does not go with this action: `convert` removes secrets",
        ),
        ({"retire": ["secrets", "secrets"]}, "entries[0].retire[1]: `secrets` is written twice"),
        (
            {"retire": "secrets"},
            "is the text 'secrets' where a list belongs; write a list in brackets: [a, b]",
        ),
        ({"retire": ["everything"]}, "'everything' is not known; write secrets or old-credential"),
        ({"credential": "place", "identity": None}, "entries[0].identity: is missing, and `place` needs it"),
        (
            {"credential": "place", "identity": {"kind": "application", "clientId": "x"}},
            "has neither objectId nor resourceId",
        ),
        (
            {"identity": {"kind": "person", "clientId": "x"}},
            "entries[0].identity.kind: 'person' is not known; write application, managed",
        ),
        (
            {"identity": {"kind": "application", "clientid": "x"}},
            "entries[0].identity.clientid: 'clientid' is not known here; write 'clientId'",
        ),
        (
            {"deadline": "tomorrow"},
            "is 'tomorrow', which is no time with a time zone; write it as 2027-01-31T00",
        ),
        ({"deadline": "2027-01-31T00:00:00"}, "is '2027-01-31T00:00:00', which is no time with a time zone"),
        ({"deadline": 17}, "is '17', which is no time with a time zone"),
        ({"deadline": "2027-02-30T00:00:00Z"}, "is '2027-02-30T00:00:00Z', which is no time"),
        ({"consumers": [{"project": "Web"}]}, "entries[0].consumers[0].pipeline"),
        (
            {"consumers": [{"project": "Web", "pipeline": "p", "task": ["A@1"]}]},
            "entries[0].consumers[0].task: 'task' is not known here; write 'tasks'",
        ),
    ],
)
def test_a_mistake_in_an_entry_is_said_with_what_to_write(values: dict[str, Any], said: str) -> None:
    assert said in without_lines(problems(entry_with(**values)))


def _set(key: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: document.__setitem__(key, value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            _set("version", 2),
            "plan.yaml has the version '2', and this command reads version 1; write the plan again",
        ),
        (_set("version", True), "has the version 'True'"),
        (
            lambda document: document.pop("version"),
            "plan.yaml has no version, and this command reads version 1",
        ),
        (
            _set("organizations", ["contoso"]),
            "organizations[0]: 'contoso' is no address; write it as https://dev.azure.com/contoso",
        ),
        (
            _set("organizations", [CONTOSO, f"{CONTOSO.upper()}/"]),
            "organizations[1]: 'HTTPS://DEV.AZURE.COM/CONTOSO/' is listed twice",
        ),
        (_set("organizations", []), "is not among the plan's organizations; list it there"),
        (_set("organizations", None), "organizations: is empty where a list belongs"),
        (_set("entries", {"a": 1}), "entries: is a map where a list belongs"),
        (_set("entries", ["shop"]), "entries[0]: is the text 'shop' where a map belongs"),
        (_set("entreis", []), "entreis: 'entreis' is not known here; write 'entries'"),
        (_set("written", "now"), "written: is 'now', which is no time with a time zone"),
        (
            lambda document: document["entries"].append({**document["entries"][1]}),
            "entries[3].id: entries[1] is about this connection already",
        ),
        (
            lambda document: document["removals"].append({**document["removals"][0]}),
            "removals[1].id: removals[0] is about the same",
        ),
        (
            lambda document: document["removals"][0].update(id="1/2"),
            "removals[0].id: '1/2' is not the id of a connection; write that",
        ),
        (
            lambda document: document["removals"][0].update(kind="roleAssignment"),
            "is not the full id of a role assignment",
        ),
        (
            lambda document: document["removals"][0].pop("project"),
            "removals[0].project: is missing; write the project that has the connection",
        ),
        (
            lambda document: document["removals"][0].pop("organization"),
            "removals[0].organization: is missing; write the address",
        ),
        (
            lambda document: document["removals"][0].update(organization="https://dev.azure.com/other"),
            "removals[0].organization: 'https://dev.azure.com/other' is not among",
        ),
        (
            lambda document: document["removals"][0].update(id=guid("shop"), action="remove"),
            "removals[0].action: removes what entries[0] changes",
        ),
        (
            lambda document: document["removals"][0].update(action="delete"),
            "removals[0].action: 'delete' is not known; write remove or keep",
        ),
    ],
)
def test_a_mistake_in_the_whole_is_said_with_what_to_write(
    change: Callable[[dict[str, Any]], object], said: str
) -> None:
    assert said in without_lines(problems(changed(change)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "plan.yaml is empty; write a plan with `connections plan`."),
        ("# nothing\n", "plan.yaml is empty; write a plan with `connections plan`."),
        ("- a\n", "plan.yaml is a list where a map belongs"),
        ("version: 1\nentries: [", "plan.yaml, line 2, is not YAML: "),
        ("version: 1\n\tentries: 1", "plan.yaml, line 2, is not YAML: "),
        ("a: &x [1]\nb: *x\n", "plan.yaml, line 1, uses an anchor or an alias"),
        ("a: &a [*a]\n", "plan.yaml, line 1, uses an anchor or an alias"),
        ("[" * 5000, "plan.yaml, line 1, is nested deeper than a plan ever is"),
        ("version: 1\x00", "plan.yaml is not YAML: "),
        ("version: 1\n---\nversion: 1\n", "plan.yaml, line 2, is not YAML: "),
        (
            "version: 1\nversion: 1\nwritten: 2026-11-24T12:00:00Z\norganizations: []\n",
            "version (line 1): is written twice; keep one of the two.",
        ),
        (
            "version: 1\nwritten: !!python/object/apply:os.system [ls]\norganizations: []\n",
            "written (line 2): has the tag 'tag:yaml.org,2002:python/object/apply:os",
        ),
        ("version: 1\nwritten: !!binary aGk=\norganizations: []\n", "has the tag 'tag:yaml.org,2002:binary'"),
        (
            'version: 1\nwritten: 2026-11-24T12:00:00Z\norganizations: []\n"\\ud800": 1\n',
            "['\\ud800'] (line 4): '\\ud800' is not known here",
        ),
        ("version: " + "9" * 5000, "has the version '999"),
        ("? [a]\n: 1\nversion: 1\n", "the file (line 1): has a key that is no text"),
    ],
)
def test_what_is_no_plan_at_all_is_a_sentence(text: str, said: str) -> None:
    found = problems(text)
    assert said in found
    assert len(found) < 1500


def test_every_mistake_is_said_at_once_in_the_order_of_the_file() -> None:
    def change(document: dict[str, Any]) -> None:
        document["entries"][0]["action"] = "burn"
        del document["entries"][1]["expects"]
        document["entries"][2]["id"] = document["entries"][1]["id"]
        document["entries"][2]["retire"] = ["secrets", "secrets"]
        document["surprise"] = True

    lines = problems(changed(change)).splitlines()
    assert lines[0] == "plan.yaml has 4 mistakes, nothing was changed:"
    assert [line.split()[0] for line in lines[1:]] == [
        *("entries[0].action", "entries[1].expects", "entries[2].retire[1]", "surprise"),
    ]


def test_a_file_with_a_thousand_mistakes_shows_fifty() -> None:
    text = "version: 1\nwritten: 2026-11-24T12:00:00Z\norganizations: []\n" + "".join(
        f"surprise{number}: 1\n" for number in range(1000)
    )
    lines = problems(text).splitlines()
    assert len(lines) == 52
    assert lines[-1] == "  … and 950 mistakes more."


@pytest.mark.parametrize("kind", ["missing", "folder", "binary"])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "plan.yaml"
    if kind == "folder":
        path.mkdir()
    if kind == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    said = {"missing": "There is no plan", "folder": "cannot be read", "binary": "is not text in UTF-8"}
    with pytest.raises(LifecycleError, match=said[kind]):
        read_plan(path)
