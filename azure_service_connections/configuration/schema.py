"""The JSON Schemas of stack files and of files of connections, for editors.

`python -m azure_service_connections.configuration.schema` writes them to stacks/; with `--check` it only says
which file there is not up to date (exit code 1 where one is not).
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azure_service_connections.configuration.connection_files import KEY
from azure_service_connections.configuration.loader import NAMESPACE
from azure_service_connections.configuration.mistakes import ROOT
from azure_service_connections.configuration.models import CONNECTIONS

PATH = Path("stacks") / "connections.schema.json"
FILE_PATH = Path("stacks") / "connection-file.schema.json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FILES = {
    "description": "Files of connections, paths below the project's folder; `*` stands for any name. "
    "For stacks of more than a hundred, and for owners of parts.",
    "type": "array",
    "items": {"type": "string"},
    "default": [],
}


def schema() -> dict[str, Any]:
    """The schema of a stack file; keys of other projects and providers are left to them."""
    connections, definitions = _connections()
    return {
        "$schema": _DIALECT,
        "title": "A stack of azure-service-connections",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    f"{NAMESPACE}:{ROOT}": {
                        "description": "The stack's service connections, each under a key of yours.",
                        **connections,
                    },
                    f"{NAMESPACE}:{KEY}": _FILES,
                },
            }
        },
        "$defs": definitions,
    }


def file_schema() -> dict[str, Any]:
    """The schema of a file of connections."""
    connections, definitions = _connections()
    return {
        "$schema": _DIALECT,
        "title": "Connections of azure-service-connections",
        "type": "object",
        "additionalProperties": False,
        "required": [ROOT],
        "properties": {
            ROOT: {"description": "Service connections, each under a key of yours.", **connections}
        },
        "$defs": definitions,
    }


def text(of: Callable[[], dict[str, Any]] = schema) -> str:
    """A schema as its committed file holds it."""
    return json.dumps(of(), indent=2, ensure_ascii=False) + "\n"


def _connections() -> tuple[dict[str, Any], dict[str, Any]]:
    connections = _tidy(CONNECTIONS.json_schema())
    return connections, connections.pop("$defs")


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
    stale = [
        path
        for path, of in ((PATH, schema), (FILE_PATH, file_schema))
        if not path.is_file() or path.read_text(encoding="utf-8") != text(of)
    ]
    if not arguments:
        for path, of in ((PATH, schema), (FILE_PATH, file_schema)):
            path.write_text(text(of), encoding="utf-8")
        return 0
    for path in stale:
        sys.stderr.write(
            f"{path}: is not up to date; run python -m azure_service_connections.configuration.schema\n"
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
