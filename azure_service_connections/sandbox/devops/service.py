"""Which requests are for Azure DevOps, and how it answers them."""

from urllib.parse import unquote

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import (
    approvals,
    checks,
    connection_roles,
    definitions,
    endpoint_queries,
    endpoint_types,
    endpoints,
    git_items,
    identities,
    issuer_migration,
    locations,
    oidc,
    permissions,
    pipeline_permissions,
    pipelines,
    projects,
)
from azure_service_connections.sandbox.devops.access import caller_of
from azure_service_connections.sandbox.devops.errors import failure
from azure_service_connections.sandbox.devops.organizations import organization_named
from azure_service_connections.sandbox.message import Request, Response

__all__ = ["failure", "handle", "owns"]

_SERVED = (
    issuer_migration.ROUTES,
    endpoints.ROUTES,
    endpoint_queries.ROUTES,
    pipeline_permissions.ROUTES,
    checks.ROUTES,
    approvals.ROUTES,
    connection_roles.ROUTES,
    identities.ROUTES,
    oidc.ROUTES,
    permissions.ROUTES,
    locations.ROUTES,
    projects.ROUTES,
    definitions.ROUTES,
    pipelines.ROUTES,
    git_items.ROUTES,
    endpoint_types.ROUTES,
)


def owns(cloud: Cloud, request: Request) -> bool:
    """Whether the first part of the path names an organization of this cloud, in any spelling of its case.

    One address of a client belongs to no organization: that of an issuer's migration.
    """
    if request.path.lower().rstrip("/") == issuer_migration.PATH:
        return True
    return cloud.store.get("organizations", _organization(request).lower()) is not None


def handle(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request for an organization; None where the sandbox has no such address.

    Everything but the sign-in page asks for a token first, then for an API version where one is needed.
    """
    found = next((match for match in (routes.find(request) for routes in _SERVED) if match), None)
    if found is not None and found[0].handler is locations.show_sign_in:
        return locations.show_sign_in(cloud, request, **found[1])
    if found is not None and found[0].handler is issuer_migration.migrate:
        locations.check_version(request)
        return issuer_migration.migrate(cloud, request, **found[1])
    caller_of(cloud, request, organization_named(cloud, _organization(request)))
    if found is None:
        return None
    locations.check_version(request)
    route, parameters = found
    return route.handler(cloud, request, **parameters)


def _organization(request: Request) -> str:
    return unquote(request.path.lstrip("/").split("/", 1)[0])
