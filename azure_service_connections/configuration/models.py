"""What a stack may write under `connections`: the one source of the loader and of the editors' schema.

A kind of identity, of scope or of credential is one model and one field here.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
)

from azure_service_connections.catalogue import rules
from azure_service_connections.catalogue.combinations import IDENTITIES, SCOPES
from azure_service_connections.configuration.access_models import Checks, Permission
from azure_service_connections.configuration.strictness import STRICT, held_to
from azure_service_connections.configuration.values import (
    CertificateText,
    ConnectionName,
    DisplayName,
    EndDate,
    Environment,
    Generation,
    Guid,
    LongText,
    ManagedIdentityId,
    ManagedIdentityName,
    ManagementGroupName,
    NotBlank,
    OrganizationUrl,
    Owner,
    PipelineId,
    PrivateKey,
    ProjectName,
    Replacement,
    ResourceGroupName,
    RoleName,
    RoleScope,
    SecretText,
    ServerUrl,
    Tagged,
    Trusted,
    WebAppId,
    WorkspaceName,
)


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
    tags: list[Tagged] = []
    """Its tags, beside the one that says which resource it is."""
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
    trusts: dict[str, Trust] = {}
    """Others whom the identity trusts too, each under the name of its federated credential."""
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
