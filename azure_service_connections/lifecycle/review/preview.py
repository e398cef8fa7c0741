"""A preview, whichever way the engine wrote it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_URN: Final = "urn:pulumi:"
CREATE: Final = "create"
UPDATE: Final = "update"
REPLACE: Final = "replace"
DELETE: Final = "delete"
IMPORT: Final = "import"
SAME: Final = "same"
CHANGING: Final = frozenset({CREATE, UPDATE, REPLACE, DELETE, IMPORT})
"""What is done to a resource where something is."""
STACK: Final = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Urn:
    """The parts of a resource's URN."""

    stack: str
    project: str
    types: tuple[str, ...]
    """The types of its ancestors and its own, the outermost first."""
    name: str

    @classmethod
    def of(cls, text: str) -> "Urn":
        """The parts of a URN; what is missing is empty."""
        parts = [*text.removeprefix(_URN).split("::", 3), "", "", ""]
        return cls(parts[0], parts[1], tuple(parts[2].split("$")), parts[3])

    @property
    def type(self) -> str:
        """The resource's own type."""
        return self.types[-1]


@dataclass(frozen=True)
class Resource:
    """One state of a resource: as it is, or as it is to be."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    identifier: str = ""
    parent: str = ""
    protect: bool | None = None
    """None where it is not said."""
    dependencies: frozenset[str] = frozenset()
    """URNs of everything that it depends on."""
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """An input, or an output where no such input was given; None where there is neither."""
        value = self.inputs.get(name)
        return self.outputs.get(name) if value is None else value


@dataclass(frozen=True)
class Step:
    """What is to be done to one resource."""

    op: str
    urn: str
    old: Resource | None
    new: Resource | None
    reasons: tuple[str, ...] = ()
    """The properties that make it a replacement."""
    changed: tuple[str, ...] = ()
    """The properties that the provider calls different."""

    @property
    def place(self) -> Urn:
        """The parts of the URN."""
        return Urn.of(self.urn)

    @property
    def type(self) -> str:
        """The type of the resource."""
        return self.place.type

    def states(self) -> tuple[Resource, ...]:
        """The states that are known, the new one first."""
        return tuple(each for each in (self.new, self.old) if each is not None)

    def was(self, name: str) -> Any:
        """A property as it is."""
        return None if self.old is None else self.old.get(name)

    def will(self, name: str) -> Any:
        """A property as it is to be: as it was asked for, or as it is where it is no input."""
        if self.new is None:
            return None
        value = self.new.inputs.get(name)
        if value is None and self.op in (UPDATE, SAME) and self.old and name not in self.old.inputs:
            return self.old.outputs.get(name)
        return value


@dataclass(frozen=True)
class Preview:
    """Everything that a preview says."""

    steps: tuple[Step, ...]
    """One for each resource, those of the whole stack or only the changed ones."""
    config: Mapping[str, Any]
    errors: tuple[str, ...] = ()
    """What the engine and the providers call errors, each on one line."""
    is_plan: bool = False
    """Whether it was read from a saved plan, which does not say what is there now."""

    @property
    def project(self) -> str:
        """The name of the engine's project; empty where there is no resource."""
        return self.steps[0].place.project if self.steps else ""

    @property
    def stack(self) -> str:
        """The name of the stack; empty where there is no resource."""
        return self.steps[0].place.stack if self.steps else ""
