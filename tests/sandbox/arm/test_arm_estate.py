"""What an estate file says of Azure is what Resource Manager then holds."""

import pytest

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.arm.authorization import allows
from azure_service_connections.sandbox.arm.scopes import lineage
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.errors import EstateError

READ = "Microsoft.Resources/subscriptions/resourceGroups/read"
ESTATE = """
seed: 3
tenants:
  - name: contoso
    domain: contoso.example
    people: [{name: Ada Park, userPrincipalName: ada@contoso.example}]
    groups: [{name: engineers, members: [ada@contoso.example, id-payments]}]
    applications: [{name: automation, secret: s, operator: true}]
    managementGroups:
      - {name: production, displayName: Production, parent: corp}
      - {name: corp}
    subscriptions:
      - name: Payments
        managementGroup: Production
        resourceGroups:
          - name: rg-payments
            location: West Europe
            managedIdentities:
              - name: id-payments
                location: northeurope
                federatedCredentials: [{name: prod, issuer: "https://issuer.example", subject: "s"}]
            workspaces: [{name: ml-fraud}]
      - name: Sandbox
    roleAssignments:
      - {principal: automation, role: Owner, scope: /}
      - {principal: engineers, role: Reader, scope: Payments/rg-payments}
      - {principal: ada@contoso.example, role: Storage Blob Data Reader, scope: payments}
      - principal: id-payments
        role: acdd72a7-3385-48ef-bd42-f606fba81ae7
        scope: /providers/Microsoft.Management/managementGroups/corp
        condition: "ActionMatches{'*/read'}"
"""


def planted(text: str = ESTATE) -> Cloud:
    """A cloud with an estate."""
    cloud = Cloud()
    estate.plant(cloud, estate.load(text))
    return cloud


def test_an_estate_is_held_as_it_was_written() -> None:
    cloud = planted()
    tenant = cloud.store.find("tenants")[0]["id"]
    payments, sandbox = cloud.store.find("subscriptions")
    group = f"/subscriptions/{payments['id']}/resourceGroups/rg-payments"
    held = {each["name"]: each for each in cloud.store.find("resources")}
    assert held["rg-payments"]["id"] == group
    assert held["rg-payments"]["location"] == held["ml-fraud"]["location"] == "westeurope"
    assert held["id-payments"]["location"] == "northeurope"
    assert lineage(cloud, tenant, group)[1:] == (
        f"/subscriptions/{payments['id']}",
        "/providers/microsoft.management/managementgroups/production",
        "/providers/microsoft.management/managementgroups/corp",
        f"/providers/microsoft.management/managementgroups/{tenant}",
        "/",
    )
    assert sandbox["managementGroup"] is None
    (credential,) = cloud.store.find("federated-credentials")
    assert credential["parent"] == held["id-payments"]["id"].lower()
    assert credential["clientId"] == held["id-payments"]["properties"]["clientId"]
    assert (credential["name"], credential["subject"]) == ("prod", "s")


def test_the_roles_of_an_estate_hold() -> None:
    cloud = planted()
    payments, sandbox = (f"/subscriptions/{each['id']}" for each in cloud.store.find("subscriptions"))
    (ada,) = cloud.store.find("users")
    (automation,) = cloud.store.find("service-principals", servicePrincipalType="Application")
    (identity,) = cloud.store.find("service-principals", servicePrincipalType="ManagedIdentity")
    assert allows(cloud, automation["id"], "Microsoft.Web/sites/write", sandbox)
    assert allows(cloud, ada["id"], READ, f"{payments}/resourceGroups/rg-payments")
    assert not allows(cloud, ada["id"], READ, f"{payments}/resourceGroups/rg-other")
    blob = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    assert allows(cloud, ada["id"], blob, payments, data=True)
    assert not allows(cloud, ada["id"], blob, sandbox, data=True)
    assert allows(cloud, identity["id"], READ, payments)
    assert not allows(cloud, identity["id"], READ, sandbox)
    kinds = [each["principalType"] for each in cloud.store.find("role-assignments")]
    assert kinds == ["ServicePrincipal", "Group", "User", "ServicePrincipal"]


def test_two_plantings_of_one_estate_are_equal_in_what_azure_holds() -> None:
    kinds = ("resources", "subscriptions", "management-groups", "federated-credentials")
    first, second = planted().store.dump(), planted().store.dump()
    for kind in kinds:
        assert first[kind] == second[kind]
    assert list(first["role-assignments"]) == list(second["role-assignments"])


@pytest.mark.parametrize(
    ("written", "instead", "sentence"),
    [
        (
            "role: Owner",
            "role: Ownr",
            "tenants[0].roleAssignments[0].role: 'Ownr' is no role of Azure; write 'Owner'.",
        ),
        (
            "role: Owner",
            "role: Zzz",
            "tenants[0].roleAssignments[0].role: 'Zzz' is no role of Azure; write the name or the GUID of a "
            "built-in role.",
        ),
        (
            "location: West Europe",
            "location: west europ",
            "tenants[0].subscriptions[0].resourceGroups[0].location: 'west europ' is no region of Azure; "
            "write 'westeurope'.",
        ),
        (
            "managementGroups/corp",
            "managementGroups/crop",
            "tenants[0].roleAssignments[3].scope: there is no "
            "'/providers/Microsoft.Management/managementGroups/crop' in the estate; name something that is "
            "in it.",
        ),
        (
            "ActionMatches{'*/read'}",
            "ActionMatches",
            "tenants[0].roleAssignments[3].condition: cannot be read ('{' is expected in place of ''); "
            "correct it.",
        ),
    ],
)
def test_a_mistake_that_only_azure_knows_is_told_with_its_place(
    written: str, instead: str, sentence: str
) -> None:
    assert written in ESTATE
    with pytest.raises(EstateError) as refused:
        planted(ESTATE.replace(written, instead))
    assert str(refused.value) == sentence


def test_two_tenants_cannot_have_management_groups_of_one_name() -> None:
    second = """
  - name: fabrikam
    domain: fabrikam.example
    managementGroups: [{name: CORP}]
"""
    with pytest.raises(
        EstateError, match=r"tenants\[1\]\.managementGroups\[0\]\.name: 'CORP' is a management"
    ):
        planted(ESTATE + second)


def test_what_an_estate_denies_is_denied_to_all_but_those_whom_it_leaves_out() -> None:
    denial = (
        "    denyAssignments:\n      - {name: kept, scope: Payments, actions: ['*/read'], exclude: [%s]}\n"
    )
    cloud = planted(ESTATE + denial % "automation")
    automation = cloud.store.one("service-principals", displayName="automation")
    identity = cloud.store.one("service-principals", displayName="id-payments")
    payments = cloud.store.one("subscriptions", name="Payments")
    assert automation is not None
    assert identity is not None
    assert payments is not None
    scope = f"/subscriptions/{payments['id']}/resourceGroups/rg-payments"
    assert allows(cloud, automation["id"], READ, scope)
    assert not allows(cloud, identity["id"], READ, scope)
    with pytest.raises(EstateError, match=r"denyAssignments\[0\].exclude\[0\]: 'nobody' is no principal"):
        planted(ESTATE + denial % "nobody")
