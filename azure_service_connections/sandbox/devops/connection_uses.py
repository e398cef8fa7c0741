"""Where a pipeline names service connections: the inputs of tasks that take one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.sandbox.devops.agent_pools import named_by
from azure_service_connections.sandbox.devops.expressions import as_text

_MACRO: Final = re.compile(r"\$\(([\w.-]+)\)")

_CONNECTION_INPUTS: Final = (
    "azuresubscription",
    "azureserviceconnection",
    "serviceconnection",
    "azureresourcemanagerconnection",
    "azuresubscriptionendpoint",
    "azureconnection",
    "backendservicearm",
    "environmentservicenameazurerm",
)
_CONNECTION_PREFIX: Final = "connectedservicename"

_ALIASES: Final = {
    "azurecli": "connectedServiceNameARM",
    "azurepowershell": "ConnectedServiceNameARM",
    "azurekeyvault": "ConnectedServiceName",
    "azureresourcemanagertemplatedeployment": "ConnectedServiceName",
}
"""What the task itself calls the input that people write as `azureSubscription`."""


@dataclass(frozen=True)
class ConnectionUse:
    """One place where a pipeline names a service connection."""

    job: str
    step: str
    input: str
    connection: str
    pool: str
    """The pool whose agents run the job."""


def connection_uses(value: Any, variables: Mapping[str, Any], job: str, pool: str) -> Iterator[ConnectionUse]:
    """The uses in a part of a pipeline; `job` and `pool` are those of what it lies in."""
    if isinstance(value, list):
        for each in value:
            yield from connection_uses(each, variables, job, pool)
    elif isinstance(value, dict):
        job = str(value.get("job") or value.get("deployment") or job)
        pool = named_by(value.get("pool"), pool)
        if isinstance(value.get("task"), str) and isinstance(value.get("inputs"), dict):
            yield from _inputs(value, variables, job, pool)
        for key, each in value.items():
            if key not in ("inputs", "env", "pool"):
                yield from connection_uses(each, variables, job, pool)


def _inputs(
    step: dict[str, Any], variables: Mapping[str, Any], job: str, pool: str
) -> Iterator[ConnectionUse]:
    task = step["task"].partition("@")[0]
    known = {variable.lower(): as_text(held) for variable, held in variables.items()}
    for name, value in step["inputs"].items():
        key = str(name).lower()
        if key not in _CONNECTION_INPUTS and not key.startswith(_CONNECTION_PREFIX):
            continue
        connection = _MACRO.sub(lambda match: known.get(match[1].lower(), match[0]), as_text(value))
        own = _ALIASES.get(task.lower(), str(name)) if key == "azuresubscription" else str(name)
        yield ConnectionUse(job, str(step.get("name") or task), own, connection, pool)
