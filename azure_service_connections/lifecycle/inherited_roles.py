"""Roles on a connection that its project hands down."""

from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked
from azure_service_connections.lifecycle.stack_output import Connection

_SCOPE = "distributedtask.serviceendpointrole"


def inherited_roles(services: Services, connection: Connection) -> list[str]:
    """Who has a role on a connection only because of its project: `NAME (ROLE)` each."""
    document = checked(
        services.devops(
            "GET",
            f"/_apis/securityroles/scopes/{_SCOPE}/roleassignments/resources/"
            f"{connection.project_id}_{connection.connection_id}",
            organization=connection.organization,
            version=PREVIEW_VERSION,
        ),
        f"Reading the roles on the connection '{connection.name}'",
    )
    return [
        f"{each['identity']['displayName']} ({each['role']['name']})"
        for each in document["value"]
        if each["access"] == "inherited"
    ]
