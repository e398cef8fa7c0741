"""Addresses of files in Git repositories: the YAML of pipelines, and templates that others extend."""

import hashlib
from typing import Final
from urllib.parse import quote

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.definitions import pipelines_of, repository_of, yaml_path
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.devops.pipeline_templates import template_at, text_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

_MAIN: Final = "main"


@ROUTES.get("/{organization}/{project}/_apis/git/repositories/{repository}/items")
def show_item(cloud: Cloud, request: Request, organization: str, project: str, repository: str) -> Response:
    """One file of the repository that bears the project's name; with `includeContent=true` its text too.

    Refused with 404 for another repository, and for a file that is not there.
    """
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    held = repository_of(cloud, document, owner)
    if repository.casefold() not in (held["id"].casefold(), held["name"].casefold()):
        raise DevOpsError(
            404,
            "GitRepositoryNotFoundException",
            f"TF401019: The Git repository with name or identifier {repository} does not exist or you do not "
            "have permissions for the operation you are attempting.",
        )
    path = request.argument("path")
    if not path:
        raise invalid("Value cannot be null. (Parameter 'path')", "ArgumentNullException")
    branch = request.argument("versionDescriptor.version") or _MAIN
    text = _text(cloud, owner, f"/{path.lstrip('/')}", branch)
    if text is None:
        raise DevOpsError(
            404,
            "GitItemNotFoundException",
            f"TF401174: The item '{path}' could not be found in the repository '{held['name']}' at the "
            f"version specified by '<Branch: {branch} >'.",
        )
    body = {
        "objectId": hashlib.sha1(f"blob {len(text.encode())}\0{text}".encode()).hexdigest(),
        "gitObjectType": "blob",
        "path": f"/{path.lstrip('/')}",
        "url": f"{cloud.url}/{document['name']}/{owner['id']}/_apis/git/repositories/{held['id']}/items"
        f"?path={quote(path)}",
    }
    if (request.argument("includeContent") or "").lower() == "true":
        body["content"] = text
    return Response(body=body)


def _text(cloud: Cloud, project: Document, path: str, branch: str) -> str | None:
    if branch == _MAIN:
        for each in pipelines_of(cloud, project):
            if yaml_path(cloud, project, each) == path:
                return str(each["yaml"])
    return text_of(cloud, template_at("git", project["name"], project["name"], branch, path))
