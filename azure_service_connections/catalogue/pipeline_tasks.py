"""Which tasks of pipelines work with a connection that signs in by workload identity federation.

The table is `pipeline_tasks.yaml`, where each source is named; users extend it with a file of the same form.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from azure_service_connections.catalogue.wording import listed, quoted, unknown_key, wrong_kind

_TASK: Final = re.compile(r"(?P<name>[^@\s][^@]*)@(?P<major>\d+)(\.\d+)*\*?")
_KEYS: Final = ("federation", "instead")


class Federation(StrEnum):
    """Whether a task works with federation."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class TaskSupport:
    """What is known of a task."""

    task: str
    """Its name and its major version: `AzureCLI@2`."""
    federation: Federation
    instead: str = ""
    """A task that does the same and works with federation, where there is one."""


class TaskTableError(ValueError):
    """A table that cannot be read: every mistake in it, joined by semicolons, without a full stop."""


class PipelineTasks:
    """A table of tasks."""

    def __init__(self, known: Mapping[str, TaskSupport]) -> None:
        """`known` maps the key of a task to what is known of it."""
        self._known = dict(known)

    def of(self, task: str) -> TaskSupport:
        """What is known of a task as a pipeline writes it: `AzureCLI@2`, `publisher.extension.Task@4`."""
        return self._known.get(_key(task)) or TaskSupport(task_name(task), Federation.UNKNOWN)

    def extended(self, other: "PipelineTasks") -> "PipelineTasks":
        """This table with another over it."""
        return PipelineTasks({**self._known, **other._known})

    def __len__(self) -> int:
        """How many tasks it lists."""
        return len(self._known)


@cache
def known_tasks() -> PipelineTasks:
    """The table of this project."""
    text = files("azure_service_connections.catalogue").joinpath("pipeline_tasks.yaml").read_text("utf-8")
    return tasks_of(text)


def tasks_of(text: str) -> PipelineTasks:
    """The table that a text of YAML holds; TaskTableError with every mistake."""
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise TaskTableError(f"is not YAML: {problem}") from error
    if not isinstance(document, dict):
        raise TaskTableError(f"{wrong_kind(document, dict)}, starting with `tasks:`")
    mistakes = [unknown_key(str(key), ["tasks"]) for key in document if key != "tasks"]
    held = document.get("tasks")
    if not isinstance(held, dict):
        said = (
            wrong_kind(held, dict)
            if "tasks" in document
            else "`tasks` is missing; write `Task@1: supported` under it"
        )
        raise TaskTableError("; ".join([*mistakes, f"tasks {said}" if "tasks" in document else said]))
    known: dict[str, TaskSupport] = {}
    for name, value in held.items():
        found = _support(str(name), value)
        if isinstance(found, TaskSupport):
            known[_key(str(name))] = found
        else:
            mistakes.append(f"tasks.{name} {found}")
    if mistakes:
        raise TaskTableError("; ".join(mistakes))
    return PipelineTasks(known)


def task_name(task: str) -> str:
    """A task without its publisher and minor version: `publisher.extension.Task@4.1.0` is `Task@4`."""
    match = _TASK.fullmatch(task.strip())
    if match is None:
        return task.strip()
    return f"{match['name'].rpartition('.')[2]}@{match['major']}"


def _key(task: str) -> str:
    return task_name(task).casefold()


def _support(name: str, value: Any) -> TaskSupport | str:
    """What an entry says, or what is wrong with it."""
    words = [each.value for each in Federation]
    if _TASK.fullmatch(name) is None:
        return "is no task with its major version; write it as AzureCLI@2"
    instead = ""
    if isinstance(value, dict):
        if unknown := [str(key) for key in value if key not in _KEYS]:
            return unknown_key(unknown[0], _KEYS)
        instead = value.get("instead", "")
        if not isinstance(instead, str) or (instead and _TASK.fullmatch(instead) is None):
            return f"has {quoted(instead)} instead, which is no task; write it as AzureCLI@2"
        value = value.get("federation")
    if not isinstance(value, str) or value not in words:
        return f"is {quoted(value)}; write {listed(words)}"
    return TaskSupport(task_name(name), Federation(value), task_name(instead) if instead else "")
