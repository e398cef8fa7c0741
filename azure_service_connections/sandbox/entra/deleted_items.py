"""Applications and service principals that have been deleted: for thirty days they can be found and restored.

An application takes its service principal and its federated credentials along, and brings them back; that it
brings back the credentials is a fair choice.
"""

from datetime import timedelta
from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import application_record, listing, service_principal_record
from azure_service_connections.sandbox.entra.access import Caller, identify
from azure_service_connections.sandbox.entra.addresses import TYPES
from azure_service_connections.sandbox.entra.certificates import moment
from azure_service_connections.sandbox.entra.errors import GraphError, not_found
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

KEPT: Final = timedelta(days=30)
"""How long a deleted application can be restored (Entra's documentation)."""

_COLLECTION: Final = "deleted-items"
_KINDS: Final = {"application": "applications", "serviceprincipal": "service-principals"}
_ONE: Final = "/{version}/directory/deletedItems/{key}"


def delete_application(cloud: Cloud, application: Document, at: str | None = None) -> None:
    """Delete an application with its service principal in its own tenant, `at` a time or now."""
    credentials = cloud.store.find("federated-credentials", parent=application["id"])
    for credential in credentials:
        cloud.store.remove("federated-credentials", credential["id"])
    for principal in cloud.store.find(
        "service-principals", appId=application["appId"], tenantId=application["tenantId"]
    ):
        delete_service_principal(cloud, principal, at, application["id"])
    cloud.store.remove("applications", application["id"])
    _keep(cloud, "applications", application, at, credentials=credentials)


def delete_service_principal(
    cloud: Cloud, principal: Document, at: str | None = None, application_id: str | None = None
) -> None:
    """Delete a service principal, with its application or (without its id) alone."""
    cloud.store.remove("service-principals", principal["id"])
    _keep(cloud, "service-principals", principal, at, application=application_id)


@ROUTES.get("/{version}/directory/deletedItems/{kind}")
def show(cloud: Cloud, request: Request, version: str, kind: str) -> Response:
    """The deleted objects of a type (`microsoft.graph.application`), or the one with this id."""
    caller = identify(cloud, request)
    caller.read("applications")
    collection = _KINDS.get(kind.lower().removeprefix("microsoft.").removeprefix("graph."))
    if collection is None:
        item = _find(cloud, caller, kind)
        return listing.entity(cloud, request, "directoryObjects", _view(item, version))
    found = [
        _view(item, version)
        for item in cloud.store.find(_COLLECTION, tenantId=caller.tenant_id, type=collection)
        if _is_kept(cloud, item)
    ]
    matching = listing.filtered(request, found)
    return listing.page(cloud, request, "directoryObjects", matching, lambda each: each)


@ROUTES.post(_ONE + "/restore")
def restore(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Bring a deleted object back; 409 where something else has taken its place."""
    caller = identify(cloud, request)
    item = _find(cloud, caller, key)
    caller.write(item["object"])
    _bring_back(cloud, item)
    for other in cloud.store.find(_COLLECTION, application=item["id"]):
        _bring_back(cloud, other)
    return listing.entity(cloud, request, "directoryObjects", _view({**item, "at": None}, version))


@ROUTES.delete(_ONE)
def remove(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Forget a deleted object for good."""
    caller = identify(cloud, request)
    item = _find(cloud, caller, key)
    caller.write(item["object"])
    cloud.store.remove(_COLLECTION, item["id"])
    for other in cloud.store.find(_COLLECTION, application=item["id"]):
        cloud.store.remove(_COLLECTION, other["id"])
    return Response(204)


def _keep(cloud: Cloud, collection: str, document: Document, at: str | None, **more: object) -> None:
    item = {
        "id": document["id"],
        "tenantId": document["tenantId"],
        "type": collection,
        "object": document,
        "at": at or cloud.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        **more,
    }
    cloud.store.put(_COLLECTION, document["id"], item)


def _find(cloud: Cloud, caller: Caller, key: str) -> Document:
    item = cloud.store.get(_COLLECTION, key.lower())
    if item is None or item["tenantId"] != caller.tenant_id or not _is_kept(cloud, item):
        raise not_found(key)
    return item


def _is_kept(cloud: Cloud, item: Document) -> bool:
    return cloud.clock.now() < moment(item["at"]) + KEPT


def _bring_back(cloud: Cloud, item: Document) -> None:
    document, collection = item["object"], item["type"]
    if cloud.store.one(collection, appId=document["appId"], tenantId=document["tenantId"]) is not None:
        raise GraphError(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            f"Another object with the same value for property appId ({document['appId']}) already exists.",
        )
    cloud.store.put(collection, document["id"], document)
    for credential in item.get("credentials") or []:
        cloud.store.put("federated-credentials", credential["id"], credential)
    cloud.store.remove(_COLLECTION, item["id"])


def _view(item: Document, version: str) -> Document:
    collection, document = item["type"], item["object"]
    shown = (
        application_record.view(document, version.lower())
        if collection == "applications"
        else service_principal_record.view(document)
    )
    return {"@odata.type": TYPES[collection], **shown, "deletedDateTime": item["at"]}
