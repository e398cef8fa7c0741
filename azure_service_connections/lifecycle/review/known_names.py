"""What the ids of a preview are called, as far as the preview says it.

The outputs of the stack name what is there, its configuration what is to be, and the connections themselves
their subscriptions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from azure_service_connections.lifecycle.review.phrase import Name, Phrase, phrase, short
from azure_service_connections.lifecycle.review.preview import STACK, Preview, Step
from azure_service_connections.lifecycle.review.resource_kinds import (
    ENDPOINTS,
    SERVICE_CONNECTION,
)
from azure_service_connections.lifecycle.review.values import text_of

_CONFIGURED: Final = "azure-service-connections:connections"
_OUTPUT: Final = "connections"

Pipeline = tuple[str, str]
"""The ids of a pipeline's project and of the pipeline itself."""


class KnownNames:
    """Looks up names; an id without one comes back short."""

    def __init__(self, preview: Preview) -> None:
        """Collect what the preview says."""
        configured = preview.config.get(_CONFIGURED)
        self.configured: Mapping[str, Any] = configured if isinstance(configured, Mapping) else {}
        self._projects: dict[str, str] = {}
        self._subscriptions: dict[str, str] = {}
        self._management_groups: dict[str, str] = {}
        self._pipelines: dict[Pipeline, str] = {}
        self._together: dict[frozenset[Pipeline], list[str]] = {}
        self._connections: dict[str, str] = {}
        for output in _outputs(preview.steps):
            self._of_output(output)
        for step in preview.steps:
            if step.type == SERVICE_CONNECTION:
                self._of_component(step)
            elif step.type in ENDPOINTS:
                self._of_endpoint(step)
        for step in preview.steps:
            if step.type == SERVICE_CONNECTION:
                self._projects_that_share(step)
                self._pipelines_of_component(step)

    def project(self, identifier: Any) -> Phrase:
        """The name of a project."""
        return _named(self._projects, identifier)

    def subscription(self, identifier: Any) -> Phrase:
        """The name of a subscription."""
        return _named(self._subscriptions, identifier)

    def management_group(self, identifier: Any) -> Phrase:
        """The name of a management group, whose id is a word of its own."""
        return _named(self._management_groups, identifier)

    def pipelines(self, given: Iterable[Pipeline]) -> list[str]:
        """The names of pipelines in alphabetical order, then the numbers of those without a name."""
        pipelines = {self._in_its_project(each) for each in given}
        left = frozenset(each for each in pipelines if each not in self._pipelines)
        called = [self._pipelines[each] for each in pipelines - left]
        if left in self._together:
            called, left = called + self._together[left], frozenset()
        numbers = sorted((each[1] for each in left), key=lambda each: (len(each), each))
        return [
            *(Name(each) for each in sorted(called)),
            *(f"number {each}" if each.isdigit() else Name(short(each)) for each in numbers),
        ]

    def _in_its_project(self, pipeline: Pipeline) -> Pipeline:
        """A pipeline of which only the number is known, where one project alone has that number."""
        found = [each for each in self._pipelines if each[1] == pipeline[1]]
        return found[0] if not pipeline[0] and len(found) == 1 else pipeline

    def connection(self, identifier: str) -> str | None:
        """The name of a connection by its id, where the stack's outputs have it."""
        return self._connections.get(identifier.lower())

    def person(self, connection: str, key: str) -> str | None:
        """Whom the configuration gives a role on a connection under a key."""
        given = _at(self.configured, connection, "permissions", key)
        return text_of(given.get("who")) if isinstance(given, Mapping) else None

    def approvers(self, connection: str, key: str) -> tuple[str, ...]:
        """Whom the configuration asks for an approval; empty where it does not say."""
        given = _at(self.configured, connection, "checks", "approvals", key, "approvers")
        return tuple(each for each in given if isinstance(each, str)) if isinstance(given, list) else ()

    def _of_output(self, output: Mapping[str, Any]) -> None:
        project, identifier = text_of(output.get("project")), text_of(output.get("projectId"))
        if project and identifier:
            self._projects[identifier.lower()] = project
        connection, name = text_of(output.get("connectionId")), text_of(output.get("connectionName"))
        if connection and name:
            self._connections[connection.lower()] = name
        pipelines = output.get("pipelines")
        for each in pipelines if isinstance(pipelines, list) else ():
            if isinstance(each, Mapping) and (called := text_of(each.get("name"))):
                self._pipelines[str(each.get("projectId")).lower(), number(each.get("id"))] = called

    def _of_component(self, step: Step) -> None:
        for state in step.states():
            for scope, key, name in (
                ("subscription", "id", "name"),
                ("resourceGroup", "subscriptionId", "subscriptionName"),
                ("workspace", "subscriptionId", "subscriptionName"),
            ):
                _note(self._subscriptions, state.inputs.get(scope), key, name)
            _note(self._management_groups, state.inputs.get("managementGroup"), "id", "name")
        project = text_of(_at(self.configured, step.place.name, "project"))
        new = text_of(step.new.inputs.get("projectId")) if step.new else None
        # Written as an id it names nothing.
        if new and project and project.lower() != new.lower():
            self._projects[new.lower()] = project

    def _of_endpoint(self, step: Step) -> None:
        for state in step.states():
            for fields in (state.inputs, state.outputs, state.inputs.get("parameters")):
                _note(self._subscriptions, fields, "azurermSubscriptionId", "azurermSubscriptionName")
                _note(self._subscriptions, fields, "subscriptionId", "subscriptionName")
                _note(
                    self._management_groups, fields, "azurermManagementGroupId", "azurermManagementGroupName"
                )
                _note(self._management_groups, fields, "managementGroupId", "managementGroupName")
            name = text_of(state.get("serviceEndpointName")) or text_of(state.get("name"))
            if name and state.identifier:
                self._connections.setdefault(state.identifier.lower(), name)

    def _projects_that_share(self, step: Step) -> None:
        """Match the one project that is left of those with which a connection is shared."""
        written = _at(self.configured, step.place.name, "sharedWith")
        given = step.new.inputs.get("sharedWith") if step.new else None
        if not isinstance(written, list) or not isinstance(given, list):
            return
        left = [each for each in map(text_of, given) if each and each.lower() not in self._projects]
        taken = {self._projects.get(each.lower()) for each in map(text_of, given) if each}
        called = [each for each in map(text_of, written) if each and each not in taken]
        if len(left) == len(called) == 1:
            self._projects[left[0].lower()] = called[0]

    def _pipelines_of_component(self, step: Step) -> None:
        """Match names of the configuration with ids: one by one, or as many as there are together."""
        written = _at(self.configured, step.place.name, "pipelines")
        if step.new is None or not isinstance(written, list):
            return
        given = pipelines_of(step.new.inputs)
        left = [each for each in given if each not in self._pipelines]
        taken = {self._pipelines[each] for each in given if each in self._pipelines}
        called = [name for each in written if (name := _pipeline_name(each)) and name not in taken]
        if len(left) == len(called) == 1:
            self._pipelines[left[0]] = called[0]
        elif left and len(left) == len(called):
            self._together[frozenset(left)] = called


