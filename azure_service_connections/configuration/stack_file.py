"""Reads a stack's file without an engine: `python -m …configuration.stack_file STACK`.

Every mistake that can be seen in the file alone is told before anything is started. Names are not looked up.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from azure_service_connections.configuration import secrets
from azure_service_connections.configuration.loader import NAMESPACE, load_text
from azure_service_connections.configuration.loader import load as load_connections
from azure_service_connections.configuration.mistakes import ROOT, ConfigurationError
from azure_service_connections.configuration.models import Connection

FOLDER = Path("stacks")
"""Where stack files lie, as `stackConfigDir` in Pulumi.yaml says."""


class _Loader(yaml.SafeLoader):
    """Reads dates as the texts that they are for the engine."""

    yaml_implicit_resolvers = {  # noqa: RUF012 # the library declares it so
        start: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for start, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class StackFileError(Exception):
    """A stack's file cannot be read, in a sentence with its path."""


def path_of(stack: str, folder: Path = FOLDER) -> Path:
    """The file of a stack; a slash in its name becomes a dash, as the engine has it."""
    return folder / f"Pulumi.{stack.replace('/', '-')}.yaml"


def read(path: Path) -> dict[str, Connection]:
    """The connections in a stack's file. Raises StackFileError or ConfigurationError."""
    try:
        content = yaml.load(path.read_text("utf-8"), _Loader)
    except FileNotFoundError:
        there = ", ".join(sorted(each.name for each in path.parent.glob("Pulumi.*.yaml"))) or "none"
        raise StackFileError(f"{path} is not there; write it, or name one of: {there}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path} cannot be read ({error}); check the file") from None
    except yaml.YAMLError as error:
        raise StackFileError(f"{path}{_place(error)} is not YAML ({_reason(error)}); mend the file") from None
    if content is None:
        content = {}
    if not isinstance(content, dict) or not isinstance(content.get("config", {}), dict):
        raise StackFileError(f"{path} holds no map `config`; write one, as in {FOLDER}/Pulumi.dev.yaml")
    config: dict[str, Any] = content.get("config", {})
    key = f"{NAMESPACE}:{ROOT}"
    return load_connections(*secrets.unsealed(config[key])) if key in config else load_text(None)


def _map_of(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key '{key}' stands twice in one map", key_node.start_mark
            )
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _map_of)


def main(arguments: list[str]) -> int:
    """Tell what is wrong with the file of the stack that is named, or nothing."""
    if len(arguments) != 1:
        sys.stderr.write("error: name one stack, such as sandbox\n")
        return 2
    path = path_of(arguments[0])
    try:
        read(path)
    except StackFileError as error:
        sys.stderr.write(f"error: {error}.\n")
        return 1
    except ConfigurationError as error:
        sys.stderr.write(f"error: {path}: {error}\n")
        return 1
    return 0


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}," if mark else ""


def _reason(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or "it holds characters that YAML does not allow")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
