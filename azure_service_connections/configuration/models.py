"""What a stack may write under `connections`: the one source of the loader and of the editors' schema.

A kind of identity, of scope or of credential is one model and one field here.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    WithJsonSchema,
)

from azure_service_connections.catalogue import rules
from azure_service_connections.catalogue.clouds import ENVIRONMENTS
from azure_service_connections.catalogue.combinations import IDENTITIES, SCOPES
from azure_service_connections.catalogue.identifiers import as_azure_spells
from azure_service_connections.configuration.access_models import Checks, Permission
from azure_service_connections.configuration.strictness import STRICT, held_to

GUID_PATTERN = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def _as_midnight(value: Any) -> Any:
    """A day as the moment at which it starts.

    A date without quotes is a moment for YAML, and the engine hands that over in a form of its own.
    """
    if isinstance(value, str) and (found := _DAY.fullmatch(value)):
        return f"{found[1]}T00:00:00Z"
    return value


_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?: 00:00:00 \+0000 UTC)?")

Guid = Annotated[
    # The services answer ids in lower case; in any other they would show as changes.
    str,
    held_to(rules.guid),
    AfterValidator(str.lower),
    Field(json_schema_extra={"pattern": GUID_PATTERN}),
]
NotBlank = Annotated[str, held_to(rules.not_blank), Field(json_schema_extra={"minLength": 1})]
DisplayName = Annotated[NotBlank, held_to(rules.length(256)), Field(json_schema_extra={"maxLength": 256})]
LongText = Annotated[str, held_to(rules.length(1024)), Field(json_schema_extra={"maxLength": 1024})]
Owner = Annotated[str, held_to(rules.owner)]
ManagedIdentityId = Annotated[str, held_to(rules.managed_identity_id)]
ManagedIdentityName = Annotated[str, held_to(rules.managed_identity_name)]
ResourceGroupName = Annotated[str, held_to(rules.resource_group_name)]
ManagementGroupName = Annotated[str, held_to(rules.management_group_name)]
WorkspaceName = Annotated[str, held_to(rules.workspace_name)]
RoleName = Annotated[str, held_to(rules.role)]
RoleScope = Annotated[str, held_to(rules.scope), AfterValidator(as_azure_spells)]
ProjectName = Annotated[str, held_to(rules.project)]
OrganizationUrl = Annotated[str, held_to(rules.organization_url)]
ConnectionName = Annotated[str, held_to(rules.connection_name)]
SecretText = Annotated[
    str,
    held_to(rules.secret),
    WithJsonSchema(
        {
            "description": "A secret, as `pulumi config set --secret --path` writes it.",
            "type": "object",
            "properties": {"secure": {"type": "string", "description": "The secret, encrypted."}},
            "required": ["secure"],
            "additionalProperties": False,
        }
    ),
]
"""A text that a stack's file holds encrypted and the engine hands over in clear."""
PrivateKey = Annotated[SecretText, held_to(rules.private_key)]
CertificateText = Annotated[str, held_to(rules.certificate)]
EndDate = Annotated[str, BeforeValidator(_as_midnight), held_to(rules.end_date)]
Replacement = Annotated[str, held_to(rules.replacement), Field(json_schema_extra={"enum": ["allowed"]})]
WebAppId = Annotated[str, held_to(rules.web_app_id)]
ServerUrl = Annotated[str, held_to(rules.server_url)]
Environment = Annotated[
    str, held_to(rules.environment), Field(json_schema_extra={"enum": list(ENVIRONMENTS)})
]
Generation = Annotated[int, held_to(rules.generation), Field(json_schema_extra={"minimum": 1})]
PipelineId = Annotated[int, held_to(rules.pipeline_id), Field(json_schema_extra={"minimum": 1})]


class Model(BaseModel):
    """A group of keys in the spelling of YAML: camelCase, every value of exactly its kind, no other key."""

    model_config = STRICT


class AppRegistration(Model):
    """An application in Entra ID that is made for the connection."""

    display_name: DisplayName | None = None
    """Its name in the directory. Default: the connection's name."""
    owners: list[Owner] = []
    """Who may administer it: user principal names or object ids."""
    notes: LongText | None = None
    """What the directory's administrators should know about it."""
    service_management_reference: NotBlank | None = None
    """Its id in the organization's service catalogue, which some tenants require."""


class ManagedIdentity(Model):
    """A user-assigned managed identity: `resourceId` of one that exists, or `name` and `resourceGroup`."""

    resource_id: ManagedIdentityId | None = None
    """Id in Azure of one that exists."""
    name: ManagedIdentityName | None = None
    """Name of the one to make."""
    resource_group: ResourceGroupName | None = None
    """Name of the resource group to make it in."""
    subscription_id: Guid | None = None
    """Id of the subscription to make it in. Default: the one that the connection reaches."""
    location: NotBlank | None = None
    """Azure region of the one to make, such as westeurope. Default: that of the resource group."""


class ServicePrincipal(Model):
    """An application with a service principal that exist already."""

    client_id: Guid
    """Client id (application id) of the application."""
    tenant_id: Guid
    """Id of the tenant."""
    principal_id: Guid | None = None
    """Object id of the service principal. Default: it is looked up."""


class Automatic(Model):
    """An application that Azure DevOps makes, with its trust or its secret and Contributor on the scope."""

    tenant_id: Guid | None = None
    """Id of the tenant to make it in. Default: the one that the azuread provider works in."""


class AgentIdentity(Model):
    """The managed identity of the machine that runs the job: an agent of one's own in Azure."""

    principal_id: Guid | None = None
    """Object id of the identity's service principal, which roles are given to."""
    tenant_id: Guid | None = None
    """Id of its tenant. Default: the one that the azuread provider works in."""


