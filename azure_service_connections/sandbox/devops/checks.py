"""Addresses of the checks on protected resources: what holds a run before a resource lets it pass."""

from typing import Any

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import check_types, service_connections
from azure_service_connections.sandbox.devops.access import caller_of, people_only
from azure_service_connections.sandbox.devops.body import json_of, object_of
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid, unsupported
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

_PERMISSION = "Administer the protected resource"


def on_connection(cloud: Cloud, project_id: str, endpoint_id: str) -> list[Document]:
    """The checks that runs of a project have to pass for a connection, in order of creation.

    One that is switched off asks nothing.

    They are kept by project, as pipeline permissions are: whether the real service asks a connection's
    own project about runs of another one is not documented.
    """
    return [
        each
        for each in cloud.store.find("checks", projectId=project_id)
        if each["resource"]["type"] == "endpoint"
        and each["resource"]["id"] == endpoint_id
        and not each.get("isDisabled")
    ]


def find(cloud: Cloud, organization: str, check_id: int | str) -> Document | None:
    """The check with this number, or None."""
    return cloud.store.get("checks", f"{organization.lower()}/{check_id}")


@ROUTES.post("/{organization}/{project}/_apis/pipelines/checks/configurations")
def add(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """Add a check to a resource."""
    document = organization_named(cloud, organization)
    caller = people_only(caller_of(cloud, request, document), _PERMISSION)
    owner = project_of(cloud, document, project)
    body = object_of(request, "configuration")
    kind, settings = _kind(body), body.get("settings")
    check_types.validate(cloud, document, kind, settings)
    resource = _resource(cloud, document, owner, body.get("resource"))
    timeout = _timeout(body, check_types.DEFAULT_TIMEOUT)
    identity = caller.identity(cloud, document)
    check = make(cloud, document, owner["id"], resource, kind, settings, timeout, identity)
    return Response(body=_document(cloud, document, check, True))


def make(
    cloud: Cloud,
    organization: Document,
    project_id: str,
    resource: dict[str, str],
    kind: str,
    settings: Any,
    timeout: int,
    made_by: dict[str, Any],
) -> Document:
    """Keep a new check of a type (its id) on a resource (type, id and name); settings are as they may be."""
    name = organization["name"].lower()
    now = cloud.clock.text()
    check: Document = {
        "id": cloud.identifiers.number(f"check/{name}"),
        "organization": name,
        "projectId": project_id,
        "resource": resource,
        "type": {"id": kind, "name": check_types.NAMES[kind]},
        "settings": settings,
        "timeout": timeout,
        "version": 1,
        "createdBy": made_by,
        "createdOn": now,
        "modifiedBy": made_by,
        "modifiedOn": now,
    }
    cloud.store.put("checks", f"{name}/{check['id']}", check)
    return check


@ROUTES.get("/{organization}/{project}/_apis/pipelines/checks/configurations")
def list_on_resource(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """The checks of a resource; settings only where `$expand=settings` asks for them."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    kind, resource = request.argument("resourceType"), request.argument("resourceId")
    found = [
        _document(cloud, document, each, _expanded(request))
        for each in cloud.store.find("checks", projectId=owner["id"])
        if (not kind or each["resource"]["type"] == kind.lower())
        and (not resource or each["resource"]["id"] == resource.lower())
    ]
    return Response(body={"count": len(found), "value": found})


@ROUTES.post("/{organization}/{project}/_apis/pipelines/checks/queryconfigurations")
def list_on_resources(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """The checks of several resources at once; one that is not in the project has none."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    body = json_of(request)
    if not isinstance(body, list) or not all(isinstance(each, dict) and each.get("id") for each in body):
        raise invalid("Value cannot be null. (Parameter 'resources')", "ArgumentNullException")
    wanted = {(str(each.get("type") or "").lower(), str(each["id"]).lower()) for each in body}
    found = [
        _document(cloud, document, each, _expanded(request))
        for each in cloud.store.find("checks", projectId=owner["id"])
        if (each["resource"]["type"], each["resource"]["id"]) in wanted
    ]
    return Response(body={"count": len(found), "value": found})


@ROUTES.get("/{organization}/{project}/_apis/pipelines/checks/configurations/{check}")
def show(cloud: Cloud, request: Request, organization: str, project: str, check: str) -> Response:
    """One check."""
    document = organization_named(cloud, organization)
    held = _required(cloud, document, project, check)
    return Response(body=_document(cloud, document, held, _expanded(request)))


@ROUTES.patch("/{organization}/{project}/_apis/pipelines/checks/configurations/{check}")
def change(cloud: Cloud, request: Request, organization: str, project: str, check: str) -> Response:
    """Change a check's settings and time-out; what it is and what it protects stay.

    A version that is not the current one is refused with 409: a fair choice, it is not documented.
    """
    document = organization_named(cloud, organization)
    caller = people_only(caller_of(cloud, request, document), _PERMISSION)
    held = _required(cloud, document, project, check)
    body = object_of(request, "configuration")
    if body.get("version") not in (None, held["version"]):
        raise DevOpsError(
            409,
            "CheckConfigurationVersionMismatchException",
            f"The check configuration with id {check} has changed meanwhile; it has version "
            f"{held['version']} now.",
        )
    if isinstance(body.get("type"), dict) and _kind(body) != held["type"]["id"]:
        raise invalid("The type of a check configuration cannot be changed.")
    if isinstance(body.get("isDisabled"), bool):
        held["isDisabled"] = body["isDisabled"]
    settings = body.get("settings", held["settings"])
    check_types.validate(cloud, document, held["type"]["id"], settings)
    held |= {
        "settings": settings,
        "timeout": _timeout(body, held["timeout"]),
        "version": held["version"] + 1,
        "modifiedBy": caller.identity(cloud, document),
        "modifiedOn": cloud.clock.text(),
    }
    cloud.store.put("checks", f"{held['organization']}/{held['id']}", held)
    return Response(body=_document(cloud, document, held, True))


@ROUTES.delete("/{organization}/{project}/_apis/pipelines/checks/configurations/{check}")
def remove(cloud: Cloud, request: Request, organization: str, project: str, check: str) -> Response:
    """Remove a check; runs that wait for it go on."""
    document = organization_named(cloud, organization)
    people_only(caller_of(cloud, request, document), _PERMISSION)
    held = _required(cloud, document, project, check)
    cloud.store.remove("checks", f"{held['organization']}/{held['id']}")
    return Response(204)


def _required(cloud: Cloud, organization: Document, project: str, check: str) -> Document:
    owner = project_of(cloud, organization, project)
    held = find(cloud, organization["name"], check)
    if held is None or held["projectId"] != owner["id"]:
        raise DevOpsError(
            404,
            "CheckConfigurationNotFoundException",
            f"The check configuration with id {check} does not exist.",
        )
    return held


def _resource(cloud: Cloud, organization: Document, project: Document, resource: Any) -> dict[str, str]:
    if not isinstance(resource, dict) or not resource.get("id") or not resource.get("type"):
        raise invalid("Value cannot be null. (Parameter 'resource')", "ArgumentNullException")
    kind, identifier = str(resource["type"]).lower(), str(resource["id"]).lower()
    if kind != "endpoint":
        raise unsupported(f"The sandbox keeps checks of service connections, not of a resource '{kind}'.")
    endpoint = service_connections.required(cloud, organization, identifier)
    reference = service_connections.reference_in(endpoint, project["id"])
    if reference is None:
        raise service_connections.not_found(identifier)
    return {"type": kind, "id": identifier, "name": reference["name"]}


def _kind(body: dict[str, Any]) -> str:
    kind = body.get("type")
    if not isinstance(kind, dict) or not kind.get("id"):
        raise invalid("Value cannot be null. (Parameter 'type')", "ArgumentNullException")
    return str(kind["id"]).lower()


def _timeout(body: dict[str, Any], default: int) -> int:
    minutes = body.get("timeout", default)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes < 1:
        raise invalid(f"The timeout {minutes} of a check is not a whole number of minutes from 1.")
    return minutes


def _expanded(request: Request) -> bool:
    return "settings" in (request.argument("$expand") or "").lower()


def _document(cloud: Cloud, organization: Document, check: Document, expanded: bool) -> dict[str, Any]:
    base = f"{cloud.url}/{organization['name']}/{check['projectId']}"
    url = f"{base}/_apis/pipelines/checks/configurations/{check['id']}"
    shown = (
        *("id", "type", "resource", "timeout", "version"),
        *("createdBy", "createdOn", "modifiedBy", "modifiedOn"),
    )
    body = {"url": url, "_links": {"self": {"href": url}}, **{name: check[name] for name in shown}}
    body["isDisabled"] = check.get("isDisabled", False)
    if expanded:
        body["settings"] = check["settings"]
    return body
