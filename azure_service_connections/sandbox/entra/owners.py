"""Owners of applications and service principals."""

from functools import partial
from typing import Any

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import listing
from azure_service_connections.sandbox.entra.addressed_objects import object_to_read, object_to_write
from azure_service_connections.sandbox.entra.addresses import (
    COLLECTIONS,
    find_directory_object,
    read_reference,
    referenced_id,
)
from azure_service_connections.sandbox.entra.directory_objects import shown
from azure_service_connections.sandbox.entra.errors import already_there, bad_request, not_found
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()

MOST_BOUND = 20
"""Owners that a body may bind at most; further ones are added one by one."""


def bound(cloud: Cloud, tenant_id: str, addresses: Any) -> list[str]:
    """The object ids that `owners@odata.bind` names; raises Graph's refusal of one that cannot own."""
    if addresses is None:
        return []
    if not isinstance(addresses, list):
        raise bad_request("Invalid URL format specified in payload.")
    if len(addresses) > MOST_BOUND:
        raise bad_request(f"A request may bind at most {MOST_BOUND} owners.")
    return [_check_owner(cloud, tenant_id, referenced_id(address)) for address in addresses]


def _check_owner(cloud: Cloud, tenant_id: str, object_id: str) -> str:
    found = find_directory_object(cloud, tenant_id, object_id)
    if found is None:
        raise not_found(object_id)
    if found[0] not in ("users", "service-principals"):
        raise bad_request("Only a user or a service principal can be an owner.")
    return object_id


def list_owners(cloud: Cloud, request: Request, *, kind: str, version: str, key: str) -> Response:
    """The owners that still exist."""
    caller, owned = object_to_read(cloud, request, COLLECTIONS[kind], key)
    found = shown(cloud, caller.tenant_id, owned["owners"])
    return listing.page(cloud, request, "directoryObjects", found, lambda each: each)


def add_owner(cloud: Cloud, request: Request, *, kind: str, version: str, key: str) -> Response:
    """Add one owner."""
    caller, owned = object_to_write(cloud, request, COLLECTIONS[kind], key)
    owner = _check_owner(cloud, caller.tenant_id, read_reference(request))
    if owner in owned["owners"]:
        raise already_there("owners")
    owned["owners"].append(owner)
    cloud.store.put(COLLECTIONS[kind], owned["id"], owned)
    return Response(204)


def remove_owner(
    cloud: Cloud, request: Request, *, kind: str, version: str, key: str, owner: str
) -> Response:
    """Take one owner away; the object itself stays."""
    _, owned = object_to_write(cloud, request, COLLECTIONS[kind], key)
    if owner.lower() not in owned["owners"]:
        raise not_found(owner)
    owned["owners"].remove(owner.lower())
    cloud.store.put(COLLECTIONS[kind], owned["id"], owned)
    return Response(204)


for _kind in ("applications", "servicePrincipals"):
    ROUTES.get(f"/{{version}}/{_kind}/{{key}}/owners")(partial(list_owners, kind=_kind))
    ROUTES.post(f"/{{version}}/{_kind}/{{key}}/owners/$ref")(partial(add_owner, kind=_kind))
    ROUTES.delete(f"/{{version}}/{_kind}/{{key}}/owners/{{owner}}/$ref")(partial(remove_owner, kind=_kind))
