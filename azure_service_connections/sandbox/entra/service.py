"""Which requests are Graph's and the sign-in service's own, and how they are answered."""

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import (
    applications,
    deleted_items,
    directory,
    directory_objects,
    federated_credentials,
    groups,
    issuers,
    owners,
    passwords,
    service_principals,
    sign_in,
)
from azure_service_connections.sandbox.entra.addresses import canonical
from azure_service_connections.sandbox.entra.errors import (
    GraphError,
    SignInError,
    graph_failure,
    sign_in_failure,
)
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import answer_from

__all__ = [
    "graph_failure",
    "handle_graph",
    "handle_sign_in",
    "owns_graph",
    "owns_sign_in",
    "sign_in_failure",
]

_GRAPH = (
    applications.ROUTES,
    service_principals.ROUTES,
    federated_credentials.ROUTES,
    owners.ROUTES,
    passwords.ROUTES,
    groups.ROUTES,
    directory_objects.ROUTES,
    deleted_items.ROUTES,
    directory.ROUTES,
)
_SIGN_IN = (sign_in.ROUTES, issuers.ROUTES)


def owns_graph(cloud: Cloud, request: Request) -> bool:
    """Whether a request is for Microsoft Graph."""
    return request.path.split("/")[1].lower() in ("v1.0", "beta")


def handle_graph(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request to Graph; None where the address is not served."""
    addressed = canonical(request)
    try:
        return answer_from(_GRAPH, cloud, addressed)
    except GraphError as error:
        error.stamp(cloud, request)
        raise


def owns_sign_in(cloud: Cloud, request: Request) -> bool:
    """Whether a request is for the sign-in service or for an issuer's documents."""
    parts = request.path.lower().split("/")[1:]
    if parts[0] in ("vstoken", "common"):
        return True
    return len(parts) > 1 and parts[1] in ("oauth2", "v2.0", "discovery")


def handle_sign_in(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request to the sign-in service; None where the address is not served."""
    try:
        return answer_from(_SIGN_IN, cloud, request)
    except SignInError as error:
        error.stamp(cloud, request)
        raise
