"""One engine for all kinds of Azure resources: create, read, update, delete, by description.

A creation looks first whether the resource is there, writes, polls, reads again; an update writes all inputs
and reads again. A difference is between the old inputs and the new ones.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from azure_service_connections.providers.azure_native.arm_client import ArmClient
from azure_service_connections.providers.azure_native.automatic_name import (
    CREATE_BEFORE_DELETE,
    automatic_name,
)
from azure_service_connections.providers.azure_native.body_shape import (
    request_body,
    response_inputs,
    response_outputs,
)
from azure_service_connections.providers.azure_native.input_difference import follow, input_changes
from azure_service_connections.providers.azure_native.locations import ResourceGroupLocations
from azure_service_connections.providers.azure_native.resource_id import parameters_of, resource_id
from azure_service_connections.providers.azure_native.resource_types import ArmType, PathParameter
from azure_service_connections.providers.errors import InitializationError, PluginError, ServiceError
from azure_service_connections.providers.package_schema import property_type
from azure_service_connections.providers.property_values import UNKNOWN, Properties, Unknown, holds_unknown
from azure_service_connections.providers.resource_type import (
    Change,
    Checked,
    CheckFailure,
    CheckRequest,
    Difference,
    Found,
)

API_VERSION: Final = "azureApiVersion"
_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "strings": (list,),
    "objects": (list,),
    "map": (dict,),
    "object": (dict,),
}


class ArmResource:
    """One kind of resource."""

    secret_outputs: frozenset[str] = frozenset()

    def __init__(
        self, kind: ArmType, arm: Callable[[], ArmClient], locations: ResourceGroupLocations
    ) -> None:
        """`arm` answers the client once the plugin is configured."""
        self.kind = kind
        self.token = kind.token
        self._arm = arm
        self._locations = locations

    def schema(self) -> dict[str, object]:
        """The resource's part of the package schema."""
        kind = self.kind
        inputs = {parameter.name: property_type("string") for parameter in kind.parameters}
        inputs |= {name: property_type(known.kind) for name, known in kind.body.items()}
        outputs = {name: property_type(known.kind) for name, known in kind.response.items() if name != "id"}
        required = [parameter.name for parameter in kind.parameters if parameter.automatic is None]
        required += [name for name, known in kind.body.items() if known.required and name != "location"]
        return {
            "properties": {**outputs, API_VERSION: property_type("string")},
            "required": ["name", "type", API_VERSION],
            "inputProperties": inputs,
            "requiredInputs": sorted(required),
        }

    def check(self, request: CheckRequest) -> Checked:
        """Names, location and API version filled in; what is missing or of another form."""
        inputs = dict(request.news)
        for parameter in self.kind.parameters:
            if parameter.automatic is None or parameter.name in inputs:
                continue
            named = automatic_name(request, parameter.name, parameter.automatic)
            if named is not None:
                inputs[parameter.name], made_up = named
                if made_up:
                    inputs[CREATE_BEFORE_DELETE] = True
        if "location" in self.kind.body and "location" not in inputs:
            location = self._locations.default(request.olds, inputs)
            if location is not None:
                inputs["location"] = location
        inputs.setdefault(API_VERSION, self.kind.api_version)
        return Checked(inputs, [CheckFailure("", reason) for reason in self._mistakes(inputs)])

    def diff(self, olds: Properties, old_inputs: Properties, news: Properties) -> Difference:
        """From the old inputs to the new ones."""
        before = dict(old_inputs)
        if API_VERSION not in before and API_VERSION in olds:
            before[API_VERSION] = olds[API_VERSION]
        changes = input_changes(before, news, self.kind.replacing)
        for path, change in changes.items():
            if change is Change.ADD_REPLACE and olds.get(path) == news.get(path):
                changes[path] = Change.ADD
        made_up = bool(before.get(CREATE_BEFORE_DELETE))
        return Difference(changes, delete_before_replace=not made_up, of_inputs=True)

    def preview(self, inputs: Properties, olds: Properties | None) -> Properties:
        """Inputs that are outputs too; the rest is unknown, but name and location of what exists."""
        outputs: Properties = {name: inputs.get(name, UNKNOWN) for name in self.kind.response}
        outputs[API_VERSION] = inputs.get(API_VERSION, self.kind.api_version)
        if olds is not None:
            outputs |= {name: olds[name] for name in ("name", "location") if name in olds}
        return outputs

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """GET that has to find nothing, PUT, poll, GET."""
        arm, version = self._arm(), self.kind.api_version
        path = resource_id(self.kind, inputs, arm.subscription_id)
        arm.refuse_existing(path, version)
        response = self._put(arm, path, inputs)
        identifier = str(response.get("id") or path)
        return identifier, self._after_write(arm, identifier, response)

    def read(self, identifier: str, inputs: Properties | None, olds: Properties) -> Found | None:
        """GET; refreshed inputs follow what changed, imported ones come from the id and the answer."""
        response = self._arm().get(identifier, self.kind.api_version)
        if response is None:
            return None
        outputs = response_outputs(self.kind, response)
        if inputs is None:
            found = {**response_inputs(self.kind, response), **parameters_of(self.kind, identifier)}
        else:
            names = self.kind.body.keys()
            before = {name: value for name, value in olds.items() if name in names}
            after = {name: value for name, value in outputs.items() if name in names}
            found = follow(inputs, before, after)
        return Found(identifier, found, outputs)

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """PUT of all inputs, poll, GET."""
        arm = self._arm()
        path = resource_id(self.kind, news, arm.subscription_id)
        response = self._put(arm, path, news)
        return self._after_write(arm, path, response)

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """DELETE, poll."""
        self._arm().delete(identifier, self.kind.api_version, self.kind.delete_runs_on)

    def _put(self, arm: ArmClient, path: str, inputs: Properties) -> dict[str, Any]:
        version = self.kind.api_version
        answer = arm.begin_put(path, version, request_body(self.kind, inputs))
        if not arm.runs_on(answer, self.kind.put_runs_on):
            return answer.document
        try:
            return arm.finish_put(answer, path, version)
        except PluginError as error:
            raise self._unfinished(arm, path, error) from error

    def _unfinished(self, arm: ArmClient, path: str, error: PluginError) -> PluginError:
        outputs: Properties = {}
        sentence = str(error)
        try:
            outputs = response_outputs(self.kind, arm.get(path, self.kind.api_version) or {})
        except PluginError as unread:
            sentence = f"resource created but read failed {unread}: {sentence}"
        return InitializationError(sentence, path, outputs)

    def _after_write(self, arm: ArmClient, path: str, response: dict[str, Any]) -> Properties:
        try:
            found = arm.get(path, self.kind.api_version)
        except ServiceError:
            found = None  # the published plugin warns and goes on with what the write answered
        return response_outputs(self.kind, response if found is None else found)

    def _mistakes(self, inputs: Properties) -> list[str]:
        found = []
        for parameter in self.kind.parameters:
            if parameter.name not in inputs:
                found.append(f"missing required property '{parameter.name}'")
            else:
                found += _parameter_mistakes(parameter, inputs[parameter.name])
        for name, known in self.kind.body.items():
            if name not in inputs:
                if known.required:
                    found.append(_missing(name))
            elif not holds_unknown(inputs[name]) and not isinstance(inputs[name], _PYTHON_TYPES[known.kind]):
                given = type(inputs[name]).__name__
                found.append(f"'{name}' should be of type '{known.kind}' but got a {given}")
        return found


def _missing(name: str) -> str:
    if name == "location":
        return (
            "missing required property 'location'. Either set it explicitly or configure it with "
            "'pulumi config set azure-native:location <value>'."
        )
    return f"missing required property '{name}'"


def _parameter_mistakes(parameter: PathParameter, value: Any) -> list[str]:
    name = parameter.name
    if isinstance(value, Unknown):
        return []
    if not isinstance(value, str):
        return [f"'{name}' should be of type 'string' but got a {type(value).__name__}"]
    found = []
    if len(value) < parameter.shortest:
        found.append(
            f"'{name}' is too short ({len(value)}): at least {parameter.shortest} characters required"
        )
    if parameter.longest and len(value) > parameter.longest:
        found.append(f"'{name}' is too long ({len(value)}): at most {parameter.longest} characters allowed")
    if parameter.pattern and not re.search(parameter.pattern, value):
        found.append(f"'{name}' does not match expression '{parameter.pattern}'")
    return found
