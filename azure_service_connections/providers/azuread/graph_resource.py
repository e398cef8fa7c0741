"""What all resources of the azuread plugin share: checks, differences, previews and refreshed inputs.

Like the published plugin's bridge, a difference is between the last known *outputs* and the new inputs,
defaults are filled into the inputs and listed in `__defaults`, and outputs carry the `id`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.property_table import Property, changes_between, normal
from azure_service_connections.providers.errors import InitializationError, PluginError
from azure_service_connections.providers.package_schema import property_type
from azure_service_connections.providers.property_values import UNKNOWN, Properties, holds_unknown
from azure_service_connections.providers.resource_type import (
    Change,
    Checked,
    CheckFailure,
    CheckRequest,
    Difference,
    Found,
)

DEFAULTED = "__defaults"


class GraphResource(ABC):
    """One kind of resource; subclasses say how it is made, read, changed and removed."""

    token: ClassVar[str]
    properties: ClassVar[dict[str, Property]]
    importable: ClassVar[bool] = True

    def __init__(self, graph: Callable[[], GraphClient]) -> None:
        """`graph` answers the signed-in client once the plugin is configured."""
        self._graph = graph
        self.secret_outputs = frozenset(name for name, known in self.properties.items() if known.secret)

    def schema(self) -> dict[str, object]:
        """The resource's part of the package schema."""
        described = {name: property_type(known.kind, known.secret) for name, known in self.properties.items()}
        given = {name for name, known in self.properties.items() if not known.output and known.offered}
        always = {name for name, known in self.properties.items() if known.required or known.output}
        return {
            "properties": described,
            "required": sorted(always),
            "inputProperties": {name: described[name] for name in sorted(given)},
            "requiredInputs": sorted(name for name in given if self.properties[name].required),
        }

    def check(self, request: CheckRequest) -> Checked:
        """Defaults and mistakes; unknown values pass."""
        inputs = self.with_defaults(request)
        failures: list[CheckFailure] = []
        for name, value in request.news.items():
            if name == DEFAULTED:
                continue
            known = self.properties.get(name)
            if known is None or known.output:
                failures.append(CheckFailure(name, f"{name} is not an input of {self.token}; leave it out."))
            elif not known.offered:
                failures.append(CheckFailure(name, f"{name}: the local cloud's plugin does not offer it."))
            elif known.mistake and not holds_unknown(value) and (mistake := known.mistake(value)):
                said = f"{name} {mistake}" if not known.secret else f"{name} is not valid."
                failures.append(CheckFailure(name, said))
        for name, known in self.properties.items():
            if known.required and name not in inputs:
                failures.append(CheckFailure(name, f"{name} is missing; give it."))
            if name in request.news and any(other in request.news for other in known.conflicts):
                failures.append(CheckFailure(name, f"{name} and {known.conflicts[0]} exclude each other."))
        return Checked(inputs, failures)

    def with_defaults(self, request: CheckRequest) -> Properties:
        """The inputs with the defaults of what was not given, named in `__defaults`."""
        inputs = {name: value for name, value in request.news.items() if name != DEFAULTED}
        defaulted = []
        for name, known in self.properties.items():
            if known.default is not None and name not in inputs:
                inputs[name] = known.default
                defaulted.append(name)
        return {DEFAULTED: sorted(defaulted), **inputs}

    def diff(self, olds: Properties, old_inputs: Properties, news: Properties) -> Difference:
        """From the outputs to the new inputs; what the service chose and nobody asks for stays."""
        changes: dict[str, Change] = {}
        for name, known in self.properties.items():
            if known.output or (known.computed and name not in news):
                continue
            old = olds[name] if name in olds else old_inputs.get(name)
            found = changes_between(name, old, news.get(name), known.unordered)
            changes |= {path: kind.replacing() if known.replaces else kind for path, kind in found.items()}
        return Difference(changes)

    def preview(self, inputs: Properties, olds: Properties | None) -> Properties:
        """Inputs, and what only the service knows: unknown at first, as it was later."""
        outputs: Properties = {"id": UNKNOWN if olds is None else olds.get("id", UNKNOWN)}
        for name, known in self.properties.items():
            if name in inputs:
                outputs[name] = inputs[name]
            elif known.output or known.computed:
                outputs[name] = UNKNOWN if olds is None else olds.get(name, UNKNOWN)
        return outputs

    @abstractmethod
    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Make it."""

    @abstractmethod
    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """Read it; None when it is gone. `known` are inputs or outputs that the service does not return."""

    @abstractmethod
    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """Change it."""

    @abstractmethod
    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """Remove it."""

    def read(self, identifier: str, inputs: Properties | None, olds: Properties) -> Found | None:
        """Refresh (inputs follow what has changed) or import (inputs are what differs from the defaults)."""
        if inputs is None and not olds and not self.importable:
            raise PluginError(
                f"{identifier} cannot be imported: Graph tells a secret only once; make a new one."
            )
        outputs = self.outputs_of(identifier, {**olds, **(inputs or {})})
        if outputs is None:
            return None
        found = self.imported_inputs(outputs) if inputs is None else self._followed(inputs, olds, outputs)
        return Found(str(outputs["id"]), found, outputs)

    def imported_inputs(self, outputs: Properties) -> Properties:
        """Inputs that would make what was found."""
        inputs: Properties = {}
        defaulted = []
        for name, known in self.properties.items():
            value = outputs.get(name)
            if known.output or not known.offered or (known.default is None and normal(value) is None):
                continue
            if known.conflicts and any(normal(inputs.get(other)) is not None for other in known.conflicts):
                continue
            inputs[name] = value
            if known.default is not None and value == known.default:
                defaulted.append(name)
        return {DEFAULTED: sorted(defaulted), **inputs}

    def _followed(self, inputs: Properties, olds: Properties, outputs: Properties) -> Properties:
        followed = dict(inputs)
        for name, known in self.properties.items():
            if known.output or not known.offered:
                continue
            new, unordered = outputs.get(name), known.unordered
            if name in inputs:
                if normal(inputs[name], unordered) != normal(new, unordered) and not known.secret:
                    followed[name] = new
            elif not known.computed and normal(olds.get(name), unordered) != normal(new, unordered):
                followed[name] = new
        return followed

    def finish(self, identifier: str, known: Properties, step: Callable[[], Properties | None]) -> Properties:
        """Do what follows once an object exists: an error keeps the object in state, as unfinished.

        A 404 on reading it back loses the object from state, as it does with the published plugin.
        """
        try:
            outputs = step()
        except PluginError as error:
            kept = {name: value for name, value in known.items() if name != DEFAULTED}
            raise InitializationError(str(error), identifier, {**kept, "id": identifier}) from error
        if outputs is None:
            raise PluginError(
                f"{identifier} was created, but reading it back answered 404, so it is not in the state; "
                "remove it in the directory or import it."
            )
        return outputs
