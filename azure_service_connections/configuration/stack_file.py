"""Reads a stack's file without an engine: `python -m …configuration.stack_file STACK`.

Every mistake that can be seen in the file alone is told before anything is started. Names are not looked up.
"""

import sys
from pathlib import Path
from typing import Any

from azure_service_connections.configuration import connection_files, secrets
from azure_service_connections.configuration.loader import NAMESPACE, load_text
from azure_service_connections.configuration.loader import load as load_connections
from azure_service_connections.configuration.mistakes import ROOT, ConfigurationError
from azure_service_connections.configuration.models import Connection
from azure_service_connections.configuration.yaml_text import YamlError, parse

FOLDER = Path("stacks")
"""Where stack files lie, as `stackConfigDir` in Pulumi.yaml says."""


class StackFileError(Exception):
    """A stack's file cannot be read, in a sentence with its path."""


def path_of(stack: str, folder: Path = FOLDER) -> Path:
    """The file of a stack; a slash in its name becomes a dash, as the engine has it."""
    return folder / f"Pulumi.{stack.replace('/', '-')}.yaml"


def read(path: Path) -> dict[str, Connection]:
    """The connections in a stack's file. Raises StackFileError or ConfigurationError."""
    try:
        content = parse(path.read_text("utf-8"))
    except FileNotFoundError:
        there = ", ".join(sorted(each.name for each in path.parent.glob("Pulumi.*.yaml"))) or "none"
        raise StackFileError(f"{path} is not there; write it, or name one of: {there}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path} cannot be read ({error}); check the file") from None
    except YamlError as error:
        raise StackFileError(f"{path}{error.place} is not YAML ({error.reason}); mend the file") from None
    if content is None:
        content = {}
    if not isinstance(content, dict) or not isinstance(content.get("config", {}), dict):
        raise StackFileError(f"{path} holds no map `config`; write one, as in {FOLDER}/Pulumi.dev.yaml")
    config: dict[str, Any] = content.get("config", {})
    files = config.get(f"{NAMESPACE}:{connection_files.KEY}")
    key = f"{NAMESPACE}:{ROOT}"
    if key not in config and files is None:
        return load_text(None)
    return load_connections(*secrets.unsealed(config.get(key, {})), files=files, folder=path.parent.parent)


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
