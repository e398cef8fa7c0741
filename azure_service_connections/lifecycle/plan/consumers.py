"""Who uses connections: pipelines that may, and the tasks in them that name a connection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from azure_service_connections.catalogue.pipeline_tasks import Federation, PipelineTasks, task_name
from azure_service_connections.catalogue.wording import listed
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection, Project
from azure_service_connections.lifecycle.inventory.workers import Tell, Workers
from azure_service_connections.lifecycle.plan.pipeline_reading import (
    PipelineKey,
    ReadPipeline,
    read_pipeline,
)
from azure_service_connections.lifecycle.plan.pipeline_text import Use
from azure_service_connections.lifecycle.plan.plan_file import Consumer
from azure_service_connections.lifecycle.services import Services, checked

ConnectionKey = tuple[str, str]
"""A connection's organization and its id."""

Consumers = Mapping[ConnectionKey, tuple[Consumer, ...]]

_TEMPLATE: Final = "template "


def key_of(connection: ExistingConnection) -> ConnectionKey:
    """What consumers are kept under."""
    return connection.organization, connection.id


def read_consumers(
    services: Services,
    connections: Sequence[ExistingConnection],
    tasks: PipelineTasks,
    tell: Tell | None = None,
) -> Consumers:
    """The consumers of each connection, in the order of project and pipeline.

    Of a connection that is open to all pipelines, those are told that name it, or may, or cannot be read; of
    another one, all that may use it.
    """
    with Workers(tell) as workers:
        everywhere = _all_pipelines(services, workers, connections)
        wanted = {key: None for each in connections for key, _, _ in _pipelines(each, everywhere)}
        read = workers.all("pipelines", [partial(read_pipeline, services, key) for key in wanted])
    pipelines = dict(zip(wanted, read, strict=True))
    return {
        key_of(each): tuple(
            sorted(
                _consumers(each, _pipelines(each, everywhere), pipelines, tasks),
                key=lambda consumer: (consumer.project.casefold(), consumer.pipeline.casefold()),
            )
        )
        for each in connections
    }


_Everywhere = Mapping[tuple[str, str], Sequence[int]]
_Candidate = tuple[PipelineKey, Project, bool]
"""A pipeline, the project through which it has the connection, and whether it was allowed by itself."""


def _all_pipelines(
    services: Services, workers: Workers, connections: Iterable[ExistingConnection]
) -> _Everywhere:
    """The pipelines of each project that a connection is open in."""
    places = list(
        dict.fromkeys(
            (each.organization, project.id)
            for each in connections
            if each.all_pipelines
            for project in each.projects
        )
    )

    def ids(organization: str, project: str) -> list[int]:
        answer = services.devops("GET", f"/{project}/_apis/pipelines", organization=organization)
        return [int(each["id"]) for each in checked(answer, "Listing the pipelines of a project")["value"]]

    lists = workers.all("lists of pipelines", [partial(ids, *place) for place in places])
    return dict(zip(places, lists, strict=True))


def _pipelines(connection: ExistingConnection, everywhere: _Everywhere) -> Iterator[_Candidate]:
    by_id = {project.id.lower(): project for project in connection.projects}
    allowed = {
        PipelineKey(connection.organization, each.project_id, each.id): by_id.get(
            each.project_id.lower(), connection.project
        )
        for each in connection.pipelines
    }
    for key, project in allowed.items():
        yield key, project, True
    if not connection.all_pipelines:
        return
    for project in connection.projects:
        for number in everywhere.get((connection.organization, project.id), ()):
            key = PipelineKey(connection.organization, project.id, number)
            if key not in allowed:
                yield key, project, False


def _consumers(
    connection: ExistingConnection,
    candidates: Iterable[_Candidate],
    pipelines: Mapping[PipelineKey, ReadPipeline],
    tasks: PipelineTasks,
) -> Iterator[Consumer]:
    for key, project, by_itself in candidates:
        pipeline = pipelines[key]
        if pipeline.gone:
            continue
        names = (project.connection_name or connection.name, connection.id)
        uses = [each for each in pipeline.uses if _counts(each, names, by_itself)]
        if uses or pipeline.note or by_itself:
            yield _consumer(project.name, pipeline, uses, tasks)


def _counts(use: Use, names: Sequence[str], by_itself: bool) -> bool:
    """Whether a use is one of the connection.

    What may be any name counts only for a pipeline that was allowed by itself; else every such pipeline
    would be a consumer of every open connection.
    """
    held = use if by_itself else Use(use.task, use.values, use.through)
    return any(held.names(name) for name in names)


def _consumer(project: str, pipeline: ReadPipeline, uses: Sequence[Use], tasks: PipelineTasks) -> Consumer:
    supports = {
        name: tasks.of(name)
        for name in sorted({task_name(each.task) for each in uses if not each.task.startswith(_TEMPLATE)})
    }
    notes = [pipeline.note] if pipeline.note else []
    templates = {each.task for each in uses if each.task.startswith(_TEMPLATE)}
    if templates and not supports:
        notes.append(f"hands its name to {listed(sorted(templates), 'and')}")
    if uses and all(each.through for each in uses):
        notes.append(f"may name it through {listed(sorted({each.through for each in uses}), 'and')}")
    return Consumer(
        project=project,
        pipeline=pipeline.name,
        tasks=tuple(supports),
        unsupported=_those(supports, Federation.UNSUPPORTED, tasks),
        unknown=_those(supports, Federation.UNKNOWN, tasks),
        note="; ".join(notes),
    )


def _those(names: Iterable[str], federation: Federation, tasks: PipelineTasks) -> tuple[str, ...]:
    return tuple(name for name in names if tasks.of(name).federation is federation)
