"""Connections in files of their own, which a stack names: for the stack of hundreds, and for owners of parts.

The engine hands a program all of its configuration in one variable of the environment, which holds about a
hundred connections; files have no such bound. What stands in them is never encrypted.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from azure_service_connections.catalogue import wording
from azure_service_connections.configuration import secrets
from azure_service_connections.configuration.mistakes import ROOT, Mistake, path_to
from azure_service_connections.configuration.yaml_text import YamlError, parse

KEY = "connectionFiles"
"""The key of a stack's configuration: paths below the project's folder, `*` stands for any name."""


class Read(NamedTuple):
    """What files hold."""

    connections: dict[str, Any]
    files: dict[str, str]
    """The file of each connection."""
    mistakes: list[Mistake]


def read(named: Any, folder: Path, own: Mapping[str, Any]) -> Read:
    """The connections in the files that a stack names; `own` are those in the stack's own file."""
    found = Read({}, {}, [])
    if not isinstance(named, list):
        found.mistakes.append(Mistake(KEY, wording.wrong_kind(named, list)))
        return found
    seen: set[Path] = set()
    for position, pattern in enumerate(named):
        where = f"{KEY}[{position}]"
        paths = _paths(pattern, folder, where, found.mistakes)
        for path in paths:
            if path not in seen:
                seen.add(path)
                _take(path, folder, own, found)
    return found


def _paths(pattern: Any, folder: Path, where: str, mistakes: list[Mistake]) -> Sequence[Path]:
    if not isinstance(pattern, str):
        mistakes.append(Mistake(where, wording.wrong_kind(pattern, str)))
        return ()
    if not pattern or Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        problem = f"{wording.quoted(pattern)} is no path below the project's folder; write one that is"
        mistakes.append(Mistake(where, problem))
        return ()
    paths = sorted(path for path in folder.glob(pattern) if path.is_file())
    if not paths:
        problem = f"there is no file {wording.quoted(pattern)}; write it, or take the path out"
        mistakes.append(Mistake(where, problem))
    return paths


def _take(path: Path, folder: Path, own: Mapping[str, Any], found: Read) -> None:
    name = path.relative_to(folder).as_posix()
    try:
        content = parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        found.mistakes.append(Mistake(name, f"cannot be read ({error}); check the file"))
        return
    except YamlError as error:
        found.mistakes.append(Mistake(f"{name}{error.place}", f"is not YAML ({error.reason}); mend the file"))
        return
    connections = content.get(ROOT) if isinstance(content, dict) and content.keys() == {ROOT} else None
    if not isinstance(connections, dict):
        problem = f"holds something else than one map `{ROOT}:`; write the connections under that"
        found.mistakes.append(Mistake(name, problem))
        return
    held = {str(key): value for key, value in connections.items()}
    for key, connection in held.items():
        if other := found.files.get(key) or ("the stack's own file" if key in own else ""):
            problem = f"stands in {other} as well; give one of them another key"
            found.mistakes.append(Mistake(f"{name}: {path_to(key)}", problem))
            continue
        found.connections[key] = connection
        found.files[key] = name
    found.mistakes.extend(
        Mistake(
            f"{name}: {each.path}",
            "is a secret, and this file is for everybody to read; write the connection in the stack's own "
            "file and the secret with `pulumi config set --secret --path`",
        )
        for each in secrets.in_clear(held)
    )
