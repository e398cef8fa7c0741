"""Addresses of build definitions: pipelines as the older build API shows them."""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.access import caller_of, identity_reference, people_only
from azure_service_connections.sandbox.devops.errors import DevOpsError
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.devops.projects import project_document
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

_CREATED: Final = "2025-01-01T00:00:00.000Z"
ROOT_FOLDER: Final = "\\"
FIRST_PATH: Final = "/azure-pipelines.yml"


def pipelines_of(cloud: Cloud, project: Document) -> list[Document]:
    """The pipelines of a project in order of creation."""
    return cloud.store.find("pipelines", projectId=project["id"])


def pipeline_of(cloud: Cloud, project: Document, pipeline_id: str) -> Document | None:
    """The pipeline with this number in the project, or None."""
    return cloud.store.get("pipelines", f"{project['id']}/{pipeline_id}")


def repository_of(cloud: Cloud, organization: Document, project: Document) -> dict[str, str]:
    """The Git repository that a project's pipelines are read from: the one that bears the project's name."""
    identifier = cloud.identifiers.derived("repository", project["id"])
    return {
        "id": identifier,
        "name": project["name"],
        "url": f"{cloud.url}/{organization['name']}/{project['id']}/_git/{identifier}",
        "defaultBranch": "refs/heads/main",
    }


def yaml_path(cloud: Cloud, project: Document, pipeline: Document) -> str:
    """Where a pipeline's YAML lies in the repository: the project's first has the name that Azure DevOps
    proposes, each other one a folder of its own.
    """
    first = pipelines_of(cloud, project)[0]
    return FIRST_PATH if first["id"] == pipeline["id"] else f"/{pipeline['name']}{FIRST_PATH}"


@ROUTES.get("/{organization}/{project}/_apis/build/definitions")
def list_definitions(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """The definitions, by name (`*` stands for any text), folder or numbers where these are asked for."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    name, path = request.argument("name"), request.argument("path")
    numbers = request.argument("definitionIds")
    found = [
        _short(cloud, document, owner, each)
        for each in pipelines_of(cloud, owner)
        if (not name or _matches(name, each["name"]))
        and (not path or path.casefold() == each.get("folder", ROOT_FOLDER).casefold())
        and (not numbers or str(each["id"]) in numbers.split(","))
    ]
    return Response(body={"count": len(found), "value": found})


@ROUTES.get("/{organization}/{project}/_apis/build/definitions/{definition}")
def show_definition(
    cloud: Cloud, request: Request, organization: str, project: str, definition: str
) -> Response:
    """One definition in full: clients read queue, repository, process and triggers without asking whether
    they are there.
    """
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    pipeline = pipeline_of(cloud, owner, definition)
    if pipeline is None:
        raise _not_found(owner, definition)
    return Response(body=_full(cloud, document, owner, pipeline))


@ROUTES.delete("/{organization}/{project}/_apis/build/definitions/{definition}")
def delete_definition(
    cloud: Cloud, request: Request, organization: str, project: str, definition: str
) -> Response:
    """Delete a pipeline; what it was allowed and what it has run stay noted."""
    document = organization_named(cloud, organization)
    people_only(caller_of(cloud, request, document), "Delete build pipeline")
    owner = project_of(cloud, document, project)
    if not cloud.store.remove("pipelines", f"{owner['id']}/{definition}"):
        raise _not_found(owner, definition)
    return Response(204)


def _not_found(project: Document, definition: str) -> DevOpsError:
    return DevOpsError(
        404,
        "DefinitionNotFoundException",
        f"The definition {definition} could not be found in project {project['name']}.",
    )


def _matches(pattern: str, name: str) -> bool:
    wanted, actual = pattern.casefold(), name.casefold()
    if wanted.endswith("*"):
        return actual.startswith(wanted[:-1])
    return wanted == actual


def _short(cloud: Cloud, organization: Document, project: Document, pipeline: Document) -> dict[str, Any]:
    base = f"{cloud.url}/{organization['name']}/{project['id']}"
    author_id = cloud.identifiers.derived("author", project["id"])
    return {
        "id": pipeline["id"],
        "name": pipeline["name"],
        "url": f"{base}/_apis/build/Definitions/{pipeline['id']}?revision={pipeline.get('revision', 1)}",
        "uri": f"vstfs:///Build/Definition/{pipeline['id']}",
        "path": pipeline.get("folder", ROOT_FOLDER),
        "type": "build",
        "queueStatus": "enabled",
        "revision": pipeline.get("revision", 1),
        "createdDate": _CREATED,
        "project": project_document(cloud, organization, project),
        "authoredBy": identity_reference(
            cloud, organization, author_id, f"{project['name']} Build Service", f"Build\\{project['id']}"
        ),
        "drafts": [],
        "quality": "definition",
        "queue": _queue(cloud, organization, project),
        "_links": {"web": {"href": f"{base}/_build/definition?definitionId={pipeline['id']}"}},
    }


def _queue(cloud: Cloud, organization: Document, project: Document) -> dict[str, Any]:
    return {
        "id": 1,
        "name": "Azure Pipelines",
        "url": f"{cloud.url}/{organization['name']}/_apis/build/Queues/1",
        "pool": {"id": 1, "name": "Azure Pipelines", "isHosted": True},
    }


def _full(cloud: Cloud, organization: Document, project: Document, pipeline: Document) -> dict[str, Any]:
    repository = repository_of(cloud, organization, project)
    return {
        **_short(cloud, organization, project, pipeline),
        "jobAuthorizationScope": "project",
        "jobTimeoutInMinutes": 60,
        "jobCancelTimeoutInMinutes": 5,
        "badgeEnabled": False,
        "properties": {},
        "tags": [],
        "variables": {},
        "variableGroups": [],
        "process": {"yamlFilename": yaml_path(cloud, project, pipeline).lstrip("/"), "type": 2},
        "repository": {
            **repository,
            "type": "TfsGit",
            "properties": {
                "cleanOptions": "0",
                "labelSources": "0",
                "reportBuildStatus": "true",
                "fetchDepth": "1",
                "gitLfsSupport": "false",
                "skipSyncSource": "false",
                "checkoutNestedSubmodules": "false",
            },
            "clean": "false",
            "checkoutSubmodules": False,
        },
        "triggers": [
            {
                "triggerType": "continuousIntegration",
                "settingsSourceType": 2,
                "branchFilters": [],
                "pathFilters": [],
                "batchChanges": False,
                "maxConcurrentBuildsPerBranch": 1,
                "pollingInterval": 0,
            }
        ],
    }
