"""The people of the directory, and the organization that it belongs to."""

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import listing
from azure_service_connections.sandbox.entra.access import identify
from azure_service_connections.sandbox.entra.addressed_objects import list_objects, object_to_read
from azure_service_connections.sandbox.entra.directory_objects import user_view
from azure_service_connections.sandbox.entra.errors import GraphError
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()


@ROUTES.get("/{version}/users")
def list_users(cloud: Cloud, request: Request, version: str) -> Response:
    """The people of the caller's tenant."""
    return list_objects(cloud, request, "users", user_view)


@ROUTES.get("/{version}/users/{key}")
def get_user(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """One person, by id or user principal name."""
    _, user = object_to_read(cloud, request, "users", key)
    return listing.entity(cloud, request, "users", user_view(user))


@ROUTES.get("/{version}/users/{key}/manager")
def get_manager(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Nobody: an estate names no managers, and Graph says so in these words."""
    object_to_read(cloud, request, "users", key)
    raise GraphError(
        404,
        "Request_ResourceNotFound",
        "Resource 'manager' does not exist or one of its queried reference-property objects are not present.",
    )


@ROUTES.get("/{version}/me")
def get_me(cloud: Cloud, request: Request, version: str) -> Response:
    """Nobody: the sandbox signs in applications only."""
    identify(cloud, request)
    raise GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")


@ROUTES.get("/{version}/organization")
def list_organizations(cloud: Cloud, request: Request, version: str) -> Response:
    """The caller's tenant."""
    caller = identify(cloud, request)
    caller.read("organization")
    tenant = cloud.store.get("tenants", caller.tenant_id)
    found = [_organization(tenant)] if tenant else []
    return listing.page(cloud, request, "organization", found, lambda each: each)


@ROUTES.get("/{version}/organization/{key}")
def get_organization(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """The caller's tenant; no other one can be seen."""
    caller = identify(cloud, request)
    caller.read("organization")
    tenant = cloud.store.get("tenants", caller.tenant_id)
    if tenant is None or key.lower() != caller.tenant_id:
        raise GraphError(404, "Request_ResourceNotFound", f"Resource '{key}' does not exist.")
    return listing.entity(cloud, request, "organization", _organization(tenant))


def _organization(tenant: Document) -> Document:
    return {
        "id": tenant["id"],
        "displayName": tenant["name"],
        "tenantType": "AAD",
        "verifiedDomains": [
            {
                "capabilities": "",
                "isDefault": True,
                "isInitial": True,
                "name": tenant["domain"],
                "type": "Managed",
            }
        ],
    }
