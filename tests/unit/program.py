"""The program of this repository, run as the engine runs it."""

import runpy
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import grpc
import pulumi.runtime
from mock_cloud import CLIENT, PRINCIPAL, TENANT

TOP = Path(__file__).resolve().parents[2]

PROJECT = "azuredevops:index/getProject:getProject"
PIPELINE = "azuredevops:index/getBuildDefinition:getBuildDefinition"
PERSON = "azuread:index/getUser:getUser"
APPLICATION = "azuread:index/getApplication:getApplication"
SERVICE_PRINCIPAL = "azuread:index/getServicePrincipal:getServicePrincipal"
MANAGED_IDENTITY = "azure-native:managedidentity:getUserAssignedIdentity"


class Refusal(grpc.RpcError):
    """A look-up that the engine reports as failed."""

    def details(self) -> str:
        return str(self.args[0])

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN


def connect(text: str | None, secret: bool = False, **config: str) -> None:
    """Run the program with this value of `connections`, and other keys as `provider__key`."""
    settings = {key.replace("__", ":"): value for key, value in config.items()}
    if text is not None:
        settings["azure-service-connections:connections"] = text
    pulumi.runtime.set_all_config(settings, ["azure-service-connections:connections"] if secret else [])
    runpy.run_path(str(TOP / "__main__.py"))


def derived(*names: str) -> str:
    """An id that follows from names, so that each look-up has an answer of its own."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(names).casefold()))


def pipeline_number(project_id: str, name: str) -> int:
    """The id of a pipeline by its name."""
    return uuid.UUID(derived(project_id, name)).int % 1000 + 1000


def answers(
    absent: Mapping[str, str] | None = None,
) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    """A directory that knows every name, but for the look-ups that fail with these words."""
    found: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        PROJECT: lambda asked: {"projectId": derived(asked["name"]).upper(), "name": asked["name"]},
        PIPELINE: lambda asked: {"id": str(pipeline_number(asked["projectId"], asked["name"]))},
        PERSON: lambda asked: {"objectId": derived(asked["userPrincipalName"])},
        APPLICATION: lambda asked: {"objectId": derived("application", asked["clientId"])},
        SERVICE_PRINCIPAL: lambda asked: {"objectId": derived("principal", asked["clientId"])},
        MANAGED_IDENTITY: lambda asked: {
            "clientId": CLIENT,
            "principalId": PRINCIPAL,
            "tenantId": TENANT,
            "name": asked["resourceName"],
        },
    }
    for token, words in (absent or {}).items():
        found[token] = _failing(words)
    return found


def _failing(words: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def fail(asked: dict[str, Any]) -> dict[str, Any]:
        raise Refusal(words.format_map(asked))

    return fail
