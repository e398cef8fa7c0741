"""The security team's half: a managed identity for each workload, with its role. It names no connection."""

import pulumi

from azure_service_connections.components import ManagedIdentity, RoleAssignment

config = pulumi.Config()
identities = {}
for workload, wanted in config.require_object("workloads").items():
    identity = ManagedIdentity(
        workload, {"name": f"id-{workload}-pipelines", "resource_group": config.require("resourceGroup")}
    )
    assignment = RoleAssignment(
        workload,
        {"principal_id": identity.principal_id, "role": wanted["role"], "scope": wanted["scope"]},
    )
    identities[workload] = {
        "resourceId": identity.resource_id,
        "clientId": identity.client_id,
        "principalId": identity.principal_id,
        "tenantId": identity.tenant_id,
        "role": {
            "key": "given",
            "role": wanted["role"],
            "scope": wanted["scope"],
            "roleDefinitionId": assignment.role_definition_id,
        },
    }

pulumi.export("identities", identities)
