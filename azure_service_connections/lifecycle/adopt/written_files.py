"""The files that an adoption writes: the stack's own, and files of connections where those are many."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.stack_document import (
    FILES_KEY,
    KEY,
    file_text,
    with_connections,
    with_file_pattern,
)
from azure_service_connections.lifecycle.organizations import organization_name

MOST: Final = 90_000
"""Characters of connections that a stack's own file is to hold.

The engine hands a program its whole configuration as JSON inside of JSON in one variable of the environment,
and an operating system takes 131,072 bytes for one.
"""


class FileChange(NamedTuple):
    """A file before and after."""

    path: Path
    before: str | None
    """None where there is no such file."""
    after: str

    def make(self) -> None:
        """Write the file as it is after."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.after, encoding="utf-8")

    def undo(self) -> None:
        """Write the file as it was before, or remove it."""
        if self.before is not None:
            self.path.write_text(self.before, encoding="utf-8")
            return
        self.path.unlink(missing_ok=True)
        if self.path.parent.is_dir() and not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()


def changes_for(
    stack: str, path: Path, text: str | None, candidates: Sequence[Candidate], project_folder: Path
) -> tuple[FileChange, ...]:
    """What is written for connections: into the stack's file, or a file for each project where they are many.

    Once a stack has files of connections, further ones go there as well.
    """
    if not candidates:
        return ()
    config: dict[str, Any] = (yaml.safe_load(text or "") or {}).get("config") or {}
    together = {**(config.get(KEY) or {}), **{each.key: each.entry for each in candidates}}
    if FILES_KEY not in config and len(json.dumps(json.dumps(together))) <= MOST:
        return (FileChange(path, text, with_connections(text or "", candidates, str(path))),)
    folder = path.parent / _slug(stack)
    pattern = f"{folder.relative_to(project_folder).as_posix()}/*.yaml"
    changes = [FileChange(path, text, with_file_pattern(text or "", pattern, str(path)))]
    groups: dict[str, list[Candidate]] = {}
    for each in candidates:
        organization = organization_name(each.connection.organization)
        groups.setdefault(_slug(f"{organization}-{each.connection.project.name}"), []).append(each)
    changes += [FileChange(_free(folder, name), None, file_text(group)) for name, group in groups.items()]
    return tuple(changes)


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "connections"


def _free(folder: Path, name: str) -> Path:
    """A file that is not there yet: what people wrote stays as it is."""
    path, number = folder / f"{name}.yaml", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.yaml"
    return path
