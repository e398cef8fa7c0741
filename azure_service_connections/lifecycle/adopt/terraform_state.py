"""What a Terraform state says of connections and their neighbours: their ids, and the addresses to let go.

Reads the state itself (version 4) and what `terraform show -json` writes. Only ids are taken from it; what
the objects are now is asked of the services, and secrets in it are never looked at.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.errors import LifecycleError

CONNECTION: Final = "azuredevops_serviceendpoint_azurerm"
_AUTHORIZATION: Final = "azuredevops_pipeline_authorization"
_CHECK: Final = "azuredevops_check_"
_BY_OWN_ID: Final = {
    "azuread_application": "object_id",
    "azuread_application_registration": "object_id",
    "azuread_service_principal": "object_id",
    "azuread_application_federated_identity_credential": "credential_id",
    "azurerm_role_assignment": "id",
    "azurerm_user_assigned_identity": "id",
    "azurerm_federated_identity_credential": "id",
}
"""The attribute that says which object each kind of neighbour is; where it is missing, `id`."""
_VERSION: Final = 4


@dataclass(frozen=True)
class Instance:
    """A resource in the state, by its address."""

    address: str
    type: str
    attributes: Mapping[str, Any]

    def text(self, name: str) -> str:
        """An attribute in lower case; empty without one."""
        value = self.attributes.get(name)
        return str(value).lower() if value is not None else ""


class TerraformState:
    """The connections in a state and what is around them."""

    def __init__(self, instances: Sequence[Instance]) -> None:
        """`instances` are those of all types; what is no connection and no neighbour is passed over."""
        self._instances = [each for each in instances if _is_known(each.type)]

    @property
    def connections(self) -> dict[str, str]:
        """The addresses of the connections by their ids."""
        return {each.text("id"): each.address for each in self._instances if each.type == CONNECTION}

    def addresses_of(self, candidate: Candidate) -> tuple[str, ...]:
        """The addresses of what a stack takes over with a connection, sorted."""
        return tuple(sorted(each.address for each in self._instances if _belongs(each, candidate)))

    def others(self, taken: Sequence[str]) -> tuple[str, ...]:
        """The addresses of connections and neighbours that are not among those that were taken, sorted."""
        gone = set(taken)
        return tuple(sorted(each.address for each in self._instances if each.address not in gone))


def read_terraform_state(path: Path) -> TerraformState:
    """Read a state. LifecycleError where the file holds none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LifecycleError(
            f"{path} cannot be read ({error.strerror}); name a file that can be read."
        ) from error
    except ValueError as error:
        raise LifecycleError(
            f"{path} is not JSON; write the state with `terraform state pull` or `terraform show -json`."
        ) from error
    if isinstance(document, dict) and "encrypted_data" in document:
        raise LifecycleError(
            f"{path} is encrypted; write the state with `tofu state pull`, which decrypts it."
        )
    if isinstance(document, dict) and isinstance(values := document.get("values"), dict):
        return TerraformState(list(_of_module(values.get("root_module") or {})))
    if isinstance(document, dict) and document.get("version") == _VERSION:
        return TerraformState(list(_of_state(document)))
    raise LifecycleError(
        f"{path} is no Terraform state of version {_VERSION}; write it with `terraform state pull` or "
        "`terraform show -json`."
    )


def _of_state(document: Mapping[str, Any]) -> Iterator[Instance]:
    for resource in document.get("resources") or ():
        if resource.get("mode") != "managed":
            continue
        module = f"{resource['module']}." if resource.get("module") else ""
        for instance in resource.get("instances") or ():
            index = json.dumps(instance["index_key"]) if "index_key" in instance else None
            place = f"[{index}]" if index is not None else ""
            yield Instance(
                f"{module}{resource['type']}.{resource['name']}{place}",
                str(resource["type"]),
                instance.get("attributes") or {},
            )


def _of_module(module: Mapping[str, Any]) -> Iterator[Instance]:
    for resource in module.get("resources") or ():
        if resource.get("mode") == "managed":
            yield Instance(str(resource["address"]), str(resource["type"]), resource.get("values") or {})
    for child in module.get("child_modules") or ():
        yield from _of_module(child)


def _is_known(kind: str) -> bool:
    return kind in (CONNECTION, _AUTHORIZATION, *_BY_OWN_ID) or kind.startswith(_CHECK)


def _belongs(instance: Instance, candidate: Candidate) -> bool:
    connection = candidate.connection.id.lower()
    imported = {each.lower() for each in candidate.ids.values()}
    if instance.type == CONNECTION:
        return instance.text("id") == connection
    if instance.type == _AUTHORIZATION:
        if instance.text("resource_id") != connection:
            return False
        pipeline = instance.text("pipeline_id")
        ending = f";pipeline_id={pipeline}" if pipeline else f"endpoint/{connection}"
        return any(each.endswith(ending) for each in imported)
    if instance.type.startswith(_CHECK):
        return instance.text("target_resource_id") == connection and any(
            each.rpartition("/")[2] == instance.text("id") for each in imported
        )
    own = instance.text(_BY_OWN_ID[instance.type]) or instance.text("id")
    # The azurerm provider writes the tenant behind an assignment's id, parted by a bar.
    own = own.partition("|")[0]
    if not own:
        return False
    if own.startswith(("/subscriptions/", "/providers/")):
        return own in imported
    return any(each.rpartition("/")[2] == own.rpartition("/")[2] for each in imported)
