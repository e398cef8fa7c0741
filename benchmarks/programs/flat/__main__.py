"""The resources of the component benchmark, written by hand without a component."""

import os
import uuid

import pulumi
import pulumi_azuread as azuread
import pulumi_azuredevops as azuredevops
from pulumi_azure_native import Provider, authorization

SUBSCRIPTION = os.environ["BENCHMARK_SUBSCRIPTION"]
TENANT = os.environ["ARM_TENANT_ID"]
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"

azure = Provider("subscription", subscription_id=SUBSCRIPTION)
project = azuredevops.get_project(name=os.environ["BENCHMARK_PROJECT"])
pipeline = azuredevops.get_build_definition(project_id=project.id, name=os.environ["BENCHMARK_PIPELINE"])

for number in range(int(os.environ["BENCHMARK_CONNECTIONS"])):
    name = f"connection-{number:04d}"
    application = azuread.Application(name, display_name=name, sign_in_audience="AzureADMyOrg")
    principal = azuread.ServicePrincipal(
        name, client_id=application.client_id, opts=pulumi.ResourceOptions(deleted_with=application)
    )
    role = authorization.RoleAssignment(
        name,
        scope=SCOPE,
        principal_id=principal.object_id,
        principal_type="ServicePrincipal",
        role_definition_id=f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        role_assignment_name=principal.object_id.apply(
            lambda principal_id: str(uuid.uuid5(uuid.NAMESPACE_URL, f"{SCOPE}/{principal_id}/{READER}"))
        ),
        opts=pulumi.ResourceOptions(provider=azure),
    )
    endpoint = azuredevops.ServiceEndpointAzureRM(
        name,
        project_id=project.id,
        service_endpoint_name=name,
        description="Measured",
        service_endpoint_authentication_scheme="WorkloadIdentityFederation",
        credentials={"serviceprincipalid": application.client_id},
        azurerm_spn_tenantid=TENANT,
        azurerm_subscription_id=SUBSCRIPTION,
        azurerm_subscription_name="Measured",
        opts=pulumi.ResourceOptions(depends_on=[role]),
    )
    credential = azuread.ApplicationFederatedIdentityCredential(
        name,
        application_id=application.id,
        display_name=name,
        audiences=["api://AzureADTokenExchange"],
        issuer=endpoint.workload_identity_federation_issuer,
        subject=endpoint.workload_identity_federation_subject,
    )
    azuredevops.PipelineAuthorization(
        name,
        project_id=project.id,
        resource_id=endpoint.id,
        type="endpoint",
        pipeline_id=int(pipeline.id),
        opts=pulumi.ResourceOptions(depends_on=[credential, role]),
    )