def pipelines_of(inputs: Mapping[str, Any]) -> list[Pipeline]:
    """The pipelines that a component lets use a connection."""
    own, given = text_of(inputs.get("projectId")) or "", inputs.get("pipelines")
    return [
        ((text_of(each.get("projectId")) or own).lower(), number(each.get("id")))
        for each in (given.values() if isinstance(given, Mapping) else ())
        if isinstance(each, Mapping)
    ]


def number(value: Any) -> str:
    """A whole number as text: JSON has 3 and 3.0 for the same."""
    return str(int(value)) if isinstance(value, int | float) else str(value)


def _outputs(steps: Sequence[Step]) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        if step.type == STACK:
            for state in step.states():
                outputs = state.outputs.get(_OUTPUT)
                yield from _maps(outputs.values() if isinstance(outputs, Mapping) else ())


def _maps(values: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    return (each for each in values if isinstance(each, Mapping))


def _at(value: Any, *path: str) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _note(known: dict[str, str], fields: Any, key: str, name: str) -> None:
    if isinstance(fields, Mapping):
        identifier, called = text_of(fields.get(key)), text_of(fields.get(name))
        if identifier and called:
            known.setdefault(identifier.lower(), called)


def _pipeline_name(written: Any) -> str | None:
    if isinstance(written, Mapping):
        written = written.get("name")
    text = text_of(written)
    return text if text and not text.isdigit() else None


def _named(known: Mapping[str, str], identifier: Any) -> Phrase:
    text = text_of(identifier)
    if text is None:
        return phrase("that is not known before ", Name("up"))
    return (Name(known.get(text.lower()) or short(text)),)