class WebApp(Model):
    """One App Service with its publish profile. Experimental."""

    resource_id: WebAppId
    """Id of the App Service in Azure."""
    publish_profile: SecretText
    """Its publish profile."""
    tenant_id: Guid | None = None
    """Id of its tenant. Default: the one that the azuread provider works in."""


class Cloud(Model):
    """A cloud."""

    environment: Environment
    """AzureCloud, AzureUSGovernment, AzureChinaCloud or AzureStack."""
    server_url: ServerUrl | None = None
    """Address of the Resource Manager of an Azure Stack; the others have one that is known."""


class Subscription(Model):
    """A whole subscription."""

    id: Guid
    """Id of the subscription."""
    name: NotBlank
    """Name of the subscription, as Azure DevOps is to show it."""


class ResourceGroup(Model):
    """One resource group."""

    subscription_id: Guid
    """Id of the subscription that holds it."""
    subscription_name: NotBlank
    """Name of the subscription, as Azure DevOps is to show it."""
    name: ResourceGroupName
    """Name of the resource group."""


class ManagementGroup(Model):
    """A management group and everything below it."""

    id: ManagementGroupName
    """Its id: the last part of its full id."""
    name: NotBlank
    """Its name, as Azure DevOps is to show it."""


class Workspace(Model):
    """One Azure Machine Learning workspace."""

    subscription_id: Guid
    """Id of the subscription that holds it."""
    subscription_name: NotBlank
    """Name of the subscription, as Azure DevOps is to show it."""
    resource_group: ResourceGroupName
    """Name of the resource group that holds it."""
    name: WorkspaceName
    """Name of the workspace."""
    location: NotBlank
    """Azure region of the workspace, such as westeurope."""


class Secret(Model):
    """A client secret: made here for an application that is made here, or that of an existing one."""

    value: SecretText | None = None
    """The secret of a service principal that exists already."""
    generation: Generation | None = None
    """Starts at 1; counting it up by one makes the next secret, the one before stays. Default: 1."""
    expires: EndDate | None = None
    """When this generation ends, as 2027-01-31T00:00:00Z; a new date goes with a new generation."""


class Certificate(Model):
    """A certificate and its private key, both in PEM form."""

    certificate: CertificateText
    """The certificate alone; an application that is made here gets it."""
    private_key: PrivateKey
    """Its private key, which only Azure DevOps gets."""


class Credential(Model):
    """What a connection signs in with where it is not a federated credential: exactly one of the two."""

    secret: Secret | None = None
    """A client secret."""
    certificate: Certificate | None = None
    """A certificate."""


def _form_of_credential(value: Any) -> str | None:
    if isinstance(value, str):
        return "federated"
    return "made" if isinstance(value, dict | Credential) else None


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


class PipelineReference(Model):
    """A pipeline in a folder or of another project, with which the connection has to be shared."""

    project: ProjectName | None = None
    """Name or id of its project. Default: the connection's project."""
    name: NotBlank | None = None
    """Its name."""
    id: PipelineId | None = None
    """Its id: the number in its address (definitionId)."""
    folder: NotBlank | None = None
    """The folder that holds it, such as \\\\Team. Default: none."""


class SharedProject(Model):
    """A project that has the connection too."""

    project: ProjectName
    """Name or id of the project."""
    name: ConnectionName | None = None
    """The name that its pipelines use: that of the connection, for the provider knows one name only."""
    description: LongText | None = None
    """What it is for: that of the connection, for the provider knows one description only."""


def _kind_of_project(value: Any) -> str | None:
    if isinstance(value, str):
        return "name"
    return "reference" if isinstance(value, dict | SharedProject) else None


Shared = Annotated[
    Annotated[ProjectName, Tag("name")] | Annotated[SharedProject, Tag("reference")],
    Discriminator(_kind_of_project),
]


def _kind_of_pipeline(value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return "name"
    if isinstance(value, int):
        return "id"
    return "reference" if isinstance(value, dict | PipelineReference) else None


Pipeline = Annotated[
    Annotated[NotBlank, Tag("name")]
    | Annotated[PipelineId, Tag("id")]
    | Annotated[PipelineReference, Tag("reference")],
    Discriminator(_kind_of_pipeline),
]


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
    credential: Annotated[
        Annotated[Literal["federated"], Tag("federated")] | Annotated[Credential, Tag("made")],
        Discriminator(_form_of_credential),
    ] = "federated"
    """How it signs in: `federated`, without any secret, or a secret or a certificate."""
    cloud: Cloud | None = None
    """The cloud that it works in. Default: the public one."""
    replace: Replacement | None = None
    """`allowed` lets a change replace or delete it, with its id. Default: the engine refuses that."""
    roles: dict[str, Role] = {}
    """Roles for its identity, each under a key of yours. Default: none."""
    shared_with: list[Shared] | None = None
    """Other projects that have it too: names, ids, or `{project}`. Whether it is shared never changes."""
    pipelines: list[Pipeline] = []
    """The pipelines that may use it: names, ids, or `{project, name}`. Default: none."""
    all_pipelines: bool = False
    """True opens it to every pipeline of its project, also to those made later."""
    checks: Checks | None = None
    """What every run has to pass before it may use it. Default: nothing."""
    permissions: dict[str, Permission] = {}
    """Roles on it for people and groups, each under a key of yours. Default: what its project gives."""
    inherit_permissions: bool = True
    """False lets `connections verify` object to roles that its project hands down; end that by hand."""


CONNECTIONS = TypeAdapter(dict[str, Connection])
"""Reads the whole map."""
