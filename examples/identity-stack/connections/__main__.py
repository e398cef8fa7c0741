"""The project team's half: connections that sign in as the identities of the security team's stack.

It gives no role: what the identities may do is decided in the other stack. All that it writes on them is the
trust in its own connections.
"""

import pulumi
import pulumi_azuredevops as azuredevops

from azure_service_connections.components import ServiceConnection

config = pulumi.Config()
identities = pulumi.StackReference(config.require("identities")).require_output("identities")

made = {}
for workload, wanted in config.require_object("connections").items():
    project = azuredevops.get_project(name=wanted["project"])
    pipeline = azuredevops.get_build_definition(project_id=project.id, name=wanted["pipeline"])
    identity = identities[workload]
    connection = ServiceConnection(
        workload,
        {
            "project_id": project.id,
            "managed_identity": {
                "resource_id": identity["resourceId"],
                "client_id": identity["clientId"],
                "principal_id": identity["principalId"],
                "tenant_id": identity["tenantId"],
            },
            "subscription": wanted["subscription"],
            "pipelines": {"deploy": {"id": int(pipeline.id)}},
        },
    )
    made[workload] = {**connection.summary, "roles": [identity["role"]]}

pulumi.export("connections", made)
