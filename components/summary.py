"""What a program exports of a connection so that `connections verify` can prove it and people can find it."""

from collections.abc import Mapping
from typing import Any, Protocol

import pulumi

from azure_service_connections.catalogue.clouds import PUBLIC
from azure_service_connections.catalogue.roles import role_definition_id, role_guid

from .connection_inputs import ServiceConnectionArgs

_IDENTITIES = {
    "app_registration": "appRegistration",
    "managed_identity": "managedIdentity",
    "service_principal": "servicePrincipal",
    "automatic": "automatic",
    "agent_identity": "agentIdentity",
    "web_app": "webApp",
}
_ELSEWHERE = {"agent_identity": "agent", "web_app": "publishProfile"}


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


def summary_of(args: ServiceConnectionArgs, made: Made) -> dict[str, Any]:
    """One entry of the output `connections`: a plain map without any secret, for `pulumi.export`."""
    identity = next(name for name in _IDENTITIES if args.get(name) is not None)
    credential: Mapping[str, Any] = args.get("credential") or {}
    cloud: Mapping[str, Any] = args.get("cloud") or {}
    project_id = pulumi.Output.from_input(args["project_id"])
    return {
        "connectionId": made.connection_id,
        "connectionName": made.connection_name,
        "clientId": made.client_id,
        "principalId": made.principal_id,
        "tenantId": made.tenant_id,
        "issuer": made.issuer,
        "subject": made.subject,
        "scope": made.scope,
        "projectId": project_id,
        "cloud": cloud.get("environment") or PUBLIC.environment,
        "identity": _IDENTITIES[identity],
        "credential": _ELSEWHERE.get(identity) or next(iter(credential), "federated"),
        "pipelines": [
            {"id": each["id"], "projectId": each.get("project_id") or project_id}
            for each in (args.get("pipelines") or {}).values()
        ],
        "roles": [
            _role(key, each["role"], each.get("scope") or made.scope)
            for key, each in (args.get("roles") or {}).items()
        ],
    }


def _role(key: str, role: pulumi.Input[str], scope: pulumi.Input[str]) -> dict[str, Any]:
    given = pulumi.Output.all(role, scope)
    return {
        "key": key,
        "role": role,
        "scope": scope,
        "roleDefinitionId": given.apply(
            lambda each: role_definition_id(each[1], role_guid(each[0]) or each[0])
        ),
    }
