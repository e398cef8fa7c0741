"""What an estate file may say: the tenants and organizations that a sandbox starts with."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from azure_service_connections.sandbox.estate_connection_models import ServiceConnection
from azure_service_connections.sandbox.estate_section import Guid, Name, Section
from azure_service_connections.sandbox.estate_tenant_models import Tenant


class PersonalAccessToken(Section):
    """A personal access token of an organization; its owner is a person of the organization's tenant.

    The same token may stand at several organizations, as one for all accessible organizations does.
    """

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


class Project(Section):
    """A project of an organization."""

    id: Guid | None = None
    name: Name
    description: str = ""
    protected_branches: list[Name] = Field(default=[])
    """The branches of its repository that a policy protects; `main` is short for `refs/heads/main`."""
    templates: list[Template] = Field(default=[])
    endpoint_administrators: list[Name] | None = None
    """Who may make and administer its service connections, by user principal name. Default: everybody."""
    pipelines: list[Pipeline] = Field(default=[])
    service_connections: list[ServiceConnection] = Field(default=[])


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
    personal_access_tokens: list[PersonalAccessToken] = Field(default=[])
    agent_pools: list[AgentPool] = Field(default=[])
    projects: list[Project] = Field(default=[])


class Estate(Section):
    """A whole estate file."""

    seed: int | str = 0
    tenants: list[Tenant] = Field(min_length=1)
    organizations: list[Organization] = Field(default=[])


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
