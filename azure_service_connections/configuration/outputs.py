"""What the program says of its connections when it is done."""

from typing import Any, Protocol

import pulumi

from azure_service_connections.configuration.declared import Declared


class Made(Protocol):
    """The outputs of a connection that was made."""

    connection_id: pulumi.Output[str]
    connection_name: pulumi.Output[str]
    client_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    tenant_id: pulumi.Output[str]
    issuer: pulumi.Output[str]
    subject: pulumi.Output[str]
    scope: pulumi.Output[str]


def output_of(declared: Declared, made: Made) -> dict[str, Any]:
    """One entry of the stack's output `connections`."""
    return {
        "connectionId": made.connection_id,
        "connectionName": made.connection_name,
        "clientId": made.client_id,
        "principalId": made.principal_id,
        "tenantId": made.tenant_id,
        "issuer": made.issuer,
        "subject": made.subject,
        "scope": made.scope,
        **declared.known,
    }
