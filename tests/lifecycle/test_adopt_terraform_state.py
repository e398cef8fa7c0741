"""What a Terraform state says about connections that are adopted, and what it keeps."""

import json
from pathlib import Path
from typing import Any

import pytest
from adopted_connections import GROUP, MANAGED, READER, WEB, candidate, existing, managed, role
from planned_connections import guid

from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.terraform_state import TerraformState, read_terraform_state
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import Check, Pipeline

ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{guid('assignment')}"


def adopted() -> Candidate:
    """A connection with a part of every kind."""
    connection = existing(
        pipelines=(Pipeline(id=7, name="deploy", project_id=WEB.id, project="Web"),),
        checks=(Check(id=12, kind="exclusiveLock", project_id=WEB.id),),
    )
    held = (role(connection, READER, GROUP, name=guid("assignment")),)
    return candidate(connection.model_copy(update={"roles": held}))


KINDS: list[tuple[str, dict[str, Any], bool]] = [
    ("azuredevops_serviceendpoint_azurerm", {"id": guid("shop")}, True),
    ("azuredevops_serviceendpoint_azurerm", {"id": guid("other")}, False),
    ("azuredevops_pipeline_authorization", {"resource_id": guid("shop"), "pipeline_id": 7}, True),
    ("azuredevops_pipeline_authorization", {"resource_id": guid("shop"), "pipeline_id": 8}, False),
    ("azuredevops_pipeline_authorization", {"resource_id": guid("shop"), "pipeline_id": None}, False),
    ("azuredevops_pipeline_authorization", {"resource_id": guid("other"), "pipeline_id": 7}, False),
    ("azuredevops_check_exclusive_lock", {"target_resource_id": guid("shop"), "id": "12"}, True),
    ("azuredevops_check_exclusive_lock", {"target_resource_id": guid("other"), "id": "12"}, False),
    ("azuredevops_check_approval", {"target_resource_id": guid("shop"), "id": "13"}, False),
    ("azuread_application", {"object_id": guid("object of shop"), "id": "whatever"}, True),
    ("azuread_application_registration", {"id": f"/applications/{guid('object of shop')}"}, True),
    ("azuread_application", {"object_id": guid("object of other")}, False),
    ("azuread_service_principal", {"object_id": guid("principal of shop")}, True),
    (
        "azuread_application_federated_identity_credential",
        {"id": f"{guid('object of shop')}/federatedIdentityCredential/{guid('trust of shop')}"},
        True,
    ),
    (
        "azuread_application_federated_identity_credential",
        {"credential_id": guid("trust of other")},
        False,
    ),
    ("azurerm_role_assignment", {"id": ASSIGNMENT.upper()}, True),
    ("azurerm_role_assignment", {"id": f"{ASSIGNMENT}|{guid('tenant')}"}, True),
    ("azurerm_role_assignment", {"id": ASSIGNMENT.replace("rg-shop", "rg-other")}, False),
    ("azurerm_user_assigned_identity", {"id": MANAGED}, False),
]


def state(tmp_path: Path, document: Any) -> TerraformState:
    path = tmp_path / "terraform.tfstate"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_terraform_state(path)


def of_instances(kind: str, *instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    resource = {"mode": "managed", "type": kind, "name": "x", "instances": list(instances), **more}
    return {"version": 4, "resources": [resource]}


@pytest.mark.parametrize(("kind", "attributes", "taken"), KINDS)
@pytest.mark.parametrize("shown", [True, False])
def test_the_neighbours_of_a_connection_are_found_by_their_ids(
    tmp_path: Path, kind: str, attributes: dict[str, Any], taken: bool, shown: bool
) -> None:
    of_state = of_instances(kind, {"attributes": attributes})
    resource = {"address": f"{kind}.x", "mode": "managed", "type": kind, "values": attributes}
    of_show = {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}
    read = state(tmp_path, of_show if shown else of_state)
    assert read.addresses_of(adopted()) == ((f"{kind}.x",) if taken else ())
    assert read.others(read.addresses_of(adopted())) == (() if taken else (f"{kind}.x",))


def test_the_trust_of_a_managed_identity_is_found_and_the_identity_stays(tmp_path: Path) -> None:
    credential = f"{MANAGED}/federatedIdentityCredentials/shop"
    read = state(
        tmp_path, of_instances("azurerm_federated_identity_credential", {"attributes": {"id": credential}})
    )
    made = candidate(existing(identity=managed("shop")))
    assert read.addresses_of(made) == ("azurerm_federated_identity_credential.x",)


def test_addresses_are_those_of_terraform(tmp_path: Path) -> None:
    kind = "azuredevops_serviceendpoint_azurerm"
    instances = [
        {"index_key": "a b", "attributes": {"id": guid("one")}},
        {"index_key": 0, "attributes": {"id": guid("two")}},
    ]
    of_state = state(tmp_path, of_instances(kind, *instances, module='module.m["k"]'))
    assert of_state.connections == {
        guid("one"): f'module.m["k"].{kind}.x["a b"]',
        guid("two"): f'module.m["k"].{kind}.x[0]',
    }
    child = {"resources": [{"address": "module.c.y", "mode": "managed", "type": kind, "values": {"id": "Z"}}]}
    of_show = state(tmp_path, {"values": {"root_module": {"child_modules": [child]}}})
    assert of_show.connections == {"z": "module.c.y"}


def test_data_sources_and_other_things_are_passed_over(tmp_path: Path) -> None:
    kind = "azuredevops_serviceendpoint_azurerm"
    data = of_instances(kind, {"attributes": {"id": guid("shop")}}, mode="data")
    assert state(tmp_path, data).connections == {}
    assert (
        state(tmp_path, of_instances("azurerm_resource_group", {"attributes": {"id": "x"}})).others(()) == ()
    )


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("resource {", "is not JSON"),
        ({"version": 3}, "is no Terraform state of version 4"),
        ([], "is no Terraform state of version 4"),
        ({"encrypted_data": "x"}, "is encrypted"),
    ],
)
def test_what_is_no_state_is_said(tmp_path: Path, document: Any, words: str) -> None:
    with pytest.raises(LifecycleError, match=words):
        state(tmp_path, document)


def test_a_state_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(LifecycleError, match="cannot be read"):
        read_terraform_state(tmp_path / "none.tfstate")
