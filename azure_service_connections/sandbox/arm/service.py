"""Azure Resource Manager: which requests are its own, and how it answers them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from azure_service_connections.sandbox.arm.errors import conflict, failure
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Request, Response

__all__ = [
    "WRITE_SECONDS",
    "concurrent_write_refusal",
    "failure",
    "guarded_write",
    "handle",
    "owns",
    "write_under_way",
]

WRITE_SECONDS = 0.05
"""How long the write of one federated credential of a managed identity takes."""

_OWN_ROOTS = ("metadata", "subscriptions", "providers", "tenants")
_CREDENTIAL = re.compile(
    r"(/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/[^/]+)"
    r"/federatedIdentityCredentials/[^/]+/?",
    re.IGNORECASE,
)
_WRITES: WeakKeyDictionary[Cloud, set[str]] = WeakKeyDictionary()


def owns(cloud: Cloud, request: Request) -> bool:
    """Whether a request is for Azure Resource Manager."""
    path = request.path.lower()
    root = path.split("/")[1] if path.startswith("/") else ""
    return root in _OWN_ROOTS or "/providers/microsoft." in path


def handle(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request; None where the address is not served."""
    return None


def guarded_write(request: Request) -> str | None:
    """The lower-cased id of the managed identity whose federated credential a request writes, or None."""
    if request.method not in ("PUT", "DELETE"):
        return None
    match = _CREDENTIAL.fullmatch(request.path)
    return match[1].lower() if match else None


@contextmanager
def write_under_way(cloud: Cloud, identity: str) -> Iterator[bool]:
    """Hold the write lock of a managed identity; yields False where another write holds it."""
    writes = _WRITES.setdefault(cloud, set())
    if identity in writes:
        yield False
        return
    writes.add(identity)
    try:
        yield True
    finally:
        writes.discard(identity)


def concurrent_write_refusal(identity: str) -> Response:
    """What Azure answers to a write of a federated credential while another of that identity is under way."""
    return conflict(
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
        "Too many Federated Identity Credentials are written concurrently for the managed identity "
        f"'{identity}'. Concurrent Federated Identity Credentials writes under the same managed identity are "
        "not supported.",
    ).response()
