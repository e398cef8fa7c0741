"""The connections of a landing zone: who plans may only read, who applies is asked for approval.

One identity plans, over the whole management group. Another one applies, a connection for each subscription;
no connection that reads can be used to write, and every run that writes waits for a platform engineer, comes
from the protected main branch, and is alone.
"""

import pulumi
import pulumi_azuredevops as azuredevops

from azure_service_connections.components import ChecksArgs, ManagedIdentity, ServiceConnection

config = pulumi.Config()
project = azuredevops.get_project(name=config.require("project"))


def pipeline(key: str) -> int:
    """The id of the pipeline that the stack names."""
    return int(azuredevops.get_build_definition(project_id=project.id, name=config.require(key)).id)


plan = ServiceConnection(
    "landing-zone-plan",
    {
        "project_id": project.id,
        "description": "Shows what a change of the landing zone would do",
        "app_registration": {},
        "management_group": config.require_object("managementGroup"),
        "roles": {"read": {"role": "Reader"}},
        "pipelines": {"plan": {"id": pipeline("planPipeline")}},
    },
)

applier = ManagedIdentity(
    "landing-zone-apply",
    {"name": "id-landing-zone-apply", "resource_group": config.require("identities")},
)
approvers = azuredevops.get_identity_users(name=config.require("approvers"), search_filter="DisplayName")
checks: ChecksArgs = {
    "approvals": {
        "engineers": {"approvers": [approvers.id], "instructions": "Read the plan that the run shows first."}
    },
    "branches": ["refs/heads/main"],
    "exclusive_lock": True,
}

connections = {"landing-zone-plan": plan}
for name, subscription in config.require_object("subscriptions").items():
    connections[f"landing-zone-apply-{name}"] = ServiceConnection(
        f"landing-zone-apply-{name}",
        {
            "project_id": project.id,
            "description": f"Changes the landing zone's {name} subscription",
            "managed_identity": {
                "resource_id": applier.resource_id,
                "client_id": applier.client_id,
                "principal_id": applier.principal_id,
                "tenant_id": applier.tenant_id,
            },
            "subscription": subscription,
            "roles": {"apply": {"role": "Contributor"}},
            "pipelines": {"apply": {"id": pipeline("applyPipeline")}},
            "checks": checks,
        },
    )

pulumi.export("connections", {name: each.summary for name, each in connections.items()})
