"""Graph's applications (app registrations)."""

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import (
    application_record,
    deleted_items,
    listing,
    owners,
    passwords,
)
from azure_service_connections.sandbox.entra.access import identify
from azure_service_connections.sandbox.entra.addressed_objects import object_to_read, object_to_write
from azure_service_connections.sandbox.entra.addresses import read_body
from azure_service_connections.sandbox.entra.errors import value_required
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()


def register(
    cloud: Cloud,
    tenant_id: str,
    properties: Document,
    owner_ids: list[str] | None = None,
    *,
    object_id: str | None = None,
    client_id: str | None = None,
) -> Document:
    """Make an application in a tenant; the stored document, with the generated secrets in it.

    `properties` are those of a POST body; raises Graph's refusal of what may not be. The service principal is
    made by itself, as in Graph. Both ids are generated where they are not given.
    """
    tenant = cloud.store.get("tenants", tenant_id) or {"id": tenant_id, "domain": None}
    if not properties.get("displayName"):
        raise value_required("displayName", "Application")
    application = application_record.blank(cloud, tenant, str(properties["displayName"]))
    application["id"] = object_id or application["id"]
    application["appId"] = client_id or application["appId"]
    wanted = dict(properties)
    new_passwords = wanted.pop("passwordCredentials", None) or []
    application_record.apply(cloud, application, wanted)
    application_record.require_service_management_reference(tenant, application, "Create")
    for credential in new_passwords:
        passwords.add(cloud, application, credential)
    application["owners"] = list(dict.fromkeys(owner_ids or []))
    cloud.store.put("applications", application["id"], application)
    cloud.faults.created("applications", application["id"])
    return application


@ROUTES.get("/{version}/applications")
def list_applications(cloud: Cloud, request: Request, version: str) -> Response:
    """The applications of the caller's tenant."""
    caller = identify(cloud, request)
    caller.read("applications")
    found = listing.find_all(cloud, request, "applications", caller.tenant_id)
    return listing.page(
        cloud, request, "applications", found, lambda each: application_record.view(each, version.lower())
    )


@ROUTES.post("/{version}/applications")
def create_application(cloud: Cloud, request: Request, version: str) -> Response:
    """Make an application. A caller that may write only what it owns becomes an owner by itself."""
    caller = identify(cloud, request)
    only_owned = caller.create_application()
    body = read_body(request)
    owner_ids = owners.bound(cloud, caller.tenant_id, body.pop("owners@odata.bind", None))
    if only_owned:
        owner_ids.append(caller.principal_id)
    application = register(cloud, caller.tenant_id, body, owner_ids)
    shown = application_record.view(application, version.lower())
    # Only the answer to the request that made a secret holds it.
    shown["passwordCredentials"] = application["passwordCredentials"]
    return listing.entity(cloud, request, "applications", shown, 201)


@ROUTES.get("/{version}/applications/{key}")
def get_application(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """One application."""
    _, application = object_to_read(cloud, request, "applications", key)
    return listing.entity(
        cloud, request, "applications", application_record.view(application, version.lower())
    )


@ROUTES.patch("/{version}/applications/{key}")
def update_application(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Change the named properties of an application; its service principal follows a new display name."""
    caller, application = object_to_write(cloud, request, "applications", key)
    application_record.apply(cloud, application, read_body(request))
    tenant = cloud.store.get("tenants", caller.tenant_id) or {}
    application_record.require_service_management_reference(tenant, application, "Update")
    cloud.store.put("applications", application["id"], application)
    for principal in cloud.store.find("service-principals", appId=application["appId"]):
        principal["displayName"] = application["displayName"]
        principal["appDisplayName"] = application["displayName"]
        principal["signInAudience"] = application["signInAudience"]
        cloud.store.put("service-principals", principal["id"], principal)
    return Response(204)


@ROUTES.delete("/{version}/applications/{key}")
def delete_application(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Delete an application and what falls with it; it can be restored for thirty days."""
    _, application = object_to_write(cloud, request, "applications", key)
    deleted_items.delete_application(cloud, application)
    return Response(204)
