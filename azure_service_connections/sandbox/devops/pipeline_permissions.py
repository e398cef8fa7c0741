"""Which pipelines may use a protected resource, such as a service connection.

Permissions are kept by project: a connection that is shared has its own list in every project.
"""

from dataclasses import dataclass
from typing import Any

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import endpoint_rights, service_connections
from azure_service_connections.sandbox.devops.access import caller_of, people_only
from azure_service_connections.sandbox.devops.body import json_of, object_of
from azure_service_connections.sandbox.devops.definitions import pipeline_of
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

_TYPES = ("endpoint", "queue", "variablegroup", "environment", "repository", "securefile", "agentpool")


@dataclass(frozen=True)
class _Protected:
    """A protected resource as one project has it. Its type is one of those that need permission."""

    project: Document
    kind: str
    identifier: str

    @property
    def key(self) -> str:
        """Where the store keeps its permissions."""
        return f"{self.project['id']}/{self.kind.lower()}/{self.identifier.lower()}"


def allows(cloud: Cloud, project: Document, endpoint_id: str, pipeline_id: int) -> bool:
    """Whether a pipeline of a project may use a service connection there."""
    held = _held(cloud, _Protected(project, "endpoint", endpoint_id))
    return bool(held["allPipelines"]) or any(each["id"] == pipeline_id for each in held["pipelines"])


def grant(
    cloud: Cloud, project: Document, endpoint_id: str, pipeline_id: int | None, identity: dict[str, Any]
) -> None:
    """Let a pipeline, or all pipelines of the project without a number, use a service connection."""
    change: dict[str, Any] = (
        {"allPipelines": {"authorized": True}}
        if pipeline_id is None
        else {"pipelines": [{"id": pipeline_id, "authorized": True}]}
    )
    _merge(cloud, _Protected(project, "endpoint", endpoint_id), change, identity)


@ROUTES.get("/{organization}/{project}/_apis/pipelines/pipelinepermissions/{type}/{resource}")
def show(
    cloud: Cloud, request: Request, organization: str, project: str, type: str, resource: str
) -> Response:
    """Who may use a resource. A resource that is not in the project has no permissions; no error."""
    document = organization_named(cloud, organization)
    protected = _protected(project_of(cloud, document, project), type, resource)
    return Response(body=_document(cloud, document, protected))


@ROUTES.patch("/{organization}/{project}/_apis/pipelines/pipelinepermissions/{type}/{resource}")
def change(
    cloud: Cloud, request: Request, organization: str, project: str, type: str, resource: str
) -> Response:
    """Add or take away permissions; what the request does not name stays."""
    document = organization_named(cloud, organization)
    caller = people_only(caller_of(cloud, request, document), "Administer pipeline permissions")
    protected = _protected(project_of(cloud, document, project), type, resource)
    if protected.kind.lower() == "endpoint":
        endpoint_rights.require(cloud, caller, "Administer", protected.project["id"], protected.identifier)
    body = object_of(request, "resourceAuthorization")
    _change(cloud, document, protected, body, caller.identity(cloud, document))
    return Response(body=_document(cloud, document, protected))


@ROUTES.patch("/{organization}/{project}/_apis/pipelines/pipelinepermissions")
def change_many(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """Change the permissions of several resources at once, all of them or none."""
    document = organization_named(cloud, organization)
    caller = people_only(caller_of(cloud, request, document), "Administer pipeline permissions")
    owner = project_of(cloud, document, project)
    body = json_of(request)
    if not isinstance(body, list):
        raise invalid("Value cannot be null. (Parameter 'resourceAuthorizations')", "ArgumentNullException")
    value = []
    for entry in body:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not resource.get("id"):
            raise invalid("Value cannot be null. (Parameter 'resource')", "ArgumentNullException")
        protected = _protected(owner, str(resource.get("type") or ""), resource["id"])
        _change(cloud, document, protected, entry, caller.identity(cloud, document))
        value.append(_document(cloud, document, protected))
    return Response(body={"count": len(value), "value": value})


def _change(
    cloud: Cloud,
    organization: Document,
    protected: _Protected,
    body: dict[str, Any],
    identity: dict[str, Any],
) -> None:
    project = protected.project
    wanted = [body.get("allPipelines") or {}, *(body.get("pipelines") or [])]
    gives = any(isinstance(each, dict) and each.get("authorized") for each in wanted)
    if gives and protected.kind.lower() == "endpoint":
        held = service_connections.find(cloud, organization, protected.identifier)
        if held is None or service_connections.reference_in(held, project["id"]) is None:
            raise service_connections.not_found(protected.identifier)
    for each in body.get("pipelines") or []:
        if each.get("authorized") and pipeline_of(cloud, project, str(each.get("id"))) is None:
            raise DevOpsError(
                404,
                "DefinitionNotFoundException",
                f"The definition {each.get('id')} could not be found in project {project['name']}.",
            )
    _merge(cloud, protected, body, identity)


def _merge(cloud: Cloud, protected: _Protected, body: dict[str, Any], identity: dict[str, Any]) -> None:
    held = _held(cloud, protected)
    stamp = {"authorized": True, "authorizedBy": identity, "authorizedOn": cloud.clock.text()}
    everyone = body.get("allPipelines")
    if isinstance(everyone, dict):
        held["allPipelines"] = (held["allPipelines"] or stamp) if everyone.get("authorized") else None
    for each in body.get("pipelines") or []:
        number = int(each["id"])
        known = [one for one in held["pipelines"] if one["id"] == number]
        if not each.get("authorized"):
            held["pipelines"] = [one for one in held["pipelines"] if one["id"] != number]
        elif not known:
            held["pipelines"].append({"id": number, **stamp})
    cloud.store.put("pipeline-permissions", protected.key, held)


def _held(cloud: Cloud, protected: _Protected) -> Document:
    return cloud.store.get("pipeline-permissions", protected.key) or {
        "projectId": protected.project["id"],
        "resourceType": protected.kind.lower(),
        "resourceId": protected.identifier.lower(),
        "allPipelines": None,
        "pipelines": [],
    }


def _document(cloud: Cloud, organization: Document, protected: _Protected) -> dict[str, Any]:
    held = _held(cloud, protected)
    described: dict[str, Any] = {"type": protected.kind, "id": protected.identifier}
    if protected.kind.lower() == "endpoint":
        endpoint = service_connections.find(cloud, organization, protected.identifier)
        reference = service_connections.reference_in(endpoint, protected.project["id"]) if endpoint else None
        if reference is not None:
            described["name"] = reference["name"]
    body: dict[str, Any] = {"resource": described, "pipelines": held["pipelines"]}
    if held["allPipelines"]:
        body["allPipelines"] = held["allPipelines"]
    return body


def _protected(project: Document, kind: str, identifier: str) -> _Protected:
    if kind.lower() not in _TYPES:
        raise invalid(f"The resource type '{kind}' is not one of {', '.join(_TYPES)}.")
    return _Protected(project, kind, identifier)
