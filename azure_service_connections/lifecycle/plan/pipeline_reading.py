"""Reads what pipelines say: their YAML from the repository, and filled in where it has templates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError
from azure_service_connections.lifecycle.http_client import Answer
from azure_service_connections.lifecycle.inventory.refused import unseen
from azure_service_connections.lifecycle.plan.pipeline_text import (
    UnreadableError,
    Use,
    document_of,
    has_templates,
    uses_of,
)
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked

_GONE: Final = 404
_YAML: Final = "yaml"
_HOSTED_GIT: Final = "azureReposGit"


@dataclass(frozen=True)
class PipelineKey:
    """Which pipeline is meant."""

    organization: str
    project_id: str
    id: int


@dataclass(frozen=True)
class ReadPipeline:
    """A pipeline with where it names connections."""

    name: str = ""
    uses: tuple[Use, ...] = ()
    note: str = ""
    """What of it could not be read, without a full stop."""
    gone: bool = False


def read_pipeline(services: Services, key: PipelineKey) -> ReadPipeline:
    """A pipeline. What the operator may not read of it is in its note; another failure is raised.

    A pipeline outside of Azure Repos, and one with templates, is read as a run would read it, which needs the
    right to queue it; nothing is queued. Source: Azure DevOps' REST API, "Pipelines - Get", "Items - Get" and
    "Preview - Preview".
    """
    answer = _ask(services, key, "GET", "")
    if answer.status == _GONE:
        return ReadPipeline(gone=True)
    try:
        pipeline = checked(answer, f"Reading pipeline {key.id}")
    except ServiceError as error:
        return ReadPipeline(str(key.id), note=_unread("it", error))
    name = str(pipeline.get("name") or key.id)
    configuration = pipeline.get("configuration") or {}
    if configuration.get("type") != _YAML:
        return ReadPipeline(name, note="it is a classic pipeline, whose tasks are not read")
    uses: dict[Use, None] = {}
    note = "its YAML lies outside of Azure Repos"
    if (configuration.get("repository") or {}).get("type") == _HOSTED_GIT:
        whole, note = _gather(uses, lambda: _in_repository(services, key, configuration))
        if whole:
            return ReadPipeline(name, tuple(uses))
    whole, problem = _gather(uses, lambda: _filled_in(services, key))
    # The filled-in text holds all that the one in the repository says, so that one may fail alone.
    return ReadPipeline(name, tuple(uses), "" if whole else "; ".join(filter(None, (note, problem))))


def _gather(uses: dict[Use, None], read: Callable[[], str]) -> tuple[bool, str]:
    """Add the uses in a text; whether it is all that there is to read, and what is in the way."""
    try:
        document = document_of(read())
        uses.update(dict.fromkeys(uses_of(document)))
        return not has_templates(document), ""
    except ServiceError as error:
        return False, _unread("its YAML", error)
    except UnreadableError as error:
        return False, str(error)


def _in_repository(services: Services, key: PipelineKey, configuration: dict[str, Any]) -> str:
    repository = str(configuration["repository"].get("id") or "")
    answer = services.devops(
        "GET",
        f"/{key.project_id}/_apis/git/repositories/{repository}/items",
        organization=key.organization,
        parameters={"path": str(configuration.get("path") or ""), "includeContent": "true"},
    )
    return str(checked(answer, "Reading the file").get("content") or "")


def _filled_in(services: Services, key: PipelineKey) -> str:
    answer = _ask(services, key, "POST", "/preview", PREVIEW_VERSION, {"previewRun": True})
    return str(checked(answer, "Filling it in").get("finalYaml") or "")


def _ask(
    services: Services, key: PipelineKey, method: str, more: str, version: str = "7.1", body: Any = None
) -> Answer:
    return services.devops(
        method,
        f"/{key.project_id}/_apis/pipelines/{key.id}{more}",
        organization=key.organization,
        version=version,
        body=body,
    )


def _unread(what: str, error: LifecycleError) -> str:
    said = unseen(what, error).rstrip(".")
    return f"{said[0].lower()}{said[1:]}"
