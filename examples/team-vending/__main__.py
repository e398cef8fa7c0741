"""Connections for teams: whoever adds a file to requests/ gets one for each environment that it names.

The teams say where they deploy; what such a connection may do is decided here, once for all of them: its
own identity, Contributor on the team's resource group and nothing else, only the named pipelines, and in
production only from the protected main branch.
"""

from pathlib import Path

import pulumi
import pulumi_azuread as azuread
import pulumi_azuredevops as azuredevops
from request import read_requests

from azure_service_connections.components import PipelineArgs, ServiceConnection, ServiceConnectionArgs

subscriptions = pulumi.Config().require_object("environments")
requests = read_requests(Path(__file__).parent / "requests", subscriptions)

made = {}
for team, request in requests.items():
    project = azuredevops.get_project(name=request.project)
    owners = [azuread.get_user(user_principal_name=each).object_id for each in request.owners]
    pipelines: dict[str, PipelineArgs] = {
        name: {"id": int(azuredevops.get_build_definition(project_id=project.id, name=name).id)}
        for name in request.pipelines
    }
    for environment in request.environments:
        subscription = subscriptions[environment]
        name = f"{team}-{environment}"
        wanted: ServiceConnectionArgs = {
            "project_id": project.id,
            "description": f"Deploys team {team} to {environment}",
            "app_registration": {"owners": owners, "notes": f"Requested in requests/{team}.yaml"},
            "resource_group": {
                "subscription_id": subscription["id"],
                "subscription_name": subscription["name"],
                "name": request.resource_group,
            },
            "roles": {"deploy": {"role": "Contributor"}},
            "pipelines": pipelines,
        }
        if environment == "production":
            wanted["checks"] = {"branches": ["refs/heads/main"]}
        made[name] = ServiceConnection(name, wanted).summary

pulumi.export("connections", made)
