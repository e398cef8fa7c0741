"""The engine's command line as far as recovery uses it: keeps a state, takes off locks, imports."""

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from azure_service_connections.lifecycle.engine import Engine, Finished

PROJECT = "shop-connections"
STACK = "prod"
PREFIX = f"urn:pulumi:{STACK}::{PROJECT}::"
CONNECTION = "azure-service-connections:index:ServiceConnection"
AZUREAD = f"{PREFIX}pulumi:providers:azuread::default_6_11_1"
AZURE = f"{PREFIX}pulumi:providers:azure-native::subscription"
DEVOPS = f"{PREFIX}pulumi:providers:azuredevops::default_3_16_2"
PARENT = f"{PREFIX}{CONNECTION}::shop"
TYPES = {
    "application": ("azuread:index/application:Application", AZUREAD),
    "principal": ("azuread:index/servicePrincipal:ServicePrincipal", AZUREAD),
    "password": ("azuread:index/applicationPassword:ApplicationPassword", AZUREAD),
    "credential": (
        "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
        AZUREAD,
    ),
    "flexible credential": (
        "azuread:index/applicationFlexibleFederatedIdentityCredential:"
        "ApplicationFlexibleFederatedIdentityCredential",
        AZUREAD,
    ),
    "identity": ("azure-native:managedidentity:UserAssignedIdentity", AZURE),
    "identity credential": ("azure-native:managedidentity:FederatedIdentityCredential", AZURE),
    "assignment": ("azure-native:authorization:RoleAssignment", AZURE),
    "endpoint": ("azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM", DEVOPS),
    "certificate": ("azuread:index/applicationCertificate:ApplicationCertificate", AZUREAD),
    "approval": ("azuredevops:index/checkApproval:CheckApproval", DEVOPS),
    "branches": ("azuredevops:index/checkBranchControl:CheckBranchControl", DEVOPS),
    "lock": ("azuredevops:index/checkExclusiveLock:CheckExclusiveLock", DEVOPS),
    "role": ("azuredevops:index/securityroleAssignment:SecurityroleAssignment", DEVOPS),
    "generic": ("azuredevops:index/serviceendpointGenericV2:ServiceendpointGenericV2", DEVOPS),
    "authorization": ("azuredevops:index/pipelineAuthorization:PipelineAuthorization", DEVOPS),
}


def resource(kind: str, name: str, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A resource as a state holds it, below the component `shop`."""
    token, provider = TYPES[kind]
    return {
        "urn": f"{PREFIX}{CONNECTION}${token}::{name}",
        "custom": True,
        "type": token,
        "inputs": dict(inputs),
        "parent": PARENT,
        "provider": f"{provider}::0b0e5a0e-0001-4c5e-9d3a-3a1c3c1a0001",
        "dependencies": [PARENT],
        **more,
    }


def pending(kind: str, of: Mapping[str, Any]) -> dict[str, Any]:
    """A pending operation of a resource."""
    return {"type": kind, "resource": dict(of)}


class FakeEngine:
    """Answers the commands; `state` is what it keeps and `commands` what it was asked."""

    def __init__(self, folder: Path, subscription: str = "") -> None:
        self.folder = folder
        self.backend = folder / "backend"
        self.backend.mkdir()
        (folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
        self.commands: list[tuple[str, ...]] = []
        self.imported: dict[str, Any] = {}
        self.failures: dict[str, str] = {}
        self.exists = True
        self.resources: list[dict[str, Any]] = [
            {"urn": PARENT, "custom": False, "type": CONNECTION},
            self._provider(AZUREAD, {}),
            self._provider(AZURE, {"subscriptionId": subscription}),
            self._provider(DEVOPS, {}),
        ]
        self.pending: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []
        self.steps: list[dict[str, Any]] = []

    def engine(self, stack: str | None = STACK) -> Engine:
        """The lifecycle's engine that runs these commands."""
        return Engine(stack, self.folder, {}, self.run)

    def lock(self, pid: int, host: str) -> Path:
        """Leave a lock on the stack."""
        folder = self.backend / ".pulumi" / "locks" / "organization" / PROJECT / STACK
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "2f6b.json"
        path.write_text(
            json.dumps(
                {"pid": pid, "username": "kim", "hostname": host, "timestamp": "2026-01-02T03:04:05.6Z"}
            )
        )
        return path

    def live(self, urn: str) -> dict[str, Any]:
        """The live resource of a URN."""
        (found,) = [each for each in self.resources if each["urn"] == urn and not each.get("delete")]
        return found

    def verbs(self) -> list[str]:
        """The commands without their options."""
        return [
            " ".join(word for word in command[1:3] if not word.startswith("-")) for command in self.commands
        ]

    def run(
        self,
        command: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        given: str | None,
        seconds: float | None = None,
    ) -> Finished:
        self.commands.append(tuple(command))
        words = [word for word in command[1:3] if not word.startswith("-")]
        verb = " ".join(words)
        if not self.exists and verb != "whoami":
            return Finished(255, "", f"error: no stack named '{STACK}' found")
        if verb in self.failures:
            return Finished(255, "", self.failures[verb])
        if verb == "whoami":
            return Finished(0, json.dumps({"user": "kim", "url": f"file://{self.backend}"}))
        if verb == "stack" and "--show-name" in command:
            return Finished(0, f"{STACK}\n")
        if verb == "stack history":
            return Finished(0, json.dumps(self.history))
        if verb == "preview":
            assert seconds
            return Finished(0, json.dumps({"steps": self.steps}))
        if verb == "stack export":
            return Finished(0, json.dumps(self._exported()))
        if verb == "stack import":
            deployment = json.loads(given or "")["deployment"]
            self.resources, self.pending = deployment["resources"], []
        elif verb == "import":
            self._import(json.loads(Path(command[command.index("--file") + 1]).read_text()))
        elif verb == "cancel":
            for path in self.backend.rglob("locks/**/*.json"):
                path.unlink()
        elif verb != "refresh":
            return Finished(255, "", f"error: unknown command {command}")
        return Finished(0)

    def _exported(self) -> dict[str, Any]:
        deployment: dict[str, Any] = {"resources": self.resources}
        if self.pending:
            deployment["pending_operations"] = self.pending
        return copy.deepcopy({"version": 3, "deployment": deployment})

    def _import(self, content: dict[str, Any]) -> None:
        """Like the real engine, it reads inputs back in a form of its own, and keeps pending operations."""
        self.imported = content
        for entry in content["resources"]:
            parent = content["nameTable"][entry["parent"]]
            self.resources.append(
                {
                    "urn": f"{parent.rpartition('::')[0]}${entry['type']}::{entry['logicalName']}",
                    "custom": True,
                    "type": entry["type"],
                    "id": entry["id"].rpartition("/")[2] if "ndpoint" in entry["type"] else entry["id"],
                    "inputs": {"read": "back"},
                    "outputs": {"read": "back"},
                    "provider": f"{content['nameTable'][entry['provider']]}::an-id",
                    "parent": parent,
                    "importID": entry["id"],
                }
            )

    @staticmethod
    def _provider(urn: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return {
            "urn": urn,
            "custom": True,
            "type": urn.split("::")[2],
            "id": "0b0e5a0e-0001-4c5e-9d3a-3a1c3c1a0001",
            "inputs": inputs,
        }
