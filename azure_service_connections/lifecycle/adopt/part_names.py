"""What the components call the parts of a connection.

A test holds this to the components' own names: `lifecycle` does not load them.
"""

from collections.abc import Sequence
from typing import Final

CONNECTION: Final = "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM"
SHARED_CONNECTION: Final = "azuredevops:index/serviceendpointGenericV2:ServiceendpointGenericV2"
APPLICATION: Final = "azuread:index/application:Application"
SERVICE_PRINCIPAL: Final = "azuread:index/servicePrincipal:ServicePrincipal"
APPLICATION_CREDENTIAL: Final = (
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
)
FLEXIBLE_CREDENTIAL: Final = (
    "azuread:index/applicationFlexibleFederatedIdentityCredential:"
    "ApplicationFlexibleFederatedIdentityCredential"
)
IDENTITY_CREDENTIAL: Final = "azure-native:managedidentity:FederatedIdentityCredential"
ROLE_ASSIGNMENT: Final = "azure-native:authorization:RoleAssignment"
PIPELINE_AUTHORIZATION: Final = "azuredevops:index/pipelineAuthorization:PipelineAuthorization"
APPROVAL: Final = "azuredevops:index/checkApproval:CheckApproval"
BRANCH_CONTROL: Final = "azuredevops:index/checkBranchControl:CheckBranchControl"
BUSINESS_HOURS: Final = "azuredevops:index/checkBusinessHours:CheckBusinessHours"
EXCLUSIVE_LOCK: Final = "azuredevops:index/checkExclusiveLock:CheckExclusiveLock"
REQUIRED_TEMPLATE: Final = "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate"

CONNECTIONS: Final = (CONNECTION, SHARED_CONNECTION)


def part_name(*parts: str) -> str:
    """The name of a part: the connection's key and the keys below it, with slashes and tildes escaped."""
    return "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


def key_of(name: str, keys: Sequence[str]) -> str | None:
    """The connection that a resource of this name belongs to, or None for one of no connection.

    A component carries the key as it is, its parts begin with the escaped one.
    """
    if name in keys:
        return name
    first = name.split("/", 1)[0].replace("~1", "/").replace("~0", "~")
    return first if first in keys else None
