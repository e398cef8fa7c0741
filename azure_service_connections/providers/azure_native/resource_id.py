"""Between a resource's inputs and its id, which is its path."""

import re
from typing import Final
from urllib.parse import quote

from azure_service_connections.providers.azure_native.resource_types import ArmType
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties

_PARAMETER: Final = re.compile(r"\{(\w+)\}")


def resource_id(kind: ArmType, inputs: Properties, subscription_id: str) -> str:
    """The path of the resource that the inputs describe; PluginError where a parameter is missing."""
    known = {parameter.name: parameter for parameter in kind.parameters}

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in known:
            return quote(subscription_id, safe="")
        text = inputs.get(name)
        if not isinstance(text, str):
            raise PluginError(f"{kind.token}: {name} is missing or not a text; write one.")
        return text.strip("/") if known[name].whole else quote(text, safe="")

    return _PARAMETER.sub(value, kind.path).replace("//", "/")


def parameters_of(kind: ArmType, identifier: str) -> Properties:
    """The path parameters in an id, a scope without its leading slash; PluginError for another kind's id."""
    pattern = "/".join(
        f"(?P<{segment[1:-1]}>.*?)" if segment.startswith("{") else re.escape(segment)
        for segment in kind.path.split("/")
    )
    match = re.fullmatch(pattern, identifier, re.IGNORECASE)
    if match is None:
        raise PluginError(f"{identifier!r} is not the id of a {kind.token}; its form is {kind.path}.")
    known = {parameter.name for parameter in kind.parameters}
    return {name: value for name, value in match.groupdict().items() if name in known}
