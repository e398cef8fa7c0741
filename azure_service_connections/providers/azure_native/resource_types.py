"""The kinds of resources of Azure Resource Manager that are offered, one description each.

Tokens, properties and API versions are those of pulumi_azure_native 3.29.0. `{subscriptionId}` in a path
comes from the provider's arguments, all other parameters from the inputs.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

_GUID_OR_NAME: Final = r"^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$"


class AutomaticName(Enum):
    """How a name comes about that is not given."""

    RANDOM = "random"
    """The resource's name in the program and eight hexadecimal digits."""
    COPY = "copy"
    """The resource's name in the program."""
    GUID = "uuid"
    """A GUID from the engine's seed."""


@dataclass(frozen=True)
class PathParameter:
    """One parameter of a path, by the name of its input. `whole`: it is a path itself, such as a scope."""

    name: str
    automatic: AutomaticName | None = None
    whole: bool = False
    pattern: str = ""
    shortest: int = 0
    longest: int = 0


@dataclass(frozen=True)
class BodyProperty:
    """One property of a body: its place there (`properties.issuer`), its kind, whether it replaces."""

    place: str
    kind: str = "string"
    required: bool = False
    replaces: bool = False


@dataclass(frozen=True)
class ArmType:
    """One kind of resource."""

    token: str
    path: str
    api_version: str
    parameters: tuple[PathParameter, ...]
    body: dict[str, BodyProperty]
    outputs: dict[str, BodyProperty] = field(default_factory=dict)
    has_body: bool = True
    put_runs_on: bool = False
    delete_runs_on: bool = False

    @property
    def replacing(self) -> frozenset[str]:
        """Inputs that replace the resource: its path, and what Azure cannot change."""
        return frozenset(
            [parameter.name for parameter in self.parameters]
            + [name for name, known in self.body.items() if known.replaces]
        )

    @property
    def response(self) -> dict[str, BodyProperty]:
        """What an answer holds, by the name of the output."""
        common = {
            "id": BodyProperty("id"),
            "name": BodyProperty("name"),
            "type": BodyProperty("type"),
            "systemData": BodyProperty("systemData", "object"),
        }
        return {**common, **self.body, **self.outputs}


def _properties(kind: str, *names: str) -> dict[str, BodyProperty]:
    return {name: BodyProperty(f"properties.{name}", kind) for name in names}


_AUDIT: Final = _properties("string", "createdBy", "createdOn", "updatedBy", "updatedOn")
_TRACKED: Final = {
    "location": BodyProperty("location", required=True, replaces=True),
    "tags": BodyProperty("tags", "map"),
}
_GROUP: Final = PathParameter("resourceGroupName", shortest=1, longest=90)
_IN_GROUP: Final = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers"
_IDENTITY: Final = _IN_GROUP + "/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
_SCOPE: Final = PathParameter("scope", whole=True)
_AUTHORIZATION: Final = "/{scope}/providers/Microsoft.Authorization"
_MANAGEMENT_GROUP: Final = "/providers/Microsoft.Management/managementGroups/{groupId}"

USER_ASSIGNED_IDENTITY: Final = ArmType(
    "azure-native:managedidentity:UserAssignedIdentity",
    _IDENTITY,
    "2023-01-31",
    (_GROUP, PathParameter("resourceName", AutomaticName.RANDOM)),
    _TRACKED,
    _properties("string", "clientId", "principalId", "tenantId"),
)

FEDERATED_CREDENTIAL: Final = ArmType(
    "azure-native:managedidentity:FederatedIdentityCredential",
    _IDENTITY + "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
    "2023-01-31",
    (
        _GROUP,
        PathParameter("resourceName"),
        PathParameter("federatedIdentityCredentialResourceName", AutomaticName.COPY, pattern=_GUID_OR_NAME),
    ),
    {
        "audiences": BodyProperty("properties.audiences", "strings", required=True),
        "issuer": BodyProperty("properties.issuer", required=True),
        "subject": BodyProperty("properties.subject", required=True),
    },
)

ROLE_ASSIGNMENT: Final = ArmType(
    "azure-native:authorization:RoleAssignment",
    _AUTHORIZATION + "/roleAssignments/{roleAssignmentName}",
    "2022-04-01",
    (_SCOPE, PathParameter("roleAssignmentName", AutomaticName.GUID)),
    {
        **_properties(
            *("string", "condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description"),
            "principalType",
        ),
        "principalId": BodyProperty("properties.principalId", required=True, replaces=True),
        "roleDefinitionId": BodyProperty("properties.roleDefinitionId", required=True),
    },
    {"scope": BodyProperty("properties.scope"), **_AUDIT},
)

