"""Addresses of projects and of the processes that they follow."""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import service_connections
from azure_service_connections.sandbox.devops.access import caller_of, people_only
from azure_service_connections.sandbox.devops.body import object_of, whole_number
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import (
    find_project,
    organization_named,
    project_of,
    projects_of,
)
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

PROCESSES: Final = {
    "adcc42ab-9882-485e-a3ed-7678f01f66bc": "Agile",
    "6b724908-ef14-45cf-84f8-768b5384da45": "Scrum",
    "27450541-8e31-4150-9947-dc59f998fc01": "CMMI",
    "b8a3a935-7e91-48b8-a94c-606d37c3e9f2": "Basic",
}
"""The system processes by the ids that they have in every organization."""

DEFAULT_PROCESS: Final = "b8a3a935-7e91-48b8-a94c-606d37c3e9f2"


_PAGE: Final = 100
"""Projects of a page where the request does not say."""


def project_document(cloud: Cloud, organization: Document, project: Document) -> dict[str, Any]:
    """A project on the wire, without its capabilities."""
    return {
        "id": project["id"],
        "name": project["name"],
        "description": project.get("description", ""),
        "url": f"{cloud.url}/{organization['name']}/_apis/projects/{project['id']}",
        "state": "wellFormed",
        "revision": project.get("revision", 1),
        "visibility": project.get("visibility", "private"),
        "lastUpdateTime": project.get("lastUpdateTime", "2025-01-01T00:00:00Z"),
    }


@ROUTES.get("/{organization}/_apis/projects")
def list_projects(cloud: Cloud, request: Request, organization: str) -> Response:
    """The projects: `$top` of them after the first `$skip`, or where `continuationToken` says."""
    document = organization_named(cloud, organization)
    found = [project_document(cloud, document, each) for each in projects_of(cloud, document)]
    skip = whole_number(request, "continuationToken", whole_number(request, "$skip", 0))
    top = whole_number(request, "$top", _PAGE)
    page = found[skip : skip + top]
    headers = {"X-MS-ContinuationToken": str(skip + top)} if skip + top < len(found) else {}
    return Response(body={"count": len(page), "value": page}, headers=headers)


@ROUTES.get("/{organization}/_apis/projects/{project}")
def show_project(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """One project by id or name; capabilities only where they are asked for."""
    document = organization_named(cloud, organization)
    found = project_of(cloud, document, project)
    body = project_document(cloud, document, found)
    if (request.argument("includeCapabilities") or "").lower() == "true":
        process = found.get("processTemplate", DEFAULT_PROCESS)
        body["capabilities"] = {
            "processTemplate": {
                "templateName": PROCESSES.get(process, "Basic"),
                "templateTypeId": process,
            },
            "versioncontrol": {
                "sourceControlType": "Git",
                "gitEnabled": "True",
                "tfvcEnabled": "False",
            },
        }
    team = cloud.identifiers.derived("team", found["id"])
    body["defaultTeam"] = {
        "id": team,
        "name": f"{found['name']} Team",
        "url": f"{body['url']}/teams/{team}",
    }
    return Response(body=body)


@ROUTES.patch("/{organization}/_apis/projects/{project}")
def change_project(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """Rename a project or change its description; answers with the operation, which is done already.

    A rename changes the subject of every connection of the project that trusts Azure DevOps' own issuer.
    """
    document = organization_named(cloud, organization)
    people_only(caller_of(cloud, request, document), "Edit project-level information")
    found = project_of(cloud, document, project)
    change = object_of(request, "projectUpdate")
    name = _name(change.get("name", found["name"]))
    other = find_project(cloud, document, name)
    if other is not None and other["id"] != found["id"]:
        raise DevOpsError(
            400,
            "ProjectAlreadyExistsException",
            f"TF200019: The following project already exists on the Azure DevOps Server: {name}. You cannot "
            "create a new project with the same name as an existing project.",
        )
    found["name"] = name
    found["description"] = change.get("description", found.get("description", ""))
    found["revision"] = found.get("revision", 1) + 1
    found["lastUpdateTime"] = cloud.clock.text()
    cloud.store.put("projects", found["id"], found)
    return _operation(cloud, document, found["id"])


@ROUTES.delete("/{organization}/_apis/projects/{project}")
def delete_project(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """Delete a project with its pipelines and the connections that no other project has.

    Nobody is asked about the credentials that trust these connections, and the applications of automatic ones
    stay: a fair choice for what is not documented.
    """
    document = organization_named(cloud, organization)
    people_only(caller_of(cloud, request, document), "Delete team project")
    found = project_of(cloud, document, project)
    for endpoint in service_connections.in_project(cloud, found["id"]):
        staying = [each for each in endpoint["references"] if each["projectId"] != found["id"]]
        if staying:
            service_connections.save(cloud, {**endpoint, "references": staying})
        else:
            service_connections.remove(cloud, endpoint)
    for pipeline in cloud.store.find("pipelines", projectId=found["id"]):
        cloud.store.remove("pipelines", f"{found['id']}/{pipeline['id']}")
    cloud.store.remove("projects", found["id"])
    return _operation(cloud, document, found["id"])


@ROUTES.get("/{organization}/_apis/operations/{operation}")
def show_operation(cloud: Cloud, request: Request, organization: str, operation: str) -> Response:
    """An operation; all of them succeed at once here."""
    document = organization_named(cloud, organization)
    return Response(
        body={
            "id": operation,
            "status": "succeeded",
            "url": f"{cloud.url}/{document['name']}/_apis/operations/{operation}",
            "resultMessage": "",
        }
    )


@ROUTES.get("/{organization}/_apis/process/processes")
def list_processes(cloud: Cloud, request: Request, organization: str) -> Response:
    """The processes that a project can follow."""
    document = organization_named(cloud, organization)
    found = [_process(cloud, document, identifier) for identifier in PROCESSES]
    return Response(body={"count": len(found), "value": found})


@ROUTES.get("/{organization}/_apis/process/processes/{process}")
def show_process(cloud: Cloud, request: Request, organization: str, process: str) -> Response:
    """One process by id."""
    document = organization_named(cloud, organization)
    if process.lower() not in PROCESSES:
        raise DevOpsError(
            404, "ProcessNotFoundException", f"VS402362: Process with type id {process} does not exist."
        )
    return Response(body=_process(cloud, document, process.lower()))


def _process(cloud: Cloud, organization: Document, identifier: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": PROCESSES[identifier],
        "description": "",
        "isDefault": identifier == DEFAULT_PROCESS,
        "type": "system",
        "url": f"{cloud.url}/{organization['name']}/_apis/process/processes/{identifier}",
    }


def _operation(cloud: Cloud, organization: Document, project_id: str) -> Response:
    identifier = cloud.identifiers.guid("operation", project_id)
    return Response(
        202,
        {
            "id": identifier,
            "status": "queued",
            "url": f"{cloud.url}/{organization['name']}/_apis/operations/{identifier}",
        },
    )


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > 64:
        raise invalid(
            f"TF20034: The following name is not valid: {name}. A project name must have 1 to 64 characters.",
            "InvalidProjectNameException",
        )
    return name
