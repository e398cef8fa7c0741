"""Puts the steps of a preview together by the connection that they are about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.phrase import short
from azure_service_connections.lifecycle.review.preview import Preview, Resource, Step, Urn
from azure_service_connections.lifecycle.review.resource_kinds import (
    ENDPOINTS,
    IDENTITIES,
    SERVICE_CONNECTION,
    Kind,
    kind_of,
    plain_type,
)
from azure_service_connections.lifecycle.review.values import text_of

_TARGETS: Final = ("resourceId", "targetResourceId", "serviceendpointId")
"""Where a right or a check names its connection."""
_PRINCIPALS: Final = (
    *("principalId", "applicationId", "applicationObjectId", "servicePrincipalId", "parentId"),
    *("resourceName", "resourceName_", "clientId"),
)
"""Where something given to an identity names the identity."""


@dataclass
class Group:
    """The steps that are about one connection, or about an identity that is not one connection's alone."""

    name: str
    is_connection: bool
    component: Step | None = None
    """The ServiceConnection, where there is one and it is in the preview."""
    endpoint: Step | None = None
    """The connection itself, where it is in the preview: unchanged ones are not."""
    steps: dict[Kind, list[Step]] = field(default_factory=lambda: defaultdict(list))
    used_by: tuple[str, ...] = ()
    """The connections that sign in as the identity."""
    in_plan: bool = False
    """Whether it was read from a saved plan, which holds unchanged parts too and no former values."""

    def of(self, kind: Kind) -> list[Step]:
        """The steps of one kind."""
        return self.steps.get(kind, [])


class Grouping:
    """Finds the connection that a step is about: by its component, by what it depends on, or by ids."""

    def __init__(self, preview: Preview, known: KnownNames) -> None:
        """Look at all steps once."""
        self._known = known
        self._in_plan = preview.is_plan
        self._steps = {step.urn: step for step in preview.steps}
        self._groups: dict[str, Group] = {}
        self._endpoints_by_id: dict[str, str] = {}
        self._identities_by_id: dict[str, str] = {}
        self._same_identity: dict[str, str] = {}
        self._users: dict[str, set[str]] = defaultdict(set)
        # The engine writes steps in the order in which they happened to be registered.
        kinds = [(step, kind_of(step)) for step in sorted(preview.steps, key=lambda step: step.urn)]
        for step, kind in kinds:
            if kind == Kind.IDENTITY:
                self._learn_identity(step)
        for step, kind in kinds:
            if kind == Kind.ENDPOINT:
                self._learn_endpoint(step)
            elif step.type == SERVICE_CONNECTION:
                self._group(step.urn, step.place.name, True).component = step
        for step, kind in kinds:
            if kind not in (Kind.OTHER, Kind.ENDPOINT):
                self._group_of(step, kind).steps[kind].append(step)

    def groups(self) -> list[Group]:
        """Every connection and identity of the preview."""
        return list(self._groups.values())

    def _learn_identity(self, step: Step) -> None:
        for state in step.states():
            for name in ("clientId", "objectId", "principalId", "id", "applicationId"):
                if plain_type(step.type) in IDENTITIES and (value := text_of(state.outputs.get(name))):
                    self._identities_by_id.setdefault(_last_part(value), step.urn)
        for depended in self._depended(
            step, ("clientId", "applicationId", "applicationObjectId"), IDENTITIES
        ):
            # A service principal is the application that it is made for.
            self._same_identity[step.urn] = depended

    def _learn_endpoint(self, step: Step) -> None:
        key, name = self._key_of_endpoint(step.urn, step.states())
        group = self._group(key, name or _endpoint_name(step), True)
        group.endpoint = step
        group.steps[Kind.ENDPOINT].append(step)
        for state in step.states():
            if state.identifier:
                self._endpoints_by_id[state.identifier.lower()] = key
        for identity in self._depended(step, (), IDENTITIES):
            self._users[self._identity(identity)].add(key)
        for state in step.states():
            credentials = state.inputs.get("credentials")
            client = text_of(credentials.get("serviceprincipalid")) if isinstance(credentials, dict) else None
            if client and (found := self._identities_by_id.get(client.lower())):
                self._users[self._identity(found)].add(key)

    def _group_of(self, step: Step, kind: Kind) -> Group:
        if component := _component_above(step, self._steps):
            return self._group(component, Urn.of(component).name, True)
        if kind == Kind.COMPONENT:
            # A component beside a connection: its resources say all that it does.
            return Group("", False)
        if kind in (Kind.PIPELINE, Kind.CHECK, Kind.PERSON):
            return self._of_target(step)
        return self._of_identity(step, kind)

    def _of_target(self, step: Step) -> Group:
        for urn in self._depended(step, _TARGETS, ENDPOINTS):
            key, name = self._key_of_endpoint(urn, self._states(urn))
            return self._group(key, name or Urn.of(urn).name, True)
        for target in _TARGETS:
            for state in step.states():
                if given := text_of(state.get(target)):
                    identifier = given.rsplit("_", 1)[-1].lower()
                    if (own := self._endpoints_by_id.get(identifier)) is not None:
                        return self._groups[own]
                    called = self._known.connection(identifier) or short(identifier)
                    return self._group(f"connection {identifier}", called, True)
        return self._group(step.urn, step.place.name, True)

    def _of_identity(self, step: Step, kind: Kind) -> Group:
        identity = step.urn if kind == Kind.IDENTITY else self._identity_of(step)
        identity = self._identity(identity)
        users = sorted(self._users.get(identity, ()))
        if len(users) == 1:
            return self._groups[users[0]]
        group = self._group(identity, self._identity_name(identity), False)
        group.used_by = tuple(self._groups[each].name for each in users)
        return group

    def _identity_of(self, step: Step) -> str:
        for urn in self._depended(step, _PRINCIPALS, IDENTITIES):
            return urn
        for name in _PRINCIPALS:
            for state in step.states():
                if value := text_of(state.get(name)):
                    return self._identities_by_id.get(_last_part(value), _last_part(value))
        return step.place.name

    def _identity(self, urn: str) -> str:
        return self._same_identity.get(urn, urn)

    def _identity_name(self, identity: str) -> str:
        step = self._steps.get(identity)
        for state in step.states() if step else ():
            for name in ("displayName", "resourceName", "name"):
                if value := text_of(state.get(name)):
                    return value
        return Urn.of(identity).name if "::" in identity else short(identity)

    def _depended(self, step: Step, properties: Iterable[str], types: frozenset[str]) -> Iterator[str]:
        """The resources of some types on which some properties depend, or any where none is named."""
        for state in step.states():
            by_property = state.property_dependencies
            wanted = tuple(properties) or tuple(by_property)
            for name in wanted:
                for urn in by_property.get(name) or ():
                    if plain_type(Urn.of(urn).type) in types:
                        yield urn

    def _key_of_endpoint(self, urn: str, states: tuple[Resource, ...]) -> tuple[str, str]:
        """The key of the connection's group, and its name where it is a component's."""
        component = _climb(urn, states, self._steps)
        return (component, Urn.of(component).name) if component else (urn, "")

    def _states(self, urn: str) -> tuple[Resource, ...]:
        step = self._steps.get(urn)
        return step.states() if step else ()

    def _group(self, key: str, name: str, is_connection: bool) -> Group:
        return self._groups.setdefault(key, Group(name, is_connection, in_plan=self._in_plan))


