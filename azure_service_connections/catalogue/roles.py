"""Azure's built-in roles and the ids of role definitions.

Source: the ids of Microsoft's page "Azure built-in roles". They are the same in every tenant and cloud.
"""

import re
import uuid
from collections.abc import Mapping
from types import MappingProxyType

from azure_service_connections.catalogue.identifiers import is_guid, subscription_of

BUILT_IN_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "API Management Service Contributor": "312a565d-c81f-4fd8-895a-4e21e48d571c",
        "AcrDelete": "c2f4ef07-c644-48eb-af81-4b1b4947fb11",
        "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "AcrPush": "8311e382-0749-4cb8-b61a-304f252e45ec",
        "App Configuration Data Owner": "5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b",
        "App Configuration Data Reader": "516239f1-63e1-4d78-a4de-a74fb236a071",
        "Azure Event Hubs Data Owner": "f526a384-b230-433a-b45c-95f59c4a2dec",
        "Azure Kubernetes Service Cluster Admin Role": "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8",
        "Azure Kubernetes Service Cluster User Role": "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
        "Azure Kubernetes Service Contributor Role": "ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8",
        "Azure Kubernetes Service RBAC Cluster Admin": "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
        "Azure Kubernetes Service RBAC Reader": "7f6c6a51-bcf8-42ba-9220-52d62157d7db",
        "Azure Kubernetes Service RBAC Writer": "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
        "Azure Service Bus Data Owner": "090c5cfd-751d-490a-894a-3ce6f1109419",
        "AzureML Compute Operator": "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",
        "AzureML Data Scientist": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
        "Cognitive Services OpenAI Contributor": "a001fd3d-188f-4b5d-821b-7da978bf7442",
        "Cognitive Services OpenAI User": "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
        "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "DNS Zone Contributor": "befefa01-2a29-4197-83a8-272ff33ce314",
        "Data Factory Contributor": "673868aa-7521-48a0-acc6-0f60742d39f5",
        "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
        "Key Vault Certificates Officer": "a4417e6f-fecd-4de8-b567-7b0420556985",
        "Key Vault Contributor": "f25e0fa2-a7c8-4377-a976-54943a77a395",
        "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
        "Key Vault Reader": "21090545-7ca7-4776-b22c-e363652d74d2",
        "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
        "Log Analytics Contributor": "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
        "Log Analytics Reader": "73c42c96-874c-492b-b04d-ab87d138a893",
        "Logic App Contributor": "87a39d53-fc1b-424a-814c-f7e04687dc9e",
        "Managed Identity Contributor": "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
        "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
        "Management Group Contributor": "5d58bcaf-24a5-4b20-bdb6-eed9f69fbe4c",
        "Management Group Reader": "ac63b705-f282-497d-ac71-919bf39d939d",
        "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
        "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "Private DNS Zone Contributor": "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
        "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "SQL DB Contributor": "9b7fa17d-e63e-47b0-bb0a-15c516ac86ec",
        "SQL Server Contributor": "6d8ee4ec-f05a-4a1d-8b00-a9b17e38b437",
        "Search Index Data Contributor": "8ebe5a00-799e-43f5-93ac-243d3dce84a7",
        "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
        "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "Virtual Machine Contributor": "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
        "Web Plan Contributor": "2cc479cb-7b4d-49a8-b449-8c00fd0f0a4b",
        "Website Contributor": "de139f84-1756-47ae-9be6-808fbbe84772",
    }
)
"""The built-in roles that are known by name, each with the GUID of its definition."""

_BY_FOLDED_NAME = {name.casefold(): guid for name, guid in BUILT_IN_ROLES.items()}
_DEFINITION_ID = re.compile(
    r"(?:/[^/].*)?/providers/Microsoft\.Authorization/roleDefinitions/([0-9a-f-]{36})", re.IGNORECASE
)

_ASSIGNMENTS = uuid.UUID("5d3a1f0e-7f0b-5c1d-9c2c-8a1f64d0c7b2")


def role_guid(role: str) -> str | None:
    """The GUID of a role's definition, lower-cased, or None for a role that is not known.

    `role` is the name of a built-in role (its case does not matter), a GUID, or the full id of a
    definition, whatever it starts with.
    """
    if is_guid(role):
        return role.lower()
    if (found := _DEFINITION_ID.fullmatch(role)) and is_guid(found[1]):
        return found[1].lower()
    return _BY_FOLDED_NAME.get(role.casefold())


def role_definition_id(scope: str, guid: str) -> str:
    """The full id of a role's definition in the form in which Azure Resource Manager answers it.

    At or below a subscription that form names the subscription; elsewhere it starts at `/providers`. Any
    other form is accepted too, and shows as a difference ever after.
    """
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{guid.lower()}"
    subscription = subscription_of(scope)
    return f"/subscriptions/{subscription}{definition}" if subscription else definition


def role_assignment_name(scope: str, principal_id: str, guid: str) -> str:
    """The GUID that names the assignment of a role to a principal at a scope.

    Derived from the three, so that making it again finds the same one and a changed role is a new
    assignment: Azure refuses to change the role of an existing one. Case does not matter, as it does not
    for Azure Resource Manager.
    """
    scope = scope.rstrip("/") or "/"
    return str(uuid.uuid5(_ASSIGNMENTS, f"{scope}|{principal_id}|{guid}".lower()))