ROLE_DEFINITION: Final = ArmType(
    "azure-native:authorization:RoleDefinition",
    _AUTHORIZATION + "/roleDefinitions/{roleDefinitionId}",
    "2022-05-01-preview",
    (_SCOPE, PathParameter("roleDefinitionId", AutomaticName.GUID)),
    {
        **_properties("string", "description", "roleName"),
        "assignableScopes": BodyProperty("properties.assignableScopes", "strings"),
        "permissions": BodyProperty("properties.permissions", "objects"),
        "roleType": BodyProperty("properties.type"),
    },
    _AUDIT,
)

RESOURCE_GROUP: Final = ArmType(
    "azure-native:resources:ResourceGroup",
    "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}",
    "2024-03-01",
    (PathParameter("resourceGroupName", AutomaticName.RANDOM, shortest=1, longest=90),),
    {**_TRACKED, "managedBy": BodyProperty("managedBy")},
    {"properties": BodyProperty("properties", "object")},
    delete_runs_on=True,
)

MANAGEMENT_GROUP: Final = ArmType(
    "azure-native:management:ManagementGroup",
    _MANAGEMENT_GROUP,
    "2023-04-01",
    (PathParameter("groupId", AutomaticName.RANDOM, shortest=1, longest=90),),
    {
        "details": BodyProperty("properties.details", "object"),
        "displayName": BodyProperty("properties.displayName"),
        "name": BodyProperty("name"),
    },
    {"children": BodyProperty("properties.children", "objects"), **_properties("string", "tenantId")},
    put_runs_on=True,
    delete_runs_on=True,
)

MANAGEMENT_GROUP_SUBSCRIPTION: Final = ArmType(
    "azure-native:management:ManagementGroupSubscription",
    _MANAGEMENT_GROUP + "/subscriptions/{subscriptionId}",
    "2023-04-01",
    (PathParameter("groupId", shortest=1, longest=90),),
    {},
    {"parent": BodyProperty("properties.parent", "object"), **_properties("string", "displayName", "state")}
    | _properties("string", "tenant"),
    has_body=False,
)

WORKSPACE: Final = ArmType(
    "azure-native:machinelearningservices:Workspace",
    _IN_GROUP + "/Microsoft.MachineLearningServices/workspaces/{workspaceName}",
    "2025-12-01",
    (
        _GROUP,
        PathParameter("workspaceName", AutomaticName.RANDOM, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$"),
    ),
    {
        "location": BodyProperty("location", replaces=True),
        "tags": BodyProperty("tags", "map"),
        "identity": BodyProperty("identity", "object"),
        "kind": BodyProperty("kind"),
        "sku": BodyProperty("sku", "object"),
        **_properties("string", "applicationInsights", "containerRegistry", "description", "discoveryUrl"),
        **_properties("string", "friendlyName", "hubResourceId", "imageBuildCompute", "keyVault"),
        **_properties("string", "primaryUserAssignedIdentity", "publicNetworkAccess", "storageAccount"),
        **_properties("string", "systemDatastoresAuthMode"),
        **_properties("boolean", "allowPublicAccessWhenBehindVnet", "enableDataIsolation", "hbiWorkspace"),
        **_properties("boolean", "provisionNetworkNow", "v1LegacyMode"),
        **_properties("object", "encryption", "managedNetwork", "workspaceHubConfig"),
    },
    {
        **_properties("string", "mlFlowTrackingUri", "provisioningState", "serviceProvisionedResourceGroup"),
        **_properties("string", "tenantId", "workspaceId"),
        **_properties("integer", "privateLinkCount"),
        **_properties("boolean", "storageHnsEnabled"),
        **_properties("object", "notebookInfo"),
        **_properties("objects", "privateEndpointConnections"),
    },
    put_runs_on=True,
    delete_runs_on=True,
)

RESOURCE_TYPES: Final = (
    USER_ASSIGNED_IDENTITY,
    FEDERATED_CREDENTIAL,
    ROLE_ASSIGNMENT,
    ROLE_DEFINITION,
    RESOURCE_GROUP,
    MANAGEMENT_GROUP,
    MANAGEMENT_GROUP_SUBSCRIPTION,
    WORKSPACE,
)
