"""Endpoints with a permission each, as the Terraform configuration beside this folder has them."""

import os

import pulumi_azuredevops as azuredevops

project = azuredevops.get_project(name=os.environ["BENCHMARK_PROJECT"])
pipeline = azuredevops.get_build_definition(project_id=project.id, name=os.environ["BENCHMARK_PIPELINE"])

for number in range(int(os.environ["BENCHMARK_CONNECTIONS"])):
    name = f"connection-{number:04d}"
    endpoint = azuredevops.ServiceEndpointAzureRM(
        name,
        project_id=project.id,
        service_endpoint_name=name,
        description="Measured",
        service_endpoint_authentication_scheme="WorkloadIdentityFederation",
        credentials={"serviceprincipalid": os.environ["BENCHMARK_CLIENT_ID"]},
        azurerm_spn_tenantid=os.environ["ARM_TENANT_ID"],
        azurerm_subscription_id=os.environ["BENCHMARK_SUBSCRIPTION"],
        azurerm_subscription_name="Measured",
    )
    azuredevops.PipelineAuthorization(
        name, project_id=project.id, resource_id=endpoint.id, type="endpoint", pipeline_id=int(pipeline.id)
    )
