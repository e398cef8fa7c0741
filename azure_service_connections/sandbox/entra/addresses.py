"""How Graph addresses a directory object, in all the spellings that clients use."""

import json
import re
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.errors import GraphError, bad_request, not_found
from azure_service_connections.sandbox.message import Request
from azure_service_connections.sandbox.store import Document

COLLECTIONS: Final = {
    "applications": "applications",
    "servicePrincipals": "service-principals",
    "users": "users",
    "groups": "groups",
}
"""The collections of the store by their name in Graph."""

TYPES: Final = {
    "applications": "#microsoft.graph.application",
    "service-principals": "#microsoft.graph.servicePrincipal",
    "users": "#microsoft.graph.user",
    "groups": "#microsoft.graph.group",
}
"""The `@odata.type` of each collection's members."""

_KEYED = re.compile(r"/(\w+)\((?:(\w+)=)?'([^'/]*)'\)")
_REFERENCE = re.compile(
    r"/(?:v1\.0|beta)/(?:[0-9a-f-]{36}/)?(?:directoryObjects|users|servicePrincipals|groups)"
    r"[/(]'?([^/')]+)'?\)?$",
    re.IGNORECASE,
)


def canonical(request: Request) -> Request:
    """The request with `/applications(appId='x')` written as `/applications/appId=x`, and the like."""
    path = unquote(request.path) if "%28" in request.path or "(" in request.path else request.path
    keyed = _KEYED.sub(
        lambda match: f"/{match[1]}/{match[2]}={match[3]}" if match[2] else rf"/{match[1]}/{match[3]}", path
    )
    return request if keyed == request.path else replace(request, path=keyed)


def read_body(request: Request) -> Document:
    """The JSON object that a request carries, without its annotations but for bound owners."""
    try:
        body = request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GraphError(
            400,
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of "
            "valid JSON format.",
        )
    return {key: value for key, value in body.items() if not key.startswith("@odata.")}


def referenced_id(body: Any) -> str:
    """The object id in `{"@odata.id": "https://…/directoryObjects/{id}"}` or in such an address itself."""
    address = body.get("@odata.id") if isinstance(body, dict) else body
    match = _REFERENCE.search(address) if isinstance(address, str) else None
    if match is None:
        raise bad_request("Invalid URL format specified in payload.")
    return match[1].lower()


def read_reference(request: Request) -> str:
    """The object id in the body of a `$ref` request."""
    try:
        return referenced_id(json.loads(request.body or b"null"))
    except ValueError as error:
        raise bad_request("Invalid URL format specified in payload.") from error


def find_object(cloud: Cloud, tenant_id: str, collection: str, key: str) -> Document:
    """The directory object of a tenant by its id or by `appId=…`.

    Raises Graph's 404 where there is none, or where it is not visible yet.
    """
    name, _, value = key.partition("=")
    if value and name.lower() == "appid":
        document = cloud.store.one(collection, appId=value.lower(), tenantId=tenant_id)
    elif collection == "users" and "@" in key:
        document = user_by_name(cloud, tenant_id, key)
    else:
        document = cloud.store.get(collection, key.lower())
    if document is None or document["tenantId"] != tenant_id:
        raise not_found(value or key)
    if not cloud.faults.visible(collection, document["id"]):
        raise not_found(value or key)
    return document


def user_by_name(cloud: Cloud, tenant_id: str, user_principal_name: str) -> Document | None:
    """The person with this user principal name, compared without regard to case; None where there is none."""
    wanted = user_principal_name.lower()
    for user in cloud.store.find("users", tenantId=tenant_id):
        if user["userPrincipalName"].lower() == wanted:
            return user
    return None


def find_directory_object(cloud: Cloud, tenant_id: str, object_id: str) -> tuple[str, Document] | None:
    """Any directory object of a tenant with its collection; None where there is none."""
    for collection in COLLECTIONS.values():
        document = cloud.store.get(collection, object_id.lower())
        if document is not None and document["tenantId"] == tenant_id:
            return collection, document
    return None
