"""A program that was there before: it makes a resource group. What is new is the connection to it."""

import pulumi
import pulumi_azure_native as azure_native
import pulumi_azuredevops as azuredevops

from azure_service_connections.components import ServiceConnection

# What the program has made all along.
group = azure_native.resources.ResourceGroup("reports", resource_group_name="rg-reports")

# What is new: a pipeline may deploy into the group, and into nothing else.
subscription_id = azure_native.authorization.get_client_config().subscription_id
project = azuredevops.get_project(name="Payments")
pipeline = azuredevops.get_build_definition(project_id=project.id, name="deploy")

reports = ServiceConnection(
    "reports",
    {
        "project_id": project.id,
        "description": "Deploys the reports",
        "app_registration": {},
        "resource_group": {
            "subscription_id": subscription_id,
            "subscription_name": "Payments development",
            "name": group.name,
        },
        "roles": {"deploy": {"role": "Contributor"}},
        "pipelines": {"deploy": {"id": int(pipeline.id)}},
    },
)

pulumi.export("connections", {"reports": reports.summary})
