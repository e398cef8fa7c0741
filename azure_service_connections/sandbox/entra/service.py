"""Which requests are Graph's and the sign-in service's own, and how they are answered."""

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.errors import (
    GraphError,
    SignInError,
    graph_failure,
    sign_in_failure,
)
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

__all__ = [
    "graph_failure",
    "handle_graph",
    "handle_sign_in",
    "owns_graph",
    "owns_sign_in",
    "sign_in_failure",
]

_GRAPH = Routes()
_SIGN_IN = Routes()


def owns_graph(cloud: Cloud, request: Request) -> bool:
    """Whether a request is for Microsoft Graph."""
    return request.path.split("/")[1].lower() in ("v1.0", "beta")


def handle_graph(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request to Graph; None where the address is not served."""
    try:
        return _GRAPH.handle(cloud, request)
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
        return _SIGN_IN.handle(cloud, request)
    except SignInError as error:
        error.stamp(cloud, request)
        raise
