"""The directory object that a request addresses, where its caller may read or write it."""

from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import listing
from azure_service_connections.sandbox.entra.access import Caller, identify
from azure_service_connections.sandbox.entra.addresses import find_object
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.store import Document

_RIGHTS: Final = {
    "applications": "applications",
    "service-principals": "applications",
    "users": "users",
    "groups": "groups",
}


def may_read(caller: Caller, collection: str) -> None:
    """Refuse a caller that may not read objects of a collection."""
    caller.read(_RIGHTS[collection])


def object_to_read(cloud: Cloud, request: Request, collection: str, key: str) -> tuple[Caller, Document]:
    """Who asks, and the object; refuses a caller without the right before it looks for the object."""
    caller = identify(cloud, request)
    may_read(caller, collection)
    return caller, find_object(cloud, caller.tenant_id, collection, key)


def object_to_write(cloud: Cloud, request: Request, collection: str, key: str) -> tuple[Caller, Document]:
    """Who asks, and the application or service principal, which its owners may write too."""
    caller = identify(cloud, request)
    found = find_object(cloud, caller.tenant_id, collection, key)
    caller.write(found)
    return caller, found


def list_objects(cloud: Cloud, request: Request, collection: str, view: listing.View) -> Response:
    """Those of the caller's tenant; `$filter` is of the objects as Graph shows them."""
    caller = identify(cloud, request)
    may_read(caller, collection)
    found = [view(document) for document in cloud.store.find(collection, tenantId=caller.tenant_id)]
    return listing.page(cloud, request, collection, listing.filtered(request, found), lambda each: each)