def _component_above(step: Step, steps: dict[str, Step]) -> str | None:
    """The ServiceConnection that a resource is a part of."""
    if step.type == SERVICE_CONNECTION:
        return step.urn
    return _climb(step.urn, step.states(), steps)


def _climb(urn: str, states: tuple[Resource, ...], steps: dict[str, Step]) -> str | None:
    if SERVICE_CONNECTION not in Urn.of(urn).types[:-1]:
        return None
    while states:
        parent = next((each.parent for each in states if each.parent), "")
        if Urn.of(parent).type == SERVICE_CONNECTION:
            return parent
        above = steps.get(parent)
        states = above.states() if above else ()
    # Unchanged components are not in a preview; their names begin those of their parts.
    place = Urn.of(urn)
    types = place.types[: place.types.index(SERVICE_CONNECTION) + 1]
    name = place.name.split("/", 1)[0].replace("~1", "/").replace("~0", "~")
    return f"urn:pulumi:{place.stack}::{place.project}::{'$'.join(types)}::{name}"


def _endpoint_name(step: Step) -> str:
    for state in step.states():
        for name in ("serviceEndpointName", "name"):
            if value := text_of(state.get(name)):
                return value
    return step.place.name


def _last_part(identifier: str) -> str:
    return identifier.rstrip("/").rsplit("/", 1)[-1].lower()


def dependent_on_endpoint(state: Resource | None, properties: Iterable[str]) -> bool:
    """Whether some property of a resource comes from a connection of the same program."""
    if state is None:
        return False
    depended: Any = state.property_dependencies
    return any(
        Urn.of(urn).type in ENDPOINTS or Urn.of(urn).type == SERVICE_CONNECTION
        for name in properties
        for urn in depended.get(name) or ()
    )
