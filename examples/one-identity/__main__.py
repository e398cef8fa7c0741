"""One managed identity under several connections, one for each environment of a workload.

The identity is made once and gives no rights by itself. Each connection gets a federated credential of its
own on it, and each gives it a role of its own: an environment comes and goes without touching the others.
"""

from typing import Any

import pulumi
import pulumi_azuredevops as azuredevops

from azure_service_connections.components import ManagedIdentity, ServiceConnection

config = pulumi.Config()
workload = config.require("workload")
environments: dict[str, dict[str, Any]] = config.require_object("environments")

identity = ManagedIdentity(
    workload, {"name": f"id-{workload}", "resource_group": config.require("resourceGroup")}
)

made = {}
for environment, wanted in environments.items():
    project = azuredevops.get_project(name=wanted["project"])
    pipeline = azuredevops.get_build_definition(project_id=project.id, name=wanted["pipeline"])
    connection = ServiceConnection(
        f"{workload}-{environment}",
        {
            "project_id": project.id,
            "managed_identity": {
                "resource_id": identity.resource_id,
                "client_id": identity.client_id,
                "principal_id": identity.principal_id,
                "tenant_id": identity.tenant_id,
            },
            "subscription": wanted["subscription"],
            "roles": {"read": {"role": "Reader"}},
            "pipelines": {"deploy": {"id": int(pipeline.id)}},
        },
    )
    made[environment] = connection.summary

pulumi.export("connections", made)
