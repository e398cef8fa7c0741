"""What a job of a pipeline does with a service connection, in a process and an environment of its own.

`python -m azure_service_connections.lifecycle.pipeline_job` reads a description as JSON from standard input
and answers on standard output what became of each step. It signs in and works with the libraries that a
pipeline would use, as they come; what it is told of the run comes through the agent's variables alone.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.identity import AzurePipelinesCredential, ManagedIdentityCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from azure_service_connections.lifecycle.publishing import Publisher

_PAUSE_SECONDS = 1.0

Outcome = dict[str, str]


class Job:
    """One job; signs in when its first step asks it to."""

    def __init__(self, description: dict[str, Any]) -> None:
        """`description` names the connection, where Azure is and the steps."""
        self._description = description

    def sign_in(self, _: dict[str, Any]) -> None:
        """Get a token for Azure Resource Manager."""
        if self._description["asMachine"] and not os.environ.get("IDENTITY_ENDPOINT"):
            # The library would ask an address of Azure's virtual machines for minutes.
            raise ClientAuthenticationError("ManagedIdentityNotFound: the agent's machine has no identity.")
        self._credential.get_token(self._audience)

    def read_group(self, step: dict[str, Any]) -> None:
        """Read a resource group."""
        self._client(step).resource_groups.get(step["scope"].rpartition("/")[2])

    def list_groups(self, step: dict[str, Any]) -> None:
        """List the resource groups of a subscription."""
        list(self._client(step).resource_groups.list())

    def read_resource(self, step: dict[str, Any]) -> None:
        """Read anything by its id."""
        self._client(step).resources.get_by_id(step["scope"], api_version=step["version"])

    def tag(self, step: dict[str, Any]) -> None:
        """Put a tag on a subscription or a resource group, and take it off again."""
        tags = self._client(step).tags
        for operation in ("Merge", "Delete"):
            tags.begin_update_at_scope(
                step["scope"], {"operation": operation, "properties": {"tags": {step["name"]: step["value"]}}}
            ).result()

    def create(self, step: dict[str, Any]) -> None:
        """Make a resource that costs nothing, and delete it again."""
        resources = self._client(step).resources
        made = f"{step['scope']}/providers/{step['type']}/{step['name']}"
        resources.begin_create_or_update_by_id(made, step["body"], api_version=step["version"]).result()
        resources.begin_delete_by_id(made, api_version=step["version"]).result()

    @cached_property
    def _credential(self) -> AzurePipelinesCredential | ManagedIdentityCredential:
        if self._description["asMachine"]:
            return ManagedIdentityCredential()
        return AzurePipelinesCredential(
            tenant_id=self._description["tenantId"],
            client_id=self._description["clientId"],
            service_connection_id=self._description["connectionId"],
            system_access_token=os.environ["SYSTEM_ACCESSTOKEN"],
        )

    def _client(self, step: dict[str, Any]) -> ResourceManagementClient:
        return ResourceManagementClient(
            self._credential,
            step.get("subscriptionId") or "",
            base_url=self._description["resourceManager"],
            credential_scopes=[self._audience],
        )

    @property
    def _audience(self) -> str:
        return f"{self._description['audience']}/.default"


def run(description: dict[str, Any]) -> list[Outcome]:
    """Carry out the steps; after a refused sign-in none of the others."""
    job, publisher = Job(description), Publisher(description["connectionId"], description["publishing"])
    actions: dict[str, Callable[[dict[str, Any]], None]] = {
        "signIn": job.sign_in,
        "readGroup": job.read_group,
        "listGroups": job.list_groups,
        "readResource": job.read_resource,
        "tag": job.tag,
        "create": job.create,
        "publishSignIn": publisher.sign_in,
        "deploy": publisher.deploy,
        "readDeployment": publisher.read,
        "readElsewhere": publisher.read_elsewhere,
    }
    outcomes: list[Outcome] = []
    for step in description["steps"]:
        outcome = _attempt(partial(actions[step["kind"]], step), int(step.get("patience", 0)))
        outcomes.append({"step": step["step"], **outcome})
        if step["step"] == "token" and outcome["outcome"] != "done":
            break
    return outcomes


def _attempt(action: Callable[[], None], patience: int) -> Outcome:
    """Try once, and so many times more a second apart: what was just made is not known everywhere at once."""
    outcome = _outcome(action)
    while outcome["outcome"] == "refused" and patience > 0:
        time.sleep(_PAUSE_SECONDS)
        outcome, patience = _outcome(action), patience - 1
    return outcome


def _outcome(action: Callable[[], None]) -> Outcome:
    try:
        action()
    except ClientAuthenticationError as error:
        # Azure Resource Manager's 401 comes as the same class, with an answer in its own shape.
        return {"outcome": "refused", "code": _code(error), "message": _text(error)}
    except HttpResponseError as error:
        refused = error.status_code in (401, 403, 404)
        return {"outcome": "refused" if refused else "failed", "code": _code(error), "message": _text(error)}
    except AzureError as error:
        return {"outcome": "failed", "code": type(error).__name__, "message": _text(error)}
    return {"outcome": "done", "code": "", "message": ""}


def _code(error: HttpResponseError) -> str:
    described = getattr(error, "error", None)
    code = getattr(described, "code", None)
    return str(code) if code else str(error.status_code or "")


def _text(error: AzureError) -> str:
    return " ".join(str(error.message or error).split())


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
