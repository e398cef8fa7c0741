"""What a stack may write about other projects and their pipelines."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from azure_service_connections.configuration.strictness import Model
from azure_service_connections.configuration.values import (
    ConnectionName,
    LongText,
    NotBlank,
    PipelineId,
    ProjectName,
)


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
