"""What the resources of a preview mean for a service connection, whoever registered them.

Types of the published providers; azure-native has each type once more for every version of the API.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from azure_service_connections.lifecycle.review.preview import STACK, Step
from azure_service_connections.lifecycle.review.values import Mark

PACKAGE: Final = "azure-service-connections:index:"
SERVICE_CONNECTION: Final = f"{PACKAGE}ServiceConnection"
PIPELINE_ACCESS: Final = f"{PACKAGE}PipelineAccess"
FEDERATED_CREDENTIAL: Final = f"{PACKAGE}FederatedCredential"

_VERSION = re.compile(r"^(azure-native:\w+)/v\w+:")


class Kind(Enum):
    """What a resource is to a connection."""

    ENDPOINT = "the connection itself"
    PIPELINE = "the right of pipelines to use it"
    CHECK = "what runs have to pass"
    PERSON = "a role of a person or group on it"
    IDENTITY = "an application or a managed identity"
    ROLE = "a role in Azure"
    TRUST = "a federated credential"
    SECRET = "a secret or certificate of an application"
    COMPONENT = "a component of this package"
    OTHER = "anything else"


CHECKS: Final[Mapping[str, str]] = {
    "azuredevops:index/checkApproval:CheckApproval": "approval",
    "azuredevops:index/checkBranchControl:CheckBranchControl": "branch control",
    "azuredevops:index/checkBusinessHours:CheckBusinessHours": "business hours",
    "azuredevops:index/checkExclusiveLock:CheckExclusiveLock": "exclusive lock",
    "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate": "required template",
    "azuredevops:index/checkRestApi:CheckRestApi": "call of a REST API",
}
"""The types of checks, each with what people call it."""

APPLICATIONS: Final = frozenset(
    {
        "azuread:index/application:Application",
        "azuread:index/applicationRegistration:ApplicationRegistration",
    }
)
PRINCIPALS: Final = frozenset({"azuread:index/servicePrincipal:ServicePrincipal"})
MANAGED_IDENTITIES: Final = frozenset(
    {
        "azure-native:managedidentity:UserAssignedIdentity",
        "azure:authorization/userAssignedIdentity:UserAssignedIdentity",
    }
)
IDENTITIES: Final = APPLICATIONS | PRINCIPALS | MANAGED_IDENTITIES
PASSWORDS: Final = frozenset(
    {
        "azuread:index/applicationPassword:ApplicationPassword",
        "azuread:index/servicePrincipalPassword:ServicePrincipalPassword",
    }
)
CERTIFICATES: Final = frozenset(
    {
        "azuread:index/applicationCertificate:ApplicationCertificate",
        "azuread:index/servicePrincipalCertificate:ServicePrincipalCertificate",
    }
)
ENDPOINTS: Final = frozenset(
    {
        "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM",
        "azuredevops:index/serviceendpointGenericV2:ServiceendpointGenericV2",
    }
)
_GENERIC: Final = "azuredevops:index/serviceendpointGenericV2:ServiceendpointGenericV2"
CONNECTION_ROLE: Final = "azuredevops:index/securityroleAssignment:SecurityroleAssignment"
CONNECTION_PERMISSIONS: Final = "azuredevops:index/serviceendpointPermissions:ServiceendpointPermissions"
_FLEXIBLE: Final = (
    "azuread:index/applicationFlexibleFederatedIdentityCredential:"
    "ApplicationFlexibleFederatedIdentityCredential"
)
PIPELINE_RIGHT: Final = "azuredevops:index/pipelineAuthorization:PipelineAuthorization"
OLDER_PIPELINE_RIGHT: Final = "azuredevops:index/resourceAuthorization:ResourceAuthorization"

_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(ENDPOINTS, Kind.ENDPOINT),
    **dict.fromkeys(CHECKS, Kind.CHECK),
    **dict.fromkeys(IDENTITIES, Kind.IDENTITY),
    **dict.fromkeys(PASSWORDS | CERTIFICATES, Kind.SECRET),
    PIPELINE_RIGHT: Kind.PIPELINE,
    OLDER_PIPELINE_RIGHT: Kind.PIPELINE,
    CONNECTION_ROLE: Kind.PERSON,
    CONNECTION_PERMISSIONS: Kind.PERSON,
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential": Kind.TRUST,
    _FLEXIBLE: Kind.TRUST,
    "azure-native:managedidentity:FederatedIdentityCredential": Kind.TRUST,
    "azure:armmsi/federatedIdentityCredential:FederatedIdentityCredential": Kind.TRUST,
    "azure-native:authorization:RoleAssignment": Kind.ROLE,
    "azure:authorization/assignment:Assignment": Kind.ROLE,
}


def plain_type(token: str) -> str:
    """A type without the version of the API that azure-native writes into it."""
    return _VERSION.sub(r"\1:", token)


def kind_of(step: Step) -> Kind:
    """What the resource of a step is to a connection."""
    token = plain_type(step.type)
    if token.startswith(PACKAGE):
        return Kind.COMPONENT
    kind = _KINDS.get(token, Kind.OTHER)
    speaks_of_one = _ONLY_WHERE.get(token)
    return kind if speaks_of_one is None or _any(step, speaks_of_one) else Kind.OTHER


def is_counted(step: Step) -> bool:
    """Whether a resource is one of somebody's: neither the stack itself nor a provider."""
    return step.type != STACK and not step.type.startswith("pulumi:providers:")


def is_service_principal_endpoint_role(scope: Any) -> bool:
    """Whether a role of Azure DevOps is one on a service connection."""
    return scope in (None, Mark.UNKNOWN) or "serviceendpointrole" in str(scope).lower()


_ONLY_WHERE: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    _GENERIC: ("type", lambda value: value in (None, Mark.UNKNOWN, "azurerm")),
    PIPELINE_RIGHT: ("type", lambda value: value in (None, Mark.UNKNOWN, "endpoint")),
    OLDER_PIPELINE_RIGHT: ("type", lambda value: value in (None, Mark.UNKNOWN, "endpoint")),
    CONNECTION_ROLE: ("scope", is_service_principal_endpoint_role),
    **dict.fromkeys(CHECKS, ("targetResourceType", lambda value: value in (None, Mark.UNKNOWN, "endpoint"))),
}
"""Types that serve more than connections, each with the property that says which."""


def _any(step: Step, where: tuple[str, Callable[[Any], bool]]) -> bool:
    name, speaks_of_one = where
    return any(speaks_of_one(state.get(name)) for state in step.states())
