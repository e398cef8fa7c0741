"""What a stack may write under `connections`: the one source of the loader and of the editors' schema.

A kind of identity, of scope or of credential is one model and one field here.
"""

from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter

from azure_service_connections.catalogue import rules
from azure_service_connections.catalogue.combinations import IDENTITIES, SCOPES
from azure_service_connections.configuration.access_models import Checks, Permission
from azure_service_connections.configuration.credential_models import OwnCredential, SignIn
from azure_service_connections.configuration.identity_models import (
    AgentIdentity,
    AppRegistration,
    Automatic,
    ManagedIdentity,
    ServicePrincipal,
    WebApp,
)
from azure_service_connections.configuration.project_models import Pipeline, Shared
from azure_service_connections.configuration.scope_models import (
    Cloud,
    ManagementGroup,
    ResourceGroup,
    Subscription,
    Workspace,
)
from azure_service_connections.configuration.strictness import Model, held_to
from azure_service_connections.configuration.values import (
    ConnectionName,
    Guid,
    LongText,
    NotBlank,
    OrganizationUrl,
    ProjectName,
    Replacement,
    RoleName,
    RoleScope,
    Trusted,
)


class Role(Model):
    """A role for the connection's identity."""

    role: RoleName
    """Name of a built-in role, GUID of a role, or full id of its definition."""
    scope: RoleScope | None = None
    """Full id of where the role holds. Default: what the connection reaches."""
    condition: NotBlank | None = None
    """Condition in Azure's own language, version 2.0."""
    description: LongText | None = None
    """Why the role is given."""
    assignment_name: Guid | None = None
    """GUID of an assignment that exists already. Default: derived from scope, principal and role."""


class Trust(Model):
    """Somebody else whose tokens the identity trusts. Exactly one of subject and matching is given."""

    issuer: Trusted
    """Who issues the tokens: the address in their claim `iss`."""
    subject: Trusted | None = None
    """The claim `sub` of the tokens, letter by letter."""
    matching: NotBlank | None = None
    """Instead of a subject: an expression over claims, in Entra ID's own language; applications only."""
    audience: Trusted | None = None
    """The claim `aud` of the tokens. Default: that of the connection's cloud."""
    description: (
        Annotated[str, held_to(rules.length(600)), Field(json_schema_extra={"maxLength": 600})] | None
    ) = None
    """What it is for; managed identities have none."""


class Connection(Model):
    """A service connection: exactly one identity and exactly one scope."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"oneOf": [{"required": [identity]} for identity in IDENTITIES]},
                {"oneOf": [{"required": [scope]} for scope in SCOPES]},
            ]
        }
    )

    project: ProjectName
    """Name or id of the Azure DevOps project that owns it."""
    organization: OrganizationUrl | None = None
    """Address of its Azure DevOps organization. Default: that of the provider's configuration."""
    connection_name: ConnectionName | None = None
    """The name that pipelines use. Default: its key."""
    description: LongText | None = None
    """What it is for. Default: Managed by Pulumi."""
    app_registration: AppRegistration | None = None
    """The identity: an application that is made for it. `{}` is enough."""
    managed_identity: ManagedIdentity | None = None
    """The identity: a user-assigned managed identity, made here or existing."""
    service_principal: ServicePrincipal | None = None
    """The identity: an application with a service principal that exist already."""
    automatic: Automatic | None = None
    """The identity: an application that Azure DevOps makes. `{}` is enough."""
    agent_identity: AgentIdentity | None = None
    """The identity: that of the machine that runs the job. `{}` is enough where no role is given."""
    web_app: WebApp | None = None
    """Identity and scope at once: one App Service with its publish profile. Experimental."""
    subscription: Subscription | None = None
    """The scope: a whole subscription."""
    resource_group: ResourceGroup | None = None
    """The scope: one resource group."""
    management_group: ManagementGroup | None = None
    """The scope: a management group."""
    workspace: Workspace | None = None
    """The scope: an Azure Machine Learning workspace."""
    credential: SignIn = "federated"
    """How it signs in: `federated`, without any secret, or a secret or a certificate."""
    federated_credential: OwnCredential | None = None
    """Its own federated credential, where that existed before. Default: one is made."""
    cloud: Cloud | None = None
    """The cloud that it works in. Default: the public one."""
    former_keys: list[NotBlank] = Field(default=[])
    """Keys that it had in this stack before: what was made under them is taken over, not made anew."""
    replace: Replacement | None = None
    """`allowed` lets a change replace or delete it, with its id. Default: the engine refuses that."""
    roles: dict[str, Role] = Field(default={})
    """Roles for its identity, each under a key of yours. Default: none."""
    trusts: dict[str, Trust] = Field(default={})
    """Others whom the identity trusts too, each under the name of its federated credential."""
    shared_with: list[Shared] | None = None
    """Other projects that have it too, the latest last: names, ids, or `{project}`. Shared it stays."""
    pipelines: list[Pipeline] = Field(default=[])
    """The pipelines that may use it: names, ids, or `{project, name}`. Default: none."""
    all_pipelines: bool = False
    """True opens it to every pipeline of its project, also to those made later."""
    checks: Checks | None = None
    """What every run has to pass before it may use it. Default: nothing."""
    permissions: dict[str, Permission] = Field(default={})
    """Roles on it for people and groups, each under a key of yours. Default: what its project gives."""
    inherit_permissions: bool = True
    """False lets `connections verify` object to roles that its project hands down; end that by hand."""


CONNECTIONS = TypeAdapter(dict[str, Connection])
"""Reads the whole map."""
