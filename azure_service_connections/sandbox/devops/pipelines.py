"""Addresses of pipelines and of their runs."""

from typing import Any

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import runs
from azure_service_connections.sandbox.devops.access import caller_of, people_only
from azure_service_connections.sandbox.devops.body import json_of
from azure_service_connections.sandbox.devops.definitions import (
    ROOT_FOLDER,
    pipeline_of,
    pipelines_of,
    repository_of,
    yaml_path,
)
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()


@ROUTES.get("/{organization}/{project}/_apis/pipelines")
def list_pipelines(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """The pipelines of a project."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    found = [pipeline_document(cloud, document, owner, each) for each in pipelines_of(cloud, owner)]
    return Response(body={"count": len(found), "value": found})


@ROUTES.get("/{organization}/{project}/_apis/pipelines/{pipeline}")
def show_pipeline(cloud: Cloud, request: Request, organization: str, project: str, pipeline: str) -> Response:
    """One pipeline with where its YAML comes from."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    found = _pipeline(cloud, owner, pipeline)
    body = pipeline_document(cloud, document, owner, found)
    repository = repository_of(cloud, document, owner)
    body["configuration"] = {
        "type": "yaml",
        "path": yaml_path(cloud, owner, found),
        "repository": {"id": repository["id"], "type": "azureReposGit"},
    }
    return Response(body=body)


@ROUTES.post("/{organization}/{project}/_apis/pipelines/{pipeline}/runs")
def start_run(cloud: Cloud, request: Request, organization: str, project: str, pipeline: str) -> Response:
    """Run a pipeline; refused where its YAML or a service connection in it is not in order."""
    document = organization_named(cloud, organization)
    caller = people_only(caller_of(cloud, request, document), "Queue builds")
    owner = project_of(cloud, document, project)
    found = _pipeline(cloud, owner, pipeline)
    body = json_of(request) or {}
    parameters = body.get("templateParameters") or {}
    if not isinstance(parameters, dict):
        raise invalid("The value of templateParameters is not an object.")
    branch = _branch(body, repository_of(cloud, document, owner)["defaultBranch"])
    run = runs.start(cloud, document, owner, found, parameters, branch, caller.id)
    return Response(body=run_document(cloud, document, owner, found, run))


@ROUTES.post("/{organization}/{project}/_apis/pipelines/{pipeline}/preview")
def preview_run(cloud: Cloud, request: Request, organization: str, project: str, pipeline: str) -> Response:
    """What a run of a pipeline would read: its YAML with parameters, expressions and templates filled in.

    Nothing is queued. The rights are those of a run, but connections are not looked up: whether the live
    service does that is not known.
    """
    document = organization_named(cloud, organization)
    people_only(caller_of(cloud, request, document), "Queue builds")
    owner = project_of(cloud, document, project)
    found = _pipeline(cloud, owner, pipeline)
    body = json_of(request) or {}
    if body.get("previewRun") is not True:
        raise invalid("The value of previewRun is not true.")
    parameters = body.get("templateParameters") or {}
    if not isinstance(parameters, dict):
        raise invalid("The value of templateParameters is not an object.")
    branch = _branch(body, repository_of(cloud, document, owner)["defaultBranch"])
    return Response(body={"finalYaml": runs.final_yaml(cloud, owner, found, parameters, branch)})


@ROUTES.get("/{organization}/{project}/_apis/pipelines/{pipeline}/runs")
def list_runs(cloud: Cloud, request: Request, organization: str, project: str, pipeline: str) -> Response:
    """The runs of a pipeline, the newest first."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    found = _pipeline(cloud, owner, pipeline)
    held = cloud.store.find("runs", projectId=owner["id"], pipelineId=found["id"])
    seen = [run for each in reversed(held) if (run := runs.find(cloud, document, str(each["id"])))]
    value = [run_document(cloud, document, owner, found, each) for each in seen]
    return Response(body={"count": len(value), "value": value})


@ROUTES.get("/{organization}/{project}/_apis/pipelines/{pipeline}/runs/{run}")
def show_run(
    cloud: Cloud, request: Request, organization: str, project: str, pipeline: str, run: str
) -> Response:
    """One run."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    found = _pipeline(cloud, owner, pipeline)
    held = runs.find(cloud, document, run)
    if held is None or held["projectId"] != owner["id"] or held["pipelineId"] != found["id"]:
        raise DevOpsError(404, "RunNotFoundException", f"Run {run} was not found.")
    return Response(body=run_document(cloud, document, owner, found, held))


def pipeline_document(
    cloud: Cloud, organization: Document, project: Document, pipeline: Document
) -> dict[str, Any]:
    """A pipeline on the wire."""
    revision = pipeline.get("revision", 1)
    base = f"{cloud.url}/{organization['name']}/{project['id']}"
    url = f"{base}/_apis/pipelines/{pipeline['id']}?revision={revision}"
    return {
        "_links": {
            "self": {"href": url},
            "web": {"href": f"{base}/_build/definition?definitionId={pipeline['id']}"},
        },
        "url": url,
        "id": pipeline["id"],
        "revision": revision,
        "name": pipeline["name"],
        "folder": pipeline.get("folder", ROOT_FOLDER),
    }


def run_document(
    cloud: Cloud, organization: Document, project: Document, pipeline: Document, run: Document
) -> dict[str, Any]:
    """A run on the wire."""
    base = f"{cloud.url}/{organization['name']}/{project['id']}"
    repository = repository_of(cloud, organization, project)
    short = pipeline_document(cloud, organization, project, pipeline)
    short.pop("_links")
    document: dict[str, Any] = {
        "_links": {"web": {"href": f"{base}/_build/results?buildId={run['id']}"}},
        "templateParameters": run["templateParameters"],
        "pipeline": short,
        "state": run["state"],
        "createdDate": run["createdDate"],
        "url": f"{base}/_apis/pipelines/{pipeline['id']}/runs/{run['id']}",
        "resources": {
            "repositories": {
                "self": {
                    "repository": {"id": repository["id"], "type": "azureReposGit"},
                    "refName": run.get("branch", repository["defaultBranch"]),
                }
            }
        },
        "id": run["id"],
        "name": run["name"],
    }
    if run.get("result"):
        document["result"] = run["result"]
        document["finishedDate"] = run["finishedDate"]
    return document


def _branch(body: dict[str, Any], default: str) -> str:
    """The branch that a run is asked for: `resources.repositories.self.refName`, or the default one."""
    place: Any = body
    for key in ("resources", "repositories", "self", "refName"):
        place = place.get(key) if isinstance(place, dict) else None
    if place is None:
        return default
    if not isinstance(place, str) or not place.startswith("refs/"):
        raise invalid(f"The ref name '{place}' is not the full name of a branch, such as refs/heads/main.")
    return place


def _pipeline(cloud: Cloud, project: Document, pipeline: str) -> Document:
    found = pipeline_of(cloud, project, pipeline)
    if found is None:
        raise DevOpsError(404, "PipelineNotFoundException", f"Pipeline {pipeline} was not found.")
    return found
