"""User-assigned managed identities. Each has a service principal of its own in Entra."""

import re

from azure_service_connections.sandbox.arm import locations, resources
from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.arm.errors import bad_request
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import principals
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

KIND = resources.IDENTITY_KIND
_NAME = re.compile(r"[A-Za-z0-9][-_A-Za-z0-9]{2,127}")
_ONE = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
)


def identity_id(subscription: str, group: str, name: str) -> str:
    """The id of a managed identity."""
    return resources.resource_id(subscription, group, KIND, name)


def create(
    cloud: Cloud,
    identifier: str,
    location: str,
    tags: dict[str, str] | None = None,
    principal_id: str | None = None,
    client_id: str | None = None,
) -> Document:
    """Make a managed identity and its service principal, and keep it; ids that are not given are new."""
    document = resources.new(cloud, identifier, KIND)
    principal_id, client_id = principals.create_managed_identity(
        cloud, document["tenantId"], document["name"], document["id"], principal_id, client_id
    )
    document["location"] = location
    document["tags"] = tags or {}
    document["properties"] = {
        "tenantId": document["tenantId"],
        "principalId": principal_id,
        "clientId": client_id,
    }
    resources.keep(cloud, document)
    return document


@routes.put(_ONE)
def put_identity(call: Call, subscription: str, group: str, name: str) -> Response:
    """Create an identity (201) or set the tags of one (200), which keeps its principal."""
    resources.group_of(call.cloud, subscription, group)
    if not _NAME.fullmatch(name):
        raise bad_request(
            "InvalidResourceName",
            f"The managed identity name '{name}' is not valid: it has 3 to 128 letters, digits, '-' and '_', "
            "and starts with a letter or a digit.",
        )
    body = call.body()
    location = locations.required(body, KIND)
    identifier = identity_id(subscription, group, name)
    existing = resources.find(call.cloud, identifier)
    if existing is None:
        return Response(201, resources.presented(create(call.cloud, identifier, location, body.get("tags"))))
    resources.same_location(existing, location, group)
    existing["tags"] = body.get("tags") or {}
    resources.keep(call.cloud, existing)
    return Response(200, resources.presented(existing))


@routes.patch(_ONE)
def patch_identity(call: Call, subscription: str, group: str, name: str) -> Response:
    """Set the tags of an identity."""
    document = resources.required(call.cloud, identity_id(subscription, group, name), KIND, name)
    tags = call.body().get("tags")
    if isinstance(tags, dict):
        document["tags"] = tags
    resources.keep(call.cloud, document)
    return Response(200, resources.presented(document))


@routes.get(_ONE)
def get_identity(call: Call, subscription: str, group: str, name: str) -> Response:
    """One identity with its client id and principal id."""
    document = resources.required(call.cloud, identity_id(subscription, group, name), KIND, name)
    return Response(200, resources.presented(document))


@routes.delete(_ONE)
def delete_identity(call: Call, subscription: str, group: str, name: str) -> Response:
    """Delete an identity (200; 204 where there is none) with its principal and federated credentials.

    Role assignments of the principal stay behind, as they really do.
    """
    resources.group_of(call.cloud, subscription, group)
    gone = resources.removed(call.cloud, identity_id(subscription, group, name))
    return Response(200 if gone else 204)
