"""The functions of the azure-native plugin: who calls, and single resources by name."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from azure_service_connections.providers.azure_native.arm_client import ArmClient
from azure_service_connections.providers.azure_native.body_shape import response_outputs
from azure_service_connections.providers.azure_native.resource_id import resource_id
from azure_service_connections.providers.azure_native.resource_types import (
    FEDERATED_CREDENTIAL,
    MANAGEMENT_GROUP,
    RESOURCE_GROUP,
    ROLE_ASSIGNMENT,
    ROLE_DEFINITION,
    USER_ASSIGNED_IDENTITY,
    ArmType,
)
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties
from azure_service_connections.providers.resource_type import Function
from azure_service_connections.providers.sign_in import token_claims

SUBSCRIPTIONS_VERSION: Final = "2022-12-01"
_GETTERS: Final = {
    "azure-native:authorization:getRoleAssignment": ROLE_ASSIGNMENT,
    "azure-native:authorization:getRoleDefinition": ROLE_DEFINITION,
    "azure-native:managedidentity:getFederatedIdentityCredential": FEDERATED_CREDENTIAL,
    "azure-native:managedidentity:getUserAssignedIdentity": USER_ASSIGNED_IDENTITY,
    "azure-native:management:getManagementGroup": MANAGEMENT_GROUP,
    "azure-native:resources:getResourceGroup": RESOURCE_GROUP,
}
_QUERIES: Final = {
    ROLE_ASSIGNMENT.token: {"tenantId": ("tenantId", "string")},
    MANAGEMENT_GROUP.token: {
        "expand": ("$expand", "string"),
        "filter": ("$filter", "string"),
        "recurse": ("$recurse", "boolean"),
    },
}
"""Arguments that go into the query, by their name there."""


def functions(arm: Callable[[], ArmClient]) -> list[Function]:
    """All functions; `arm` answers the client once the plugin is configured."""
    return [
        Function(
            "azure-native:authorization:getClientConfig",
            {},
            dict.fromkeys(("clientId", "objectId", "subscriptionId", "tenantId"), "string"),
            lambda arguments: _client_config(arm()),
        ),
        Function(
            "azure-native:authorization:getClientToken",
            {"endpoint": "string"},
            {"token": "string"},
            lambda arguments: _client_token(arm(), arguments),
            secret_results=frozenset(["token"]),
        ),
        Function(
            "azure-native:authorization:listSubscriptions",
            {"apiVersion": "string"},
            {"nextLink": "string", "value": "objects"},
            lambda arguments: _subscriptions(arm(), arguments),
        ),
        *(_getter(token, kind, arm) for token, kind in _GETTERS.items()),
    ]


def _getter(token: str, kind: ArmType, arm: Callable[[], ArmClient]) -> Function:
    queries = _QUERIES.get(kind.token, {})
    named = tuple(parameter.name for parameter in kind.parameters)

    def call(arguments: Properties) -> Properties:
        client = arm()
        path = resource_id(kind, arguments, client.subscription_id)
        query = {
            wire: str(arguments[name]).lower() if kind_of == "boolean" else arguments[name]
            for name, (wire, kind_of) in queries.items()
            if name in arguments
        }
        found = client.get(path, kind.api_version, query)
        if found is None:
            raise PluginError(f"{token}: there is no {path}; correct the name or create it first.")
        return response_outputs(kind, found)

    arguments = dict.fromkeys(named, "string")
    arguments |= {name: kind_of for name, (_, kind_of) in queries.items()}
    results = {name: known.kind for name, known in kind.response.items()} | {"azureApiVersion": "string"}
    return Function(token, arguments, results, call, required=named)


def _client_config(client: ArmClient) -> Properties:
    """Who calls, from a token for Graph; asked of Graph where the token does not tell."""
    claims = token_claims(client.token(client.endpoints.graph))
    client_id = claims.get("appid") or client.client_id
    object_id = claims.get("oid") or _object_id(client, str(client_id))
    return {
        "clientId": client_id,
        "objectId": object_id,
        "subscriptionId": client.subscription_id,
        "tenantId": claims.get("tid") or client.tenant_id,
    }


def _object_id(client: ArmClient, client_id: str) -> str:
    query = urlencode({"$filter": f"appId eq '{client_id}'"})
    answer = client.graph(f"/v1.0/servicePrincipals?{query}")
    found = answer.document.get("value") or []
    if len(found) != 1:
        raise PluginError(
            f"getClientConfig: Graph knows {len(found)} service principals of {client_id}, not 1."
        )
    return str(found[0]["id"])


def _client_token(client: ArmClient, arguments: Properties) -> Properties:
    return {"token": client.token(str(arguments.get("endpoint") or client.endpoints.resource_manager))}


def _subscriptions(client: ArmClient, arguments: Properties) -> Properties:
    version = str(arguments.get("apiVersion") or SUBSCRIPTIONS_VERSION)
    return {"value": client.list("/subscriptions", version)}
