"""Azure Resource Manager: which requests are its own, and how it answers them.

Every request but the one for the cloud's endpoints needs an `api-version` (any value is accepted), a bearer
token of the subscription's tenant, and a role that covers what its address names.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from weakref import WeakKeyDictionary

from azure_service_connections.sandbox.arm import (
    addresses,
    deny_assignments,
    endpoints,
    generic_resources,
    identities,
    identity_credentials,
    long_running,
    management_group_subscriptions,
    management_groups,
    permissions,
    resource_groups,
    resource_providers,
    role_assignments,
    role_definitions,
    subscriptions,
    tags,
    workspaces,
)
from azure_service_connections.sandbox.arm.authentication import authenticate
from azure_service_connections.sandbox.arm.authorization import Rights
from azure_service_connections.sandbox.arm.calls import Call, decides
from azure_service_connections.sandbox.arm.errors import ArmError, bad_request, conflict, failure
from azure_service_connections.sandbox.arm.scopes import parse
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Route

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

READS_LEFT, WRITES_LEFT, DELETES_LEFT = 249, 199, 199
"""What the throttling headers of every answer say: full buckets (throttling itself is a fault on request)."""

_TABLES = (
    long_running.routes,
    subscriptions.routes,
    resource_groups.routes,
    management_groups.routes,
    management_group_subscriptions.routes,
    role_assignments.routes,
    role_definitions.routes,
    deny_assignments.routes,
    permissions.routes,
    tags.routes,
    identities.routes,
    identity_credentials.routes,
    workspaces.routes,
    resource_providers.routes,
)
_OWN_ROOTS = ("metadata", "subscriptions", "providers", "tenants")
_CREDENTIAL = re.compile(
    r"(/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/[^/]+)"
    r"/federatedIdentityCredentials/[^/]+/?",
    re.IGNORECASE,
)
_SLASHES = re.compile("/{2,}")
_WRITES: WeakKeyDictionary[Cloud, set[str]] = WeakKeyDictionary()


def owns(cloud: Cloud, request: Request) -> bool:
    """Whether a request is for Azure Resource Manager."""
    path = _SLASHES.sub("/", request.path.lower())
    root = path.split("/")[1] if path.startswith("/") else ""
    return root in _OWN_ROOTS or "/providers/microsoft." in path


def handle(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request; None where the address is not served."""
    # Clients put a scope, which begins with a slash, behind a slash of their own.
    request = replace(request, path=_SLASHES.sub("/", request.path))
    headers = {
        "x-ms-request-id": str(uuid.uuid4()),
        "x-ms-correlation-request-id": request.header("x-ms-correlation-request-id") or str(uuid.uuid4()),
        **_throttling(request),
    }
    try:
        response = _answer(cloud, request)
    except ArmError as error:
        error.headers = {**headers, **error.headers}
        raise
    if response is None:
        return None
    return Response(response.status, response.body, {**headers, **response.headers})


def _answer(cloud: Cloud, request: Request) -> Response | None:
    if endpoints.asked_for(request):
        return endpoints.document(cloud)
    found = _find(request)
    if found is None:
        return None
    if not request.argument("api-version"):
        raise bad_request(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    route, parameters = found
    scope = parse(request.path)
    caller = authenticate(cloud, request, subscriptions.tenant_of(cloud, scope))
    subscriptions.check(cloud, scope)
    call = Call(
        cloud,
        request,
        caller,
        Rights(cloud, caller.object_id),
        addresses.read(request.method, request.path),
    )
    if not decides(route.handler):
        call.require(call.address.action, call.address.scope)
    return route.handler(call, **parameters)


def _find(request: Request) -> tuple[Route, dict[str, str]] | None:
    for table in _TABLES:
        found = table.find(request)
        if found is not None:
            return found
    return generic_resources.routes.find(request) if generic_resources.stores(request) else None


def _throttling(request: Request) -> dict[str, str]:
    if request.method == "DELETE":
        return {"x-ms-ratelimit-remaining-subscription-deletes": str(DELETES_LEFT)}
    if request.method in ("GET", "HEAD"):
        return {"x-ms-ratelimit-remaining-subscription-reads": str(READS_LEFT)}
    return {"x-ms-ratelimit-remaining-subscription-writes": str(WRITES_LEFT)}


def guarded_write(request: Request) -> str | None:
    """The lower-cased id of the managed identity whose federated credential a request writes, or None."""
    if request.method not in ("PUT", "DELETE"):
        return None
    match = _CREDENTIAL.fullmatch(_SLASHES.sub("/", request.path))
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
