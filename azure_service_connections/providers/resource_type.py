"""What a kind of resource or a function has to answer; the gRPC frame does the rest.

Values that arrive here carry no secret marks: the frame takes them off and puts them on again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from azure_service_connections.providers.property_values import Properties


@dataclass(frozen=True)
class CheckFailure:
    """An input that is wrong: its path and one sentence on it."""

    path: str
    reason: str


class NamingMode(Enum):
    """What the engine asks of an automatic name."""

    PROPOSE = 0
    ENFORCE = 1
    DISABLE = 2


@dataclass(frozen=True)
class CheckRequest:
    """The inputs to look at, and what automatic names are made from."""

    name: str
    olds: Properties
    news: Properties
    random_seed: bytes = b""
    naming_mode: NamingMode | None = None
    proposed_name: str = ""


@dataclass(frozen=True)
class Checked:
    """The inputs with defaults filled in, and what is wrong with them."""

    inputs: Properties
    failures: list[CheckFailure] = field(default_factory=list)


class Change(Enum):
    """How one property changes; the values are those of the engine's `PropertyDiff.Kind`."""

    ADD = 0
    ADD_REPLACE = 1
    DELETE = 2
    DELETE_REPLACE = 3
    UPDATE = 4
    UPDATE_REPLACE = 5

    @property
    def replaces(self) -> bool:
        """Whether the resource has to be made anew."""
        return self in (Change.ADD_REPLACE, Change.DELETE_REPLACE, Change.UPDATE_REPLACE)

    def replacing(self) -> "Change":
        """The same change as one that makes the resource anew."""
        return self if self.replaces else Change(self.value + 1)


@dataclass(frozen=True)
class Difference:
    """Property paths to what happens to them; `of_inputs` where old inputs, not outputs, were compared."""

    changes: dict[str, Change]
    delete_before_replace: bool = False
    of_inputs: bool = False


@dataclass(frozen=True)
class Found:
    """A resource as the service has it."""

    identifier: str
    inputs: Properties
    outputs: Properties


class ResourceType(Protocol):
    """One kind of resource. Failures are raised as PluginError."""

    @property
    def token(self) -> str:
        """`{package}:{module}:{name}`."""

    @property
    def secret_outputs(self) -> frozenset[str]:
        """Outputs that are secret whatever the inputs were."""

    def schema(self) -> dict[str, object]:
        """The resource's part of the package schema."""

    def check(self, request: CheckRequest) -> Checked:
        """Fill in defaults and find mistakes, without a request for the resource itself."""

    def diff(self, olds: Properties, old_inputs: Properties, news: Properties) -> Difference:
        """What would change."""

    def preview(self, inputs: Properties, olds: Properties | None) -> Properties:
        """The outputs so far as they are known before the resource is made, or changed (`olds` given)."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Make it; the id and the outputs."""

    def read(self, identifier: str, inputs: Properties | None, olds: Properties) -> Found | None:
        """Look it up; None when it is gone. Without `inputs` (import) they are made from what is found."""

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """Change it; the outputs."""

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """Remove it."""


@dataclass(frozen=True)
class Function:
    """One function of a package: its token, names and kinds of arguments and results, and what it does."""

    token: str
    arguments: dict[str, str]
    results: dict[str, str]
    call: Callable[[Properties], Properties]
    required: tuple[str, ...] = ()
    secret_results: frozenset[str] = frozenset()
