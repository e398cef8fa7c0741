"""A stack's file and what it configures for Azure DevOps, whether the stack has been made or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from azure_service_connections.configuration import stack_file
from azure_service_connections.configuration.mistakes import ConfigurationError
from azure_service_connections.configuration.models import Connection
from azure_service_connections.configuration.stack_file import StackFileError
from azure_service_connections.lifecycle.engine import Engine
from azure_service_connections.lifecycle.errors import EngineError, LifecycleError

_ORGANIZATION: Final = "azuredevops:orgServiceUrl"
_TOKEN: Final = "azuredevops:personalAccessToken"


@dataclass(frozen=True)
class StackPlace:
    """What a stack's file says."""

    stack: str
    connections: Mapping[str, Connection]
    environment: Mapping[str, str]
    """The environment with the stack's own access to Azure DevOps."""


def read_stack(engine: Engine, environment: Mapping[str, str]) -> StackPlace:
    """Read the file of the engine's stack. LifecycleError with every mistake in it."""
    project = engine.project_file
    stack = engine.select()
    written: Any = yaml.safe_load(project.read_text("utf-8")) or {}
    path = stack_file.path_of(
        stack.rpartition("/")[2], project.parent / str(written.get("stackConfigDir") or ".")
    )
    try:
        connections = stack_file.read(path)
    except StackFileError as error:
        raise LifecycleError(f"{error}.") from error
    except ConfigurationError as error:
        raise LifecycleError(f"{path}: {error}") from error
    config = (yaml.safe_load(path.read_text("utf-8")) or {}).get("config") or {}
    return StackPlace(stack, connections, {**environment, **_access(engine, config)})


def _access(engine: Engine, config: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for key, variable in ((_ORGANIZATION, "AZDO_ORG_SERVICE_URL"), (_TOKEN, "AZDO_PERSONAL_ACCESS_TOKEN")):
        value = config.get(key)
        if isinstance(value, dict):
            # What is encrypted only the engine can read, and only of a stack that has been made.
            try:
                value = engine.setting(key)
            except EngineError:
                value = None
        if isinstance(value, str) and value:
            found[variable] = value
    return found
