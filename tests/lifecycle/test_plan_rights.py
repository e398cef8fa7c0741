"""What the operator may do to the identities of connections."""

from typing import Any

import pytest
from old_connections import OldConnections

from azure_service_connections.lifecycle.plan.operator_rights import OperatorRights, read_rights


def rights(old: OldConnections, **environment: str) -> OperatorRights:
    connections = old.read("store", "network")
    with old.services(**environment) as services:
        return read_rights(services, connections)


def signed_in_as(old: OldConnections, name: str, *permissions: str) -> dict[str, str]:
    """The variables of another operator, an application of the estate."""
    principal = old.one("service-principals", displayName=name)
    old.put("service-principals", {**principal, "directoryRoles": list(permissions)})
    return {"ARM_CLIENT_ID": principal["appId"], "ARM_CLIENT_SECRET": f"secret-of-{name}"}


def test_an_administrator_of_applications_may_place_on_each_that_is_there(old: OldConnections) -> None:
    store, network = old.read("store", "network")
    found = rights(old)
    assert found.every_application
    assert found.may_place(store.identity)
    assert found.may_place(network.identity)
    assert not found.may_place(store.identity.model_copy(update={"state": "deleted"}))


@pytest.mark.parametrize(
    ("permissions", "every"),
    [
        (("Application.ReadWrite.All",), True),
        (("Application.ReadWrite.OwnedBy", "Application.Read.All"), False),
        (("Cloud Application Administrator",), True),
    ],
)
def test_a_permission_counts_as_a_role_does(
    old: OldConnections, permissions: tuple[str, ...], every: bool
) -> None:
    assert rights(old, **signed_in_as(old, "press", *permissions)).every_application is every


def test_an_operator_may_place_on_what_it_owns(old: OldConnections) -> None:
    found = rights(old, **signed_in_as(old, "press", "Application.ReadWrite.OwnedBy", "Application.Read.All"))
    (store,) = old.read("store")
    assert not found.may_place(store.identity)
    assert found.may_place(store.identity.model_copy(update={"owners": ("kim@fabrikam.example", "Press")}))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("Reader", False),
        ("Managed Identity Operator", False),
        ("Managed Identity Contributor", True),
        ("Contributor", True),
    ],
)
def test_azure_tells_which_managed_identities_may_be_changed(
    old: OldConnections, role: str, may: bool
) -> None:
    environment = signed_in_as(old, "press", "Application.Read.All")
    grant(old, role)
    (network,) = old.read("network")
    assert rights(old, **environment).may_place(network.identity) is may


def test_an_operator_who_cannot_sign_in_may_change_nothing(old: OldConnections) -> None:
    found = rights(old, ARM_CLIENT_SECRET="", ARM_CLIENT_SECRET_FILE_PATH="/nowhere/secret")
    assert found == OperatorRights()


def grant(old: OldConnections, role: str) -> None:
    """Give the application `press` a role at the identity's resource group."""
    scope = old.group("Shop", "rg-shop")
    with old.services() as services:
        definitions: list[Any] = list(
            services.azure_list(
                f"{scope}/providers/Microsoft.Authorization/roleDefinitions",
                "2022-04-01",
                {"$filter": f"roleName eq '{role}'"},
            )
        )
        answer = services.azure(
            "PUT",
            f"{scope}/providers/Microsoft.Authorization/roleAssignments/{old.one('tenants')['id']}",
            "2022-04-01",
            body={
                "properties": {
                    "roleDefinitionId": definitions[0]["id"],
                    "principalId": old.one("service-principals", displayName="press")["id"],
                    "principalType": "ServicePrincipal",
                }
            },
        )
    assert answer.successful, answer.document
