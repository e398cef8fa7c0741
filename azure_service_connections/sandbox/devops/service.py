"""Which requests are for Azure DevOps, and how it answers them."""

from urllib.parse import unquote

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.errors import failure
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

__all__ = ["failure", "handle", "owns"]

_SERVED: list[Routes] = []


def owns(cloud: Cloud, request: Request) -> bool:
    """Whether the first part of the path names an organization of this cloud, in any spelling of its case."""
    name = unquote(request.path.lstrip("/").split("/", 1)[0]).lower()
    return cloud.store.get("organizations", name) is not None


def handle(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request for an organization; None where the sandbox has no such address."""
    for routes in _SERVED:
        answer = routes.handle(cloud, request)
        if answer is not None:
            return answer
    return None
