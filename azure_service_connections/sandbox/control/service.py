"""Which requests are for the control API, and how it answers them.

It asks for no token, so it answers only to programs on the same machine: the server listens on loopback, and
what a browser sends on behalf of a page is refused.
"""

from typing import Final
from urllib.parse import urlsplit

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.control import (
    agent_identity,
    agents,
    faults,
    organizations,
    requests,
    state,
)
from azure_service_connections.sandbox.control.errors import ControlError, failure
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import answer_from

__all__ = ["failure", "handle", "owns"]

_SERVED: Final = (
    state.ROUTES,
    faults.ROUTES,
    requests.ROUTES,
    agents.ROUTES,
    agent_identity.ROUTES,
    organizations.ROUTES,
)
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def owns(cloud: Cloud, request: Request) -> bool:
    """Whether a request is for the control API."""
    return request.path.lower().startswith("/_sandbox/")


def handle(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request; None where the address is not served. Raises 403 for what is not from here."""
    host = urlsplit(f"//{request.header('Host')}").hostname
    if host not in _LOOPBACK or request.header("Origin"):
        raise ControlError(
            403, "NotLoopback", "The control API answers only to programs on this machine; use 127.0.0.1."
        )
    return answer_from(_SERVED, cloud, request)
