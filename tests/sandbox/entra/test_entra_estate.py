"""The directory of an estate: what a tenant of the file becomes."""

from typing import Any

import pytest
from entra_world import AUDIENCE, ENTRA_ISSUER, World, in_process

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import estate
from azure_service_connections.sandbox.entra.principals import create_managed_identity, groups_of
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.estate_tenant_models import Tenant

TENANT: dict[str, Any] = {
    "name": "northwind",
    "domain": "Northwind.example",
    "serviceManagementReferenceRequired": True,
    "people": [{"name": "Ada Park", "userPrincipalName": "Ada@northwind.example"}],
    "groups": [
        {"name": "outer", "members": ["Inner", "automation"]},
        {"name": "inner", "members": ["ada@northwind.example", "id-payments"]},
    ],
    "applications": [
        {
            "name": "automation",
            "secret": "s3cret",
            "operator": True,
            "directoryRoles": ["Application Administrator"],
        },
        {
            "name": "deployer",
            "clientId": "11111111-1111-4111-8111-111111111111",
            "principalId": "22222222-2222-4222-8222-222222222222",
            "id": "33333333-3333-4333-8333-333333333333",
            "multiTenant": True,
            "owners": ["ADA@northwind.example", "automation"],
            "federatedCredentials": [
                {"name": "pipeline", "issuer": ENTRA_ISSUER, "subject": "subject"},
            ],
        },
    ],
}
IDENTITY = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/I"


def planted(seed: str = "7", **changes: Any) -> Cloud:
    """A cloud with the tenant above."""
    cloud = Cloud()
    cloud.identifiers.plant(seed)
    estate.plant(cloud, [Tenant.model_validate({**TENANT, **changes})])
    return cloud


def only(cloud: Cloud, collection: str, **equal: Any) -> Any:
    (found,) = cloud.store.find(collection, **equal)
    return found


def test_a_tenant_is_found_by_its_domain_in_any_case_and_keeps_its_rule() -> None:
    cloud = planted()

    tenant = only(cloud, "tenants")

    assert (tenant["name"], tenant["domain"]) == ("northwind", "northwind.example")
    assert tenant["serviceManagementReferenceRequired"] is True
    cloud.close()


def test_an_application_has_the_ids_secret_roles_and_owners_of_the_file() -> None:
    cloud = planted()
    operator = only(cloud, "service-principals", displayName="automation")
    ada = only(cloud, "users")
    deployer = only(cloud, "applications", displayName="deployer")
    principal = only(cloud, "service-principals", displayName="deployer")

    assert operator["directoryRoles"] == ["Application Administrator"]
    assert deployer["id"] == "33333333-3333-4333-8333-333333333333"
    assert deployer["appId"] == principal["appId"] == "11111111-1111-4111-8111-111111111111"
    assert principal["id"] == "22222222-2222-4222-8222-222222222222"
    assert deployer["owners"] == principal["owners"] == [ada["id"], operator["id"]]
    assert deployer["signInAudience"] == "AzureADMultipleOrgs"
    credential = only(cloud, "federated-credentials")
    assert (credential["parent"], credential["clientId"]) == (deployer["id"], deployer["appId"])
    assert (credential["subject"], credential["audiences"]) == ("subject", [AUDIENCE])
    cloud.close()


def test_the_operator_signs_in_with_its_secret_and_may_write() -> None:
    cloud = planted()
    tenant = only(cloud, "tenants")
    operator = only(cloud, "service-principals", displayName="automation")
    world = World(cloud, in_process(cloud))

    answer = world.sign_in(tenant["domain"], client_id=operator["appId"], client_secret="s3cret")

    assert answer.status == 200
    token = answer.body["access_token"]
    refused = world.graph("POST", "applications", {"displayName": "new"}, token=token)
    assert refused.code == "ServiceTreeValueMissing"
    body = {"displayName": "new", "serviceManagementReference": "1"}
    assert world.graph("POST", "applications", body, token=token).status == 201
    cloud.close()


def test_groups_hold_people_groups_applications_and_identities_that_are_made_later() -> None:
    cloud = planted()
    tenant = only(cloud, "tenants")
    inner, outer = (only(cloud, "groups", displayName=name) for name in ("inner", "outer"))
    ada = only(cloud, "users")
    operator = only(cloud, "service-principals", displayName="automation")

    principal_id, _ = create_managed_identity(cloud, tenant["id"], "id-Payments", IDENTITY)

    assert groups_of(cloud, ada["id"]) == {inner["id"], outer["id"]}
    assert groups_of(cloud, operator["id"]) == {outer["id"]}
    assert groups_of(cloud, principal_id) == {inner["id"], outer["id"]}
    another, _ = create_managed_identity(cloud, tenant["id"], "id-payments", IDENTITY + "2")
    assert groups_of(cloud, another) == set()
    cloud.close()


def test_two_clouds_of_one_seed_are_equal_and_of_two_seeds_are_not() -> None:
    first, same, other = planted(), planted(), planted("8")

    def identifiers(cloud: Cloud) -> list[list[str]]:
        return [
            cloud.store.keys(collection)
            for collection in ("tenants", "users", "groups", "applications", "service-principals")
        ]

    assert identifiers(first) == identifiers(same)
    assert identifiers(first)[0] != identifiers(other)[0]
    for cloud in (first, same, other):
        cloud.close()


def test_what_graph_would_refuse_is_refused_with_its_place() -> None:
    short = {"name": "ab", "issuer": ENTRA_ISSUER, "subject": "s"}

    with pytest.raises(EstateError, match=r"^tenants\[0\]\.applications\[0\]: name must have 3 to 120"):
        planted(applications=[{"name": "a", "federatedCredentials": [short]}], groups=[])
