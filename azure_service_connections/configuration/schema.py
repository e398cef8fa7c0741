"""The JSON Schema of stack files, for editors.

`python -m azure_service_connections.configuration.schema` writes it to stacks/connections.schema.json;
with `--check` it only says whether that file is up to date (exit code 1 where it is not).
"""

import json
import sys
from pathlib import Path
from typing import Any

from azure_service_connections.configuration.loader import NAMESPACE
from azure_service_connections.configuration.mistakes import ROOT
from azure_service_connections.configuration.models import CONNECTIONS

PATH = Path("stacks") / "connections.schema.json"


def schema() -> dict[str, Any]:
    """The schema of a stack file; keys of other projects and providers are left to them."""
    connections = _tidy(CONNECTIONS.json_schema())
    definitions = connections.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of azure-service-connections",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    f"{NAMESPACE}:{ROOT}": {
                        "description": "The stack's service connections, each under a key of yours.",
                        **connections,
                    }
                },
            }
        },
        "$defs": definitions,
    }


def text() -> str:
    """The schema as the committed file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _tidy(node: Any) -> Any:
    """Without what only the validation library means: titles, and null for keys that are left out."""
    if isinstance(node, list):
        return [_tidy(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: {name: _tidy(each) for name, each in value.items()} if key == "properties" else _tidy(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    options: list[dict[str, Any]] = list(kept.get("anyOf", []))
    if {"type": "null"} in options and len(options) == 2:
        kept = {**{key: value for key, value in kept.items() if key != "anyOf"}, **_other(options)}
    return kept


def _other(options: list[dict[str, Any]]) -> dict[str, Any]:
    return next(option for option in options if option != {"type": "null"})


def main(arguments: list[str]) -> int:
    """Write or check the committed file; run from the top of the checkout."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m azure_service_connections.configuration.schema [--check]\n")
        return 2
    if not arguments:
        PATH.write_text(text(), encoding="utf-8")
        return 0
    if PATH.is_file() and PATH.read_text(encoding="utf-8") == text():
        return 0
    sys.stderr.write(
        f"{PATH}: is not up to date; run python -m azure_service_connections.configuration.schema\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
