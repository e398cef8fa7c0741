"""Which pipelines may use a connection, before and after."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from azure_service_connections.lifecycle.review.finding import Finding, Kind, Risk
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.known_names import (
    KnownNames,
    Pipeline,
    number,
    pipelines_of,
)
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, phrase, row
from azure_service_connections.lifecycle.review.preview import CREATE, DELETE, IMPORT, Step
from azure_service_connections.lifecycle.review.resource_kinds import (
    OLDER_PIPELINE_RIGHT,
    PIPELINE_ACCESS,
    SERVICE_CONNECTION,
)
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.values import Mark, text_of


@dataclass
class Pipelines:
    """The pipelines that may use a connection."""

    each: set[Pipeline] = field(default_factory=set)
    all: bool = False
    unknown: bool = False
    """Whether one of them cannot be told before `up`."""

    def words(self, known: KnownNames) -> Phrase | None:
        """Their names, or None where there is no pipeline."""
        if self.all:
            return ("every pipeline of the project",)
        return row(known.pipelines(self.each)) if self.each else None


def pipelines_before(group: Group) -> Pipelines:
    """Who may use the connection now, as far as the preview says it."""
    return _pipelines(group, new=False)


def pipelines_after(group: Group) -> Pipelines:
    """Who may use the connection after `up`, as far as the preview says it."""
    return _pipelines(group, new=True)


def pipeline_findings(group: Group, known: KnownNames) -> Iterator[Finding]:
    """Which pipelines gain and lose the right to use it."""
    before, after = pipelines_before(group), pipelines_after(group)
    if after.all and not before.all:
        instead = before.words(known)
        yield Finding(
            Kind.PIPELINES,
            Risk.HIGH,
            "opens to every pipeline of its project, also to those made later",
            phrase("; now it is open to ", instead) if instead else "",
        )
        return
    if before.all and not after.all:
        left = after.words(known)
        yield Finding(
            Kind.PIPELINES,
            Risk.NONE,
            "closes to every pipeline of its project",
            phrase(" but ", left) if left else "",
        )
        return
    if gained := known.pipelines(after.each - before.each):
        yield Finding(Kind.PIPELINES, Risk.LOW, *_who(gained), f" gain{_s(gained)} the right to use it")
    if lost := known.pipelines(before.each - after.each):
        yield Finding(Kind.PIPELINES, Risk.LOW, *_who(lost), f" lose{_s(lost)} the right to use it")
    if after.unknown and not before.unknown:
        yield Finding(
            Kind.PIPELINES,
            Risk.MEDIUM,
            phrase("a pipeline that is not known before ", Name("up"), " gains the right to use it"),
        )


def _who(pipelines: list[str]) -> tuple[Phrase, ...]:
    return (("pipeline " if len(pipelines) == 1 else "pipelines ",), row(pipelines))


def _s(pipelines: list[str]) -> str:
    return "s" if len(pipelines) == 1 else ""


def _pipelines(group: Group, new: bool) -> Pipelines:
    found = Pipelines()
    states = [state for each in _components(group) if (state := each.new if new else each.old) is not None]
    if states and not group.in_plan:
        inputs = states[0]
        if inputs.inputs.get("allPipelines") is True:
            found.all = True
        # What a component says is all of it: parts that are removed with a replacement are not in a preview.
        found.each |= set(pipelines_of(inputs.inputs))
        return found
    for step in group.of(ResourceKind.PIPELINE):
        gone = step.op == DELETE if new else step.op in (CREATE, IMPORT)
        if not gone:
            _add(found, step, new)
    return found


def _components(group: Group) -> list[Step]:
    components = [group.component] if group.component else []
    parts = [each for each in group.of(ResourceKind.COMPONENT) if each.type == PIPELINE_ACCESS]
    return [each for each in (*parts, *components) if each.type in (PIPELINE_ACCESS, SERVICE_CONNECTION)]


def _add(found: Pipelines, step: Step, new: bool) -> None:
    get = step.will if new else step.was
    name = "definitionId" if step.type == OLDER_PIPELINE_RIGHT else "pipelineId"
    if step.type == OLDER_PIPELINE_RIGHT and get("authorized") is False:
        return
    pipeline = get(name)
    if pipeline is Mark.UNKNOWN:
        found.unknown = True
    elif pipeline is None and get("resourceId") is None:
        # A plan says of a removed right only that it is removed; a component's is named by its pipeline.
        if (key := step.place.name.rpartition("/")[2]).isdigit():
            found.each.add(("", key))
    elif pipeline is None:
        # Without the id of a pipeline it is the right of all.
        found.all = True
    else:
        project = text_of(get("pipelineProjectId")) or text_of(get("projectId")) or ""
        found.each.add((project.lower(), number(pipeline)))
