"""Directory objects of any kind as Graph shows them, and the objects of any kind that an address names."""

from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import application_record, listing, service_principal_record
from azure_service_connections.sandbox.entra.access import identify
from azure_service_connections.sandbox.entra.addressed_objects import may_read
from azure_service_connections.sandbox.entra.addresses import TYPES, find_directory_object, read_body
from azure_service_connections.sandbox.entra.errors import bad_request, not_found
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

MOST_IDS: Final = 1000
"""Ids that one `getByIds` may name."""

_USER: Final[Document] = {
    "businessPhones": [],
    "displayName": None,
    "givenName": None,
    "jobTitle": None,
    "mail": None,
    "mailNickname": None,
    "mobilePhone": None,
    "officeLocation": None,
    "preferredLanguage": None,
    "surname": None,
    "userPrincipalName": None,
    "userType": "Member",
    "accountEnabled": True,
}
_GROUP: Final[Document] = {
    "deletedDateTime": None,
    "description": None,
    "displayName": None,
    "groupTypes": [],
    "isAssignableToRole": None,
    "mail": None,
    "mailEnabled": False,
    "mailNickname": None,
    "securityEnabled": True,
    "visibility": None,
}


def user_view(user: Document) -> Document:
    """A person as Graph shows one."""
    return {"id": user["id"], **_USER, **{key: user[key] for key in _USER if key in user}}


def group_view(group: Document) -> Document:
    """A group as Graph shows it."""
    return {"id": group["id"], **_GROUP, **{key: group[key] for key in _GROUP if key in group}}


def show(collection: str, document: Document) -> Document:
    """A directory object with its type, as it stands in lists of mixed kinds."""
    if collection == "applications":
        view = application_record.view(document, "v1.0")
    elif collection == "service-principals":
        view = service_principal_record.view(document)
    else:
        view = user_view(document) if collection == "users" else group_view(document)
    return {"@odata.type": TYPES[collection], **view}


def shown(cloud: Cloud, tenant_id: str, identifiers: list[str]) -> list[Document]:
    """Those of the objects that exist, with their types."""
    found = (find_directory_object(cloud, tenant_id, identifier) for identifier in identifiers)
    return [show(*each) for each in found if each is not None]


@ROUTES.get("/{version}/directoryObjects/{key}")
def get_object(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """One object of any kind."""
    caller = identify(cloud, request)
    found = find_directory_object(cloud, caller.tenant_id, key)
    if found is None or not cloud.faults.visible(found[0], found[1]["id"]):
        raise not_found(key)
    may_read(caller, found[0])
    return listing.entity(cloud, request, "directoryObjects", show(*found))


@ROUTES.post("/{version}/directoryObjects/getByIds")
def get_by_ids(cloud: Cloud, request: Request, version: str) -> Response:
    """The objects that exist among the ids of the body, of the kinds that it names."""
    caller = identify(cloud, request)
    body = read_body(request)
    identifiers = body.get("ids")
    if not isinstance(identifiers, list) or not 0 < len(identifiers) <= MOST_IDS:
        raise bad_request(f"ids must hold between 1 and {MOST_IDS} object ids.")
    kinds = {str(kind).lower() for kind in body.get("types") or ["directoryObject"]}
    found = []
    for identifier in dict.fromkeys(str(each).lower() for each in identifiers):
        each = find_directory_object(cloud, caller.tenant_id, identifier)
        if each is None or not cloud.faults.visible(each[0], identifier):
            continue
        if "directoryobject" in kinds or TYPES[each[0]].rpartition(".")[2].lower() in kinds:
            may_read(caller, each[0])
            found.append(show(*each))
    return Response(
        200, {"@odata.context": f"{cloud.url}/{version}/$metadata#directoryObjects", "value": found}
    )
