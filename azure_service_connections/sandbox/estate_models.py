"""What an estate file may say: the tenants and organizations that a sandbox starts with.

Keys are written in camelCase. Every id that is not given derives from the seed, so that two sandboxes with
the same file are equal. Names are compared without regard to case wherever the services do so.
"""

import uuid
from typing import Annotated, Any, Literal

from cryptography import x509
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

AUDIENCE = "api://AzureADTokenExchange"
"""The audience of every token that Azure DevOps issues for a service connection."""


def _guid(value: str) -> str:
    try:
        return str(uuid.UUID(value)) if len(value) == 36 else _refuse(value)
    except ValueError:
        return _refuse(value)


def _refuse(value: str) -> str:
    raise PydanticCustomError(
        "rule", "{problem}", {"problem": f"'{value}' is not a GUID; write 8-4-4-4-12 hexadecimal digits"}
    )


Guid = Annotated[str, AfterValidator(_guid)]
"""A GUID, kept in lower case."""

Name = Annotated[str, Field(min_length=1)]


class Section(BaseModel):
    """One mapping of the file: unknown keys are refused, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)


class FederatedCredential(Section):
    """Trust in the tokens of one issuer for one subject."""

    name: Name
    issuer: Name
    subject: Name
    audiences: list[Name] = Field(default=[AUDIENCE], min_length=1, max_length=1)
    description: str | None = None


class Person(Section):
    """A user of a tenant."""

    id: Guid | None = None
    name: Name
    user_principal_name: Name


class Group(Section):
    """A security group; its members are people, other groups, applications or managed identities by name."""

    id: Guid | None = None
    name: Name
    members: list[Name] = []


def _certificate(text: str) -> str:
    try:
        x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        problem = "is no certificate; write one in PEM form, as a block after `|`"
        raise PydanticCustomError("rule", "{problem}", {"problem": problem}) from None
    return text


Certificate = Annotated[str, AfterValidator(_certificate)]


class Application(Section):
    """An app registration with its service principal."""

    id: Guid | None = None
    """Object id of the application."""
    name: Name
    client_id: Guid | None = None
    principal_id: Guid | None = None
    """Object id of the service principal."""
    secret: Name | None = None
    certificates: list[Certificate] = []
    """Certificates that it may sign in with, in PEM form."""
    operator: bool = False
    """The one that `connections sandbox env` signs in as."""
    directory_roles: list[Name] = []
    """Directory roles (`Application Administrator`) or permissions (`Application.ReadWrite.All`)."""
    multi_tenant: bool = False
    owners: list[Name] = []
    """People by user principal name, or applications by name."""
    federated_credentials: list[FederatedCredential] = Field(default=[], max_length=20)


class ManagementGroup(Section):
    """A management group below another one, or below the tenant's root group."""

    name: Name
    display_name: Name | None = None
    """Defaults to the name."""
    parent: Name | None = None


class ManagedIdentity(Section):
    """A user-assigned managed identity; it lies in its resource group's location unless it says otherwise."""

    name: Name
    client_id: Guid | None = None
    principal_id: Guid | None = None
    """Object id of its service principal."""
    location: Name | None = None
    federated_credentials: list[FederatedCredential] = Field(default=[], max_length=20)


class Workspace(Section):
    """A machine learning workspace; it lies in its resource group's location unless it says otherwise."""

    name: Name
    location: Name | None = None


class ResourceGroup(Section):
    """A resource group of a subscription."""

    name: Name
    location: Name
    tags: dict[str, str] = {}
    managed_identities: list[ManagedIdentity] = []
    workspaces: list[Workspace] = []


class Subscription(Section):
    """A subscription, below a management group or below the tenant's root group."""

    id: Guid | None = None
    name: Name
    management_group: Name | None = None
    resource_groups: list[ResourceGroup] = []


class RoleAssignment(Section):
    """A role for a principal at a scope."""

    principal: Name
    """An application, managed identity, person (user principal name) or group, by name."""
    role: Name
    """A built-in role by name or GUID."""
    scope: Name
    """`/`, the name of a subscription, `subscription/resource group`, or a full id."""
    description: str | None = None
    condition: str | None = None


class Tenant(Section):
    """A directory of Microsoft Entra and the subscriptions that trust it."""

    id: Guid | None = None
    name: Name
    domain: Name
    service_management_reference_required: bool = False
    people: list[Person] = []
    groups: list[Group] = []
    applications: list[Application] = []
    management_groups: list[ManagementGroup] = []
    subscriptions: list[Subscription] = []
    role_assignments: list[RoleAssignment] = []


class PersonalAccessToken(Section):
    """A personal access token of an organization; its owner is a person of the organization's tenant."""

    token: Name
    owner: Name


class Pipeline(Section):
    """A pipeline and the text of its YAML file."""

    id: Annotated[int, Field(ge=1)] | None = None
    name: Name
    yaml: Name


class Template(Section):
    """A template that pipelines can extend: a file in a repository of the project."""

    repository: Name
    path: Name
    ref: Name = "refs/heads/main"
    yaml: Name


class ServiceConnection(Section):
    """An Azure Resource Manager service connection that exists already."""

    id: Guid | None = None
    name: Name
    description: str = ""
    application: Name | None = None
    """The application that it signs in as, by name; or else `managed_identity`."""
    managed_identity: Name | None = None
    scheme: Literal["ServicePrincipal", "WorkloadIdentityFederation"] = "WorkloadIdentityFederation"
    """With `ServicePrincipal` it holds the application's secret; with the other its identity trusts it."""
    issuer: Literal["entra", "devops"] | None = None
    """Defaults to the organization's."""
    subscription: Name
    pipelines: list[Name] | Literal["all"] = []
    """The pipelines of its project that may use it."""


class Project(Section):
    """A project of an organization."""

    id: Guid | None = None
    name: Name
    description: str = ""
    protected_branches: list[Name] = []
    """The branches of its repository that a policy protects; `main` is short for `refs/heads/main`."""
    templates: list[Template] = []
    pipelines: list[Pipeline] = []
    service_connections: list[ServiceConnection] = []


class AgentPool(Section):
    """A pool of agents of one's own; pipelines name it under `pool`."""

    name: Name
    managed_identity: Name | None = None
    """The user-assigned managed identity of its machines, by name. Default: they have none."""


class Organization(Section):
    """An organization of Azure DevOps; its people are those of its tenant."""

    id: Guid | None = None
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")]
    tenant: Name
    issuer: Literal["entra", "devops"] = "entra"
    """Who issues the tokens of new service connections: Entra, or (the older way) Azure DevOps itself."""
    personal_access_tokens: list[PersonalAccessToken] = []
    agent_pools: list[AgentPool] = []
    projects: list[Project] = []


class Estate(Section):
    """A whole estate file."""

    seed: int | str = 0
    tenants: list[Tenant] = Field(min_length=1)
    organizations: list[Organization] = []


def keys_of(section: type[BaseModel]) -> list[str]:
    """The keys of a section as the file writes them."""
    return [field.alias or name for name, field in section.model_fields.items()]


def section_at(place: tuple[Any, ...]) -> type[BaseModel]:
    """The section that holds the value at a place of the file, keys and positions as pydantic gives them."""
    section: type[BaseModel] = Estate
    for part in place[:-1]:
        found = next((field for name, field in section.model_fields.items() if field.alias == part), None)
        for inner in getattr(found.annotation, "__args__", ()) if found else ():
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                section = inner
    return section
