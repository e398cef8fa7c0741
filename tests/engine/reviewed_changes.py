"""The changes of stacks whose previews are reviewed in tests, each before and after."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

SUBSCRIPTION: Final = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"}
DEVELOPMENT: Final = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02", "name": "Payments development"}
GROUP: Final = {
    "subscriptionId": SUBSCRIPTION["id"],
    "subscriptionName": SUBSCRIPTION["name"],
    "name": "rg-payments",
}
EXPIRES: Final = "2099-01-31T00:00:00Z"
BASE: Final[dict[str, Any]] = {
    "project": "Payments",
    "description": "Deploys the payments services",
    "appRegistration": {},
    "subscription": SUBSCRIPTION,
    "roles": {"deploy": {"role": "Contributor"}},
    "pipelines": ["deploy-payments"],
}
APPROVAL: Final = {
    "owners": {"approvers": ["ada@contoso.example", "sam@contoso.example"], "minimumApprovers": 2}
}
CHECKS: Final = {"approvals": APPROVAL, "branches": ["refs/heads/main"], "exclusiveLock": True}


@dataclass(frozen=True)
class Change:
    """One connection, as it is and as somebody wants it; None is no connection."""

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    fails: bool = False
    """Whether the engine refuses it at preview."""


def _with(*without: str, **changes: Any) -> dict[str, Any]:
    made = {**deepcopy(BASE), **changes}
    return {key: value for key, value in made.items() if key not in without}


CHANGES: Final[Mapping[str, Change]] = {
    "new-federated-connection": Change(
        None, _with(checks=CHECKS, pipelines=["deploy-payments", "plan-payments"])
    ),
    "role-raised-to-owner": Change(_with(), _with(roles={"deploy": {"role": "Owner"}})),
    "opened-to-all-pipelines": Change(_with(), _with("pipelines", allPipelines=True)),
    "approval-removed": Change(
        _with(checks=CHECKS),
        _with(checks={"branches": ["refs/heads/main", "refs/heads/*"], "exclusiveLock": True}),
    ),
    "connection-replaced": Change(
        _with(replace="allowed", pipelines=["deploy-payments", "nightly-payments"]),
        _with(replace="allowed", project="Platform", pipelines=["deploy-network"]),
    ),
    "replacement-refused": Change(
        _with(), _with(project="Platform", pipelines=["deploy-network"]), fails=True
    ),
    "secret-to-federated": Change(
        _with(replace="allowed", credential={"secret": {"expires": EXPIRES}}), _with(replace="allowed")
    ),
    "shared-with-another-project": Change(_with(sharedWith=[]), _with(sharedWith=["Platform"])),
    "identity-changed": Change(
        _with(),
        _with(
            "appRegistration",
            managedIdentity={"name": "id-reviewed", "resourceGroup": "rg-payments", "location": "westeurope"},
        ),
    ),
    "scope-narrowed": Change(_with(), _with("subscription", resourceGroup=GROUP)),
    "deletion-refused": Change(_with(), None, fails=True),
    "connection-deleted": Change(_with(replace="allowed", checks=CHECKS), None),
    "access-and-trusts": Change(
        _with(
            permissions={"payments": {"who": "payments-engineers"}},
            credential={"secret": {"expires": EXPIRES}},
            checks={"approvals": APPROVAL},
        ),
        _with(
            permissions={
                "payments": {"who": "payments-engineers", "role": "Administrator"},
                "contributors": {"who": r"[Payments]\Contributors"},
            },
            credential={"secret": {"expires": EXPIRES, "generation": 2}},
            checks={"approvals": {"owners": {**APPROVAL["owners"], "minimumApprovers": 1}}},
            trusts={
                "github": {
                    "issuer": "https://token.actions.githubusercontent.com",
                    "subject": "repo:contoso/shop:environment:production",
                }
            },
            pipelines=["plan-payments"],
        ),
    ),
    "nothing-changes": Change(_with(), _with()),
}
"""Each under its name, which is its connection's as well."""

RAW_PROGRAM: Final = '''
"""A connection out of the providers' own resources."""

import pulumi
import pulumi_azure_native.authorization as authorization
import pulumi_azuread as azuread
import pulumi_azuredevops as azuredevops

config = pulumi.Config()
wide = config.get_bool("wide") or False
subscription = config.require("subscription")
project = azuredevops.get_project_output(name="Payments")
pipeline = azuredevops.get_build_definition_output(project_id=project.id, name="deploy-payments")
application = azuread.Application("deployer", display_name="raw-deployer")
principal = azuread.ServicePrincipal("deployer", client_id=application.client_id)
password = azuread.ApplicationPassword("deployer", application_id=application.id)
authorization.RoleAssignment(
    "deployer",
    scope=f"/subscriptions/{subscription}" + ("" if wide else "/resourceGroups/rg-payments"),
    role_assignment_name=f"6f0c6d54-6c8d-4e8a-8f40-2f6d1a7b0d0{1 if wide else 2}",
    role_definition_id=(
        f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/"
        + ("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9" if wide else "b24988ac-6180-42a0-ab88-20f7382dd24c")
    ),
    principal_id=principal.object_id,
    principal_type="ServicePrincipal",
)
connection = azuredevops.ServiceEndpointAzureRM(
    "deployer",
    project_id=project.id,
    service_endpoint_name="raw-deployer",
    description="Made without the components",
    service_endpoint_authentication_scheme="ServicePrincipal",
    credentials={"serviceprincipalid": application.client_id, "serviceprincipalkey": password.value},
    azurerm_spn_tenantid=config.require("tenant"),
    azurerm_subscription_id=subscription,
    azurerm_subscription_name="Payments production",
)
azuredevops.PipelineAuthorization(
    "deployer",
    project_id=project.id,
    resource_id=connection.id,
    type="endpoint",
    pipeline_id=None if wide else pipeline.id.apply(int),
)
if not wide:
    azuredevops.CheckExclusiveLock(
        "deployer",
        project_id=project.id,
        target_resource_id=connection.id,
        target_resource_type="endpoint",
    )
if wide:
    late = azuread.Application("late", display_name="raw-late")
    late_principal = azuread.ServicePrincipal("late", client_id=late.client_id)
    late_password = azuread.ApplicationPassword("late", application_id=late.id)
    authorization.RoleAssignment(
        "late",
        scope="/providers/Microsoft.Management/managementGroups/production",
        role_definition_id="/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
        principal_id=late_principal.object_id,
        principal_type="ServicePrincipal",
    )
    azuread.ApplicationFederatedIdentityCredential(
        "late",
        application_id=late.id,
        display_name="anybody",
        issuer="https://token.actions.githubusercontent.com",
        subject="repo:contoso/shop:ref:refs/heads/main",
        audiences=["api://AzureADTokenExchange"],
    )
    azuredevops.ServiceEndpointAzureRM(
        "late",
        project_id=project.id,
        service_endpoint_name="raw-late",
        service_endpoint_authentication_scheme="ServicePrincipal",
        credentials={"serviceprincipalid": late.client_id, "serviceprincipalkey": late_password.value},
        azurerm_spn_tenantid=config.require("tenant"),
        azurerm_management_group_id="production",
        azurerm_management_group_name="Production",
    )
'''
