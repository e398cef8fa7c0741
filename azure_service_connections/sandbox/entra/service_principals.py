"""Graph's service principals: of applications, and of managed identities."""

from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import deleted_items, listing, owners, service_principal_record
from azure_service_connections.sandbox.entra.access import identify
from azure_service_connections.sandbox.entra.addressed_objects import object_to_read, object_to_write
from azure_service_connections.sandbox.entra.addresses import read_body
from azure_service_connections.sandbox.entra.errors import GraphError, bad_request, denied, value_required
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

FIRST_PARTY: Final = {
    "00000003-0000-0000-c000-000000000000": "Microsoft Graph",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Windows Azure Service Management API",
    "499b84ac-1321-427f-aa17-267ca6975798": "Azure DevOps",
}
"""Applications of Microsoft that may be given a service principal in any tenant."""


def register(
    cloud: Cloud,
    tenant_id: str,
    app_id: str,
    properties: Document | None = None,
    owner_ids: list[str] | None = None,
    *,
    object_id: str | None = None,
) -> Document:
    """Make the service principal of an application in a tenant; the stored document.

    Raises Graph's refusal where the application does not exist, is another tenant's own, or has a service
    principal there already.
    """
    application = cloud.store.one("applications", appId=app_id)
    if application is not None and application["tenantId"] != tenant_id:
        foreign = application["signInAudience"] in ("AzureADMyOrg", "PersonalMicrosoftAccount")
        application = None if foreign else application
    if application is None and app_id not in FIRST_PARTY:
        raise no_valid_application(app_id)
    if cloud.store.one("service-principals", appId=app_id, tenantId=tenant_id) is not None:
        raise GraphError(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            "The service principal cannot be created, updated, or restored because the service "
            "principal name "
            f"{app_id} is already in use.",
        )
    name = application["displayName"] if application else FIRST_PARTY[app_id]
    principal_id = object_id or cloud.identifiers.guid("service-principal", f"{tenant_id}/{app_id}")
    principal: Document = {
        **service_principal_record.blank(),
        "id": principal_id,
        "appId": app_id,
        "tenantId": tenant_id,
        "displayName": name,
        "appDisplayName": name,
        "appOwnerOrganizationId": application["tenantId"] if application else None,
        "createdDateTime": cloud.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "servicePrincipalNames": [app_id, *(application["identifierUris"] if application else [])],
        "servicePrincipalType": "Application",
        "signInAudience": application["signInAudience"] if application else "AzureADMultipleOrgs",
        "owners": list(dict.fromkeys(owner_ids or [])),
        "directoryRoles": [],
    }
    service_principal_record.apply(principal, properties or {})
    cloud.store.put("service-principals", principal_id, principal)
    cloud.faults.created("service-principals", principal_id)
    return principal


def no_valid_application(app_id: str) -> GraphError:
    """Graph's refusal of a service principal whose application it does not know (yet)."""
    return bad_request(
        f"The appId '{app_id}' of the service principal does not reference a valid application object."
    )


@ROUTES.get("/{version}/servicePrincipals")
def list_service_principals(cloud: Cloud, request: Request, version: str) -> Response:
    """The service principals of the caller's tenant, managed identities among them."""
    caller = identify(cloud, request)
    caller.read("applications")
    found = listing.find_all(cloud, request, "service-principals", caller.tenant_id)
    return listing.page(cloud, request, "servicePrincipals", found, service_principal_record.view)


@ROUTES.post("/{version}/servicePrincipals")
def create_service_principal(cloud: Cloud, request: Request, version: str) -> Response:
    """Make the service principal of an application.

    A caller that may write only what it owns must own the application, and comes to own the new object.
    """
    caller = identify(cloud, request)
    only_owned = caller.create_application()
    body = read_body(request)
    app_id = str(body.pop("appId", None) or "").lower()
    if not app_id:
        raise value_required("appId", "ServicePrincipal")
    owner_ids = owners.bound(cloud, caller.tenant_id, body.pop("owners@odata.bind", None))
    application = cloud.store.one("applications", appId=app_id)
    if application is not None and not cloud.faults.visible("applications", application["id"]):
        raise no_valid_application(app_id)
    if only_owned:
        if application is not None and caller.principal_id not in application["owners"]:
            raise denied()
        owner_ids.append(caller.principal_id)
    principal = register(cloud, caller.tenant_id, app_id, body, owner_ids)
    return listing.entity(cloud, request, "servicePrincipals", service_principal_record.view(principal), 201)


@ROUTES.get("/{version}/servicePrincipals/{key}")
def get_service_principal(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """One service principal."""
    _, principal = object_to_read(cloud, request, "service-principals", key)
    return listing.entity(cloud, request, "servicePrincipals", service_principal_record.view(principal))


@ROUTES.patch("/{version}/servicePrincipals/{key}")
def update_service_principal(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Change the named properties of a service principal."""
    _, principal = object_to_write(cloud, request, "service-principals", key)
    principal = {**service_principal_record.blank(), **principal}
    service_principal_record.apply(principal, read_body(request))
    cloud.store.put("service-principals", principal["id"], principal)
    return Response(204)


@ROUTES.delete("/{version}/servicePrincipals/{key}")
def delete_service_principal(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Remove a service principal. One of a managed identity goes with its resource only.

    Graph refuses the latter too; the words of its refusal are not documented and are the sandbox's own.
    """
    _, principal = object_to_write(cloud, request, "service-principals", key)
    if principal["servicePrincipalType"] == "ManagedIdentity":
        raise bad_request("The service principal of a managed identity is deleted with the managed identity.")
    deleted_items.delete_service_principal(cloud, principal)
    return Response(204)
