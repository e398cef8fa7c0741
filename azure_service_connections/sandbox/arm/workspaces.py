"""Azure Machine Learning workspaces: a scope that service connections can have."""

from azure_service_connections.sandbox.arm import locations, long_running, resource_providers, resources
from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

KIND = "Microsoft.MachineLearningServices/workspaces"
_ONE = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    "/providers/Microsoft.MachineLearningServices/workspaces/{name}"
)


def workspace_id(subscription: str, group: str, name: str) -> str:
    """The id of a workspace."""
    return resources.resource_id(subscription, group, KIND, name)


def create(cloud: Cloud, identifier: str, location: str, body: Document | None = None) -> Document:
    """Make a workspace and keep it."""
    body = body or {}
    document = resources.new(cloud, identifier, KIND)
    given = body.get("properties")
    properties: Document = dict(given) if isinstance(given, dict) else {}
    properties.setdefault("friendlyName", document["name"])
    properties["workspaceId"] = cloud.identifiers.guid("workspace", document["id"].lower())
    properties["provisioningState"] = "Succeeded"
    properties["tenantId"] = document["tenantId"]
    properties["discoveryUrl"] = f"https://{location}.api.azureml.ms/discovery"
    document.update({"location": location, "tags": body.get("tags") or {}, "properties": properties})
    document.update({key: body[key] for key in ("sku", "kind", "identity") if key in body})
    resources.keep(cloud, document)
    return document


@routes.put(_ONE)
def put_workspace(call: Call, subscription: str, group: str, name: str) -> Response:
    """Create a workspace (202, a long-running operation) or replace its settings (200)."""
    resources.group_of(call.cloud, subscription, group)
    resource_providers.registered(call.cloud, subscription, "Microsoft.MachineLearningServices")
    body = call.body()
    location = locations.required(body, KIND)
    identifier = workspace_id(subscription, group, name)
    existing = resources.find(call.cloud, identifier)
    if existing is None:
        return long_running.accepted(
            call, resources.presented(create(call.cloud, identifier, location, body))
        )
    resources.same_location(existing, location, group)
    existing["properties"] = {**existing["properties"], **call.properties()}
    existing["tags"] = body.get("tags") or {}
    resources.keep(call.cloud, existing)
    return Response(200, resources.presented(existing))


@routes.get(_ONE)
def get_workspace(call: Call, subscription: str, group: str, name: str) -> Response:
    """One workspace."""
    document = resources.required(call.cloud, workspace_id(subscription, group, name), KIND, name)
    return Response(200, resources.presented(document))


@routes.delete(_ONE)
def delete_workspace(call: Call, subscription: str, group: str, name: str) -> Response:
    """Delete a workspace: 202, a long-running operation; 204 where there is none."""
    resources.group_of(call.cloud, subscription, group)
    gone = resources.removed(call.cloud, workspace_id(subscription, group, name))
    return long_running.accepted(call, None) if gone else Response(204)
