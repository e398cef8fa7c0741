"""Raw provider resources that every rule lets pass, in the preset strict."""

from typing import Any

import pulumi
import pulumi_azuread as azuread
import pulumi_azuredevops as azuredevops
from pulumi_azure_native import authorization, managedidentity

SUBSCRIPTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
SUBSCRIPTION_NAME = "Payments production"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-payments"
TENANT = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
FOREIGN = "0a4b5c6d-1e2f-4a3b-8c4d-5e6f7a8b9c01"
PEOPLE = ["00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"]
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
AUDIENCE = "api://AzureADTokenExchange"
PROJECT: Any = azuredevops.get_project_output(name="Payments").id


class Sound:
    """An application and a connection that it signs in for, with everything that is asked of them."""

    def __init__(self, name: str, *, trusted: bool = True, **changes: Any) -> None:
        self.application = azuread.Application(
            name,
            **{
                "display_name": name,
                "sign_in_audience": "AzureADMyOrg",
                "owners": PEOPLE,
                "service_management_reference": "1234",
                **changes.pop("application", {}),
            },
        )
        self.principal = azuread.ServicePrincipal(name, client_id=self.application.client_id)
        self.connection = connection(
            name, credentials={"serviceprincipalid": self.application.client_id}, **changes
        )
        if trusted:
            self.trust(name)

    def trust(self, name: str, **changes: Any) -> None:
        azuread.ApplicationFederatedIdentityCredential(
            name,
            **{
                "application_id": self.application.id,
                "display_name": name[:120],
                "audiences": [AUDIENCE],
                "issuer": self.connection.workload_identity_federation_issuer,
                "subject": self.connection.workload_identity_federation_subject,
                **changes,
            },
        )


def connection(name: str, *, protect: bool = True, **changes: Any) -> azuredevops.ServiceEndpointAzureRM:
    """A connection of the resource for Azure Resource Manager."""
    scope = {"azurerm_subscription_id": SUBSCRIPTION, "azurerm_subscription_name": SUBSCRIPTION_NAME}
    return azuredevops.ServiceEndpointAzureRM(
        name,
        **{
            "project_id": PROJECT,
            "service_endpoint_name": name,
            "description": "Deploys the payments services",
            "azurerm_spn_tenantid": TENANT,
            "service_endpoint_authentication_scheme": "WorkloadIdentityFederation",
            **({} if "azurerm_management_group_id" in changes else scope),
            **changes,
        },
        opts=pulumi.ResourceOptions(protect=protect),
    )


def generic(name: str, **changes: Any) -> azuredevops.ServiceendpointGenericV2:
    """A connection of the resource that can say every field, with an identity of another stack."""
    return azuredevops.ServiceendpointGenericV2(
        name,
        **{
            "project_id": PROJECT,
            "name": name,
            "description": "Deploys the payments services",
            "type": "azurerm",
            "server_url": "https://management.azure.com/",
            "authorization_scheme": "WorkloadIdentityFederation",
            "authorization_parameters": {"tenantid": TENANT, "serviceprincipalid": FOREIGN},
            "parameters": {
                "creationMode": "Manual",
                "environment": "AzureCloud",
                "scopeLevel": "Subscription",
                "subscriptionId": SUBSCRIPTION,
                "subscriptionName": SUBSCRIPTION_NAME,
                "resourceGroupName": "",
                "mlWorkspaceName": "",
                "mlWorkspaceLocation": "",
                "managementGroupId": "",
                "managementGroupName": "",
            },
            **changes,
        },
        opts=pulumi.ResourceOptions(protect=True),
    )


def role(name: str, principal_id: Any, scope: str = GROUP, guid: str = READER, **changes: Any) -> None:
    """A role assignment."""
    authorization.RoleAssignment(
        name,
        **{
            "scope": scope,
            "role_definition_id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
            f"/roleDefinitions/{guid}",
            "principal_id": principal_id,
            "principal_type": "ServicePrincipal",
            **changes,
        },
    )


def check(kind: Any, name: str, connection_id: Any, **fields: Any) -> None:
    """A check of a connection."""
    kind(
        name,
        project_id=PROJECT,
        target_resource_id=connection_id,
        target_resource_type="endpoint",
        **fields,
    )


def approval(name: str, connection_id: Any, **fields: Any) -> None:
    """An approval by two people."""
    check(azuredevops.CheckApproval, name, connection_id, **{"approvers": PEOPLE, **fields})


def branches(name: str, connection_id: Any, **fields: Any) -> None:
    """A branch control of the protected main branch."""
    check(
        azuredevops.CheckBranchControl,
        name,
        connection_id,
        **{"allowed_branches": "refs/heads/main", "verify_branch_protection": True, **fields},
    )


def lock(name: str, connection_id: Any) -> None:
    """One run at a time."""
    check(azuredevops.CheckExclusiveLock, name, connection_id)


def authorize(name: str, connection_id: Any, **fields: Any) -> None:
    """The right of a pipeline to use a connection."""
    azuredevops.PipelineAuthorization(
        name, project_id=PROJECT, resource_id=connection_id, type="endpoint", **fields
    )


def managed_identity(name: str) -> None:
    """A managed identity, a role of it, a connection that it signs in for and its trust in that."""
    identity = managedidentity.UserAssignedIdentity(
        name, resource_group_name="rg-payments", resource_name_=name, location="westeurope"
    )
    role(f"{name}-role", identity.principal_id)
    made = connection(name, credentials={"serviceprincipalid": identity.client_id})
    managedidentity.FederatedIdentityCredential(
        name,
        resource_group_name="rg-payments",
        resource_name_=identity.name,
        federated_identity_credential_resource_name=name,
        audiences=[AUDIENCE],
        issuer=made.workload_identity_federation_issuer,
        subject=made.workload_identity_federation_subject,
    )
