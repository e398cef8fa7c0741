"""Connections in files of their own, beside those in the stack's file."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from azure_service_connections.configuration import stack_file
from azure_service_connections.configuration.loader import load_text
from azure_service_connections.configuration.mistakes import ConfigurationError

SUBSCRIPTION = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"}
CONNECTION: dict[str, Any] = {"project": "Payments", "appRegistration": {}, "subscription": SUBSCRIPTION}


def write(folder: Path, name: str, content: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))


def load(folder: Path, files: list[Any], **own: Any) -> list[str]:
    return list(load_text(json.dumps(own) if own else None, False, json.dumps(files), folder))


def mistakes(folder: Path, files: Any, **own: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        load_text(json.dumps(own) if own else None, False, json.dumps(files), folder)
    return [str(each) for each in refused.value.mistakes]


def test_a_stack_has_the_connections_of_its_own_file_and_of_those_that_it_names(tmp_path: Path) -> None:
    write(tmp_path, "stacks/prod/payments.yaml", {"connections": {"one": CONNECTION, "two": CONNECTION}})
    write(tmp_path, "stacks/prod/data.yaml", {"connections": {"three": CONNECTION}})
    assert load(tmp_path, ["stacks/prod/*.yaml"], own=CONNECTION) == ["own", "three", "one", "two"]


def test_files_alone_are_enough_and_one_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "data.yaml", {"connections": {"three": CONNECTION}})
    assert load(tmp_path, ["data.yaml", "*.yaml"]) == ["three"]


def test_a_mistake_in_a_file_is_told_with_the_file(tmp_path: Path) -> None:
    wrong = {**CONNECTION, "projct": "Payments"}
    write(tmp_path, "data.yaml", {"connections": {"three": wrong}})
    own, other = mistakes(tmp_path, ["data.yaml"], own={**CONNECTION, "roles": []})
    assert own.startswith("connections.own.roles: ")
    assert other.startswith("data.yaml: connections.three.projct: ")


def test_a_key_that_stands_in_two_places_is_told_with_both(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", {"connections": {"one": CONNECTION, "own": CONNECTION}})
    write(tmp_path, "b.yaml", {"connections": {"one": CONNECTION}})
    assert mistakes(tmp_path, ["*.yaml"], own=CONNECTION) == [
        "a.yaml: connections.own: stands in the stack's own file as well; give one of them another key",
        "b.yaml: connections.one: stands in a.yaml as well; give one of them another key",
    ]


def test_a_secret_in_a_file_is_refused_without_being_shown(tmp_path: Path) -> None:
    secret = {
        **{key: value for key, value in CONNECTION.items() if key != "appRegistration"},
        "servicePrincipal": {"clientId": SUBSCRIPTION["id"], "tenantId": SUBSCRIPTION["id"]},
        "credential": {"secret": {"value": "hunter2hunter2"}},
    }
    write(tmp_path, "a.yaml", {"connections": {"one": secret}})
    (told,) = mistakes(tmp_path, ["a.yaml"])
    assert told == (
        "a.yaml: connections.one.credential.secret.value: is a secret, and this file is for everybody to "
        "read; write the connection in the stack's own file and the secret with "
        "`pulumi config set --secret --path`"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: [1\nb: {\n", "a.yaml, line 2,: is not YAML (expected ',' or ']', but got ':'); mend the file"),
        (
            "- one\n",
            "a.yaml: holds something else than one map `connections:`; write the connections under that",
        ),
        (
            "connections: {}\nmore: 1\n",
            "a.yaml: holds something else than one map `connections:`; write the connections under that",
        ),
    ],
)
def test_a_file_that_holds_something_else_is_told(tmp_path: Path, content: str, told: str) -> None:
    write(tmp_path, "a.yaml", content)
    assert mistakes(tmp_path, ["a.yaml"]) == [told]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["none.yaml"], "connectionFiles[0]: there is no file 'none.yaml'; write it, or take the path out"),
        (
            ["../a.yaml"],
            "connectionFiles[0]: '../a.yaml' is no path below the project's folder; write one that is",
        ),
        (
            ["/a.yaml"],
            "connectionFiles[0]: '/a.yaml' is no path below the project's folder; write one that is",
        ),
    ],
)
def test_a_path_that_leads_nowhere_is_told(tmp_path: Path, files: list[str], told: str) -> None:
    assert mistakes(tmp_path, files) == [told]


@pytest.mark.parametrize("files", ["a.yaml", {"a": 1}, [7]])
def test_what_is_no_list_of_paths_is_told(tmp_path: Path, files: Any) -> None:
    (told,) = mistakes(tmp_path, files)
    assert told.startswith("connectionFiles")


def test_a_stack_file_is_read_with_the_files_that_it_names(tmp_path: Path) -> None:
    write(tmp_path, "stacks/prod/data.yaml", {"connections": {"three": CONNECTION}})
    write(
        tmp_path,
        "stacks/Pulumi.prod.yaml",
        {"config": {"azure-service-connections:connectionFiles": ["stacks/prod/*.yaml"]}},
    )
    assert list(stack_file.read(tmp_path / "stacks" / "Pulumi.prod.yaml")) == ["three"]
