"""The JSON Schema of stack files, for editors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from program import TOP

from azure_service_connections.catalogue.combinations import IDENTITIES, SCOPES
from azure_service_connections.configuration import schema
from azure_service_connections.configuration.models import Connection
from azure_service_connections.configuration.sentences import keys_of


def test_the_committed_schema_is_that_of_the_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TOP)
    assert schema.main(["--check"]) == 0


def test_a_schema_that_is_out_of_date_is_said_and_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stacks").mkdir()
    assert schema.main(["--check"]) == 1
    assert capsys.readouterr().err == (
        "stacks/connections.schema.json: is not up to date; run python -m "
        "azure_service_connections.configuration.schema\n"
        "stacks/connection-file.schema.json: is not up to date; run python -m "
        "azure_service_connections.configuration.schema\n"
    )
    assert schema.main([]) == 0
    assert schema.main(["--check"]) == 0


def test_a_wrong_option_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert schema.main(["--chek"]) == 2
    assert capsys.readouterr().err.startswith("usage: ")


def connection() -> dict[str, Any]:
    return schema.schema()["$defs"]["Connection"]  # type: ignore[no-any-return]


def test_the_schema_asks_for_one_identity_and_one_scope() -> None:
    alternatives = [{option["required"][0] for option in group["oneOf"]} for group in connection()["allOf"]]
    assert alternatives == [set(IDENTITIES), set(SCOPES)]


def test_an_editor_offers_what_the_loader_takes_and_nothing_else() -> None:
    assert set(connection()["properties"]) == set(keys_of(Connection))
    assert connection()["additionalProperties"] is False


def groups(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "properties" in node and "additionalProperties" in node:
            yield node
        for value in node.values():
            yield from groups(value)
    elif isinstance(node, list):
        for value in node:
            yield from groups(value)


def test_every_key_says_what_it_means() -> None:
    described = [key for group in groups(schema.schema()) for key in group["properties"].items()]
    assert len(described) > 30
    assert [name for name, key in described if not key.get("description")] == []


def test_nothing_may_be_empty() -> None:
    assert '"null"' not in json.dumps(schema.schema())
