"""Component resources: a service connection, and the parts that it is made of.

Use `ServiceConnection` for a connection with its identity, roles, trust and pipelines; use the parts where
a program composes them differently, such as one identity under three connections.
"""

from .app_registration import AppRegistration, AppRegistrationArgs
from .client_secret import ClientSecret, ClientSecretArgs
from .cloud import CloudArgs
from .connection_checks import (
    ApprovalArgs,
    BusinessHoursArgs,
    ChecksArgs,
    ConnectionChecks,
    ConnectionChecksArgs,
    RequiredTemplateArgs,
)
from .connection_inputs import RoleArgs, ServiceConnectionArgs
from .connection_roles import ConnectionRoles, ConnectionRolesArgs, PermissionArgs
from .credential import CertificateArgs, CredentialArgs, SecretArgs
from .errors import InputError
from .existing_service_principal import ExistingServicePrincipal, ExistingServicePrincipalArgs
from .federated_credential import FederatedCredential, FederatedCredentialArgs
from .foreign_identity import AgentIdentityArgs, AutomaticArgs, WebAppArgs
from .managed_identity import ManagedIdentity, ManagedIdentityArgs
from .pipeline_access import PipelineAccess, PipelineAccessArgs, PipelineArgs
from .role_assignment import RoleAssignment, RoleAssignmentArgs
from .scope import ManagementGroupArgs, ResourceGroupArgs, SubscriptionArgs, WorkspaceArgs
from .service_connection import ServiceConnection
from .trusts import TrustArgs

__all__ = [
    "AgentIdentityArgs",
    "AppRegistration",
    "AppRegistrationArgs",
    "ApprovalArgs",
    "AutomaticArgs",
    "BusinessHoursArgs",
    "CertificateArgs",
    "ChecksArgs",
    "ClientSecret",
    "ClientSecretArgs",
    "CloudArgs",
    "ConnectionChecks",
    "ConnectionChecksArgs",
    "ConnectionRoles",
    "ConnectionRolesArgs",
    "CredentialArgs",
    "ExistingServicePrincipal",
    "ExistingServicePrincipalArgs",
    "FederatedCredential",
    "FederatedCredentialArgs",
    "InputError",
    "ManagedIdentity",
    "ManagedIdentityArgs",
    "ManagementGroupArgs",
    "PermissionArgs",
    "PipelineAccess",
    "PipelineAccessArgs",
    "PipelineArgs",
    "RequiredTemplateArgs",
    "ResourceGroupArgs",
    "RoleArgs",
    "RoleAssignment",
    "RoleAssignmentArgs",
    "SecretArgs",
    "ServiceConnection",
    "ServiceConnectionArgs",
    "SubscriptionArgs",
    "TrustArgs",
    "WebAppArgs",
    "WorkspaceArgs",
]
