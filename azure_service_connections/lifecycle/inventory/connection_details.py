"""Reads what an organization keeps with its connections: who may use them, their checks, their last use."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.inventory.connection_lists import Listed
from azure_service_connections.lifecycle.inventory.existing_connection import Check, Pipeline, Project, Use
from azure_service_connections.lifecycle.inventory.organization_reader import (
    FoundProject,
    OrganizationReader,
    Permissions,
)
from azure_service_connections.lifecycle.inventory.refused import unseen

Key = tuple[str, ...]


@dataclass(frozen=True)
class Details:
    """What an organization keeps with a connection."""

    all_pipelines: bool = False
    pipelines: tuple[Pipeline, ...] = ()
    checks: tuple[Check, ...] = ()
    last_used: Use | None = None
    unseen: tuple[str, ...] = ()


class DetailQuestions:
    """The questions about some connections, each once, and what their answers come to."""

    def __init__(self, connections: Sequence[Listed]) -> None:
        """Checks are asked for a project at a time, and so are the names of its pipelines."""
        self._connections = connections
        self._questions: dict[Key, Callable[[], Any]] = {}
        together: dict[tuple[str, str], tuple[OrganizationReader, FoundProject, list[str]]] = {}
        for listed in connections:
            reader = listed.organization
            for project in listed.projects:
                place = FoundProject(project.id, project.name)
                self._add(
                    f"Who may use it in {project.name}",
                    ("permissions", project.id, listed.id),
                    partial(reader.permissions, place, listed.id),
                )
                self._add(
                    f"Its execution history in {project.name}",
                    ("use", project.id, listed.id),
                    partial(reader.last_use, place, listed.id),
                )
                key = reader.address, project.id
                together.setdefault(key, (reader, place, []))[2].append(listed.id)
        for reader, place, ids in together.values():
            self._add(f"Its checks in {place.name}", ("checks", place.id), partial(reader.checks, place, ids))
            self._add(
                f"The names of the pipelines of {place.name}",
                ("pipelines", place.id),
                partial(reader.pipelines, place),
            )

    @property
    def jobs(self) -> list[Callable[[], Any]]:
        """The questions, to be asked in any order."""
        return list(self._questions.values())

    def details(self, answers: Iterable[Any]) -> list[Details]:
        """What the answers to the questions, in their order, say of each connection."""
        found = dict(zip(self._questions, answers, strict=True))
        return [_Collected(found, listed).details() for listed in self._connections]

    def _add(self, what: str, key: Key, question: Callable[[], Any]) -> None:
        self._questions[key] = partial(_answer, what, question)


class _Collected:
    """The answers about one connection."""

    def __init__(self, found: dict[Key, Any], listed: Listed) -> None:
        self._found = found
        self._listed = listed
        self._unseen: list[str] = []

    def details(self) -> Details:
        everyone = False
        pipelines: list[Pipeline] = []
        checks: list[Check] = []
        uses: list[Use] = []
        for project in self._listed.projects:
            permissions = self._of("permissions", project) or Permissions(False, ())
            everyone = everyone or permissions.all_pipelines
            if permissions.pipelines:
                names = self._of("pipelines", project, whole=True) or {}
                pipelines += [
                    Pipeline(id=each, name=names.get(each, ""), project_id=project.id, project=project.name)
                    for each in permissions.pipelines
                ]
            checks += (self._of("checks", project, whole=True) or {}).get(self._listed.id, ())
            if use := self._of("use", project):
                uses.append(use)
        return Details(
            all_pipelines=everyone,
            pipelines=tuple(sorted(pipelines, key=lambda each: (each.project.casefold(), each.id))),
            checks=tuple(checks),
            last_used=max(uses, key=lambda use: use.finished, default=None),
            unseen=tuple(self._unseen),
        )

    def _of(self, kind: str, project: Project, *, whole: bool = False) -> Any:
        """An answer about the connection in a project, or about the `whole` project; None where refused."""
        key = (kind, project.id) if whole else (kind, project.id, self._listed.id)
        answer = self._found[key]
        if isinstance(answer, str):
            self._unseen.append(answer)
            return None
        return answer


def _answer(what: str, question: Callable[[], Any]) -> Any:
    """The answer to a question, or a text that says why there is none."""
    try:
        return question()
    except ServiceError as error:
        return unseen(what, error)
