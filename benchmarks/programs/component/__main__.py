"""The connections of the benchmark, each one component."""

import os

import pulumi
import pulumi_azuredevops as azuredevops
from pulumi_azure_native import Provider

from azure_service_connections.components import ServiceConnection

azure = Provider("subscription", subscription_id=os.environ["BENCHMARK_SUBSCRIPTION"])
project = azuredevops.get_project(name=os.environ["BENCHMARK_PROJECT"])
pipeline = azuredevops.get_build_definition(project_id=project.id, name=os.environ["BENCHMARK_PIPELINE"])

for number in range(int(os.environ["BENCHMARK_CONNECTIONS"])):
    ServiceConnection(
        f"connection-{number:04d}",
        {
            "project_id": project.id,
            "description": "Measured",
            "app_registration": {},
            "subscription": {"id": os.environ["BENCHMARK_SUBSCRIPTION"], "name": "Measured"},
            "roles": {"read": {"role": "Reader"}},
            "pipelines": {"measured": {"id": int(pipeline.id)}},
        },
        pulumi.ResourceOptions(providers=[azure]),
    )
