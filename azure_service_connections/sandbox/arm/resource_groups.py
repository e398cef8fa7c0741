"""Resource groups, and the lists of what lies in them."""

import re

from azure_service_connections.sandbox.arm import locations, long_running, resources
from azure_service_connections.sandbox.arm.calls import Call, decides_itself
from azure_service_connections.sandbox.arm.errors import ArmError, bad_request, conflict
from azure_service_connections.sandbox.arm.queries import clauses
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

_READ = "Microsoft.Resources/subscriptions/resourceGroups/read"
_NAME = re.compile(r"[-\w().]{0,89}[-\w()]")
_ONE = "/subscriptions/{subscription}/resourceGroups/{group}"


@routes.get("/subscriptions/{subscription}/resourceGroups")
@decides_itself
def list_groups(call: Call, subscription: str) -> Response:
    """The resource groups that the caller may read; 403 where it has no role in the subscription at all."""
    scope = f"/subscriptions/{subscription}"
    if not call.rights.reach_into(scope):
        call.require(_READ, scope)
    found = [each for each in resources.below(call.cloud, scope) if each["type"] == resources.GROUP_KIND]
    tag_name, tag_value = "", ""
    for left, value in clauses(call.request.argument("$filter")):
        if left.lower() == "tagname":
            tag_name = value
        elif left.lower() == "tagvalue":
            tag_value = value
        else:
            raise bad_request("InvalidFilterInQueryString", f"Invalid $filter '{left}' specified.")
    readable = [
        resources.presented(each)
        for each in found
        if call.rights.allows(_READ, each["id"]) and _tagged(each, tag_name, tag_value)
    ]
    return Response(200, {"value": readable})


@routes.get(_ONE)
def get_group(call: Call, subscription: str, group: str) -> Response:
    """One resource group."""
    return Response(200, resources.presented(resources.group_of(call.cloud, subscription, group)))


@routes.add("HEAD", _ONE)
def check_group(call: Call, subscription: str, group: str) -> Response:
    """204 where the group exists, 404 where not."""
    resources.group_of(call.cloud, subscription, group)
    return Response(204)


@routes.put(_ONE)
def put_group(call: Call, subscription: str, group: str) -> Response:
    """Create a group (201) or set its tags (200)."""
    if not _NAME.fullmatch(group):
        raise bad_request(
            "InvalidResourceGroup",
            f"The provided resource group name '{group}' is not valid: it can have up to 90 letters, digits, "
            "'-', '_', '.', '(' and ')', and must not end with '.'.",
        )
    body = call.body()
    location = locations.required(body, resources.GROUP_KIND)
    document = resources.find(call.cloud, resources.group_id(subscription, group))
    status = 200
    if document is None:
        status = 201
        document = resources.new(call.cloud, resources.group_id(subscription, group), resources.GROUP_KIND)
    elif document["location"] != location:
        raise conflict(
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{document['location']}'.",
        )
    document["location"] = location
    _tag(document, body)
    document["properties"] = {"provisioningState": "Succeeded"}
    resources.keep(call.cloud, document)
    return Response(status, resources.presented(document))


@routes.patch(_ONE)
def patch_group(call: Call, subscription: str, group: str) -> Response:
    """Set the tags of a group."""
    document = resources.group_of(call.cloud, subscription, group)
    _tag(document, call.body())
    resources.keep(call.cloud, document)
    return Response(200, resources.presented(document))


@routes.delete(_ONE)
def delete_group(call: Call, subscription: str, group: str) -> Response:
    """Delete a group with all that lies in it: 202 with a `Location` to ask at."""
    document = resources.group_of(call.cloud, subscription, group)
    resources.remove(call.cloud, document["id"])
    return long_running.accepted(call, None, status_document=False)


@routes.get("/subscriptions/{subscription}/resources")
@decides_itself
def list_in_subscription(call: Call, subscription: str) -> Response:
    """The resources of a subscription that the caller may read."""
    scope = f"/subscriptions/{subscription}"
    if not call.rights.reach_into(scope):
        call.require("Microsoft.Resources/subscriptions/resources/read", scope)
    return _listed(call, scope)


@routes.get("/subscriptions/{subscription}/resourceGroups/{group}/resources")
@decides_itself
def list_in_group(call: Call, subscription: str, group: str) -> Response:
    """The resources of a group that the caller may read."""
    scope = resources.group_id(subscription, group)
    if not call.rights.reach_into(scope):
        call.require("Microsoft.Resources/subscriptions/resourceGroups/resources/read", scope)
    resources.group_of(call.cloud, subscription, group)
    return _listed(call, scope)


def _listed(call: Call, scope: str) -> Response:
    wanted: dict[str, str] = {}
    for left, value in clauses(call.request.argument("$filter")):
        if left.lower() not in ("resourcetype", "name", "location", "resourcegroup", "tagname", "tagvalue"):
            raise bad_request("InvalidFilterInQueryString", f"Invalid $filter '{left}' specified.")
        wanted[left.lower()] = value
    found = [
        _brief(each)
        for each in resources.below(call.cloud, scope)
        if each["type"] != resources.GROUP_KIND
        and _fits(each, wanted)
        and call.rights.allows(f"{each['type']}/read", each["id"])
    ]
    return Response(200, {"value": found})


def _fits(document: Document, wanted: dict[str, str]) -> bool:
    held = {
        "resourcetype": document["type"],
        "name": document["name"],
        "location": document.get("location") or "",
        "resourcegroup": document["id"].split("/")[4],
    }
    return _tagged(document, wanted.get("tagname", ""), wanted.get("tagvalue", "")) and all(
        held[key].lower() == value.lower() for key, value in wanted.items() if key in held
    )


def _tagged(document: Document, name: str, value: str) -> bool:
    tags = {key.lower(): held for key, held in (document.get("tags") or {}).items()}
    return not name or (name.lower() in tags and (not value or tags[name.lower()] == value))


def _brief(document: Document) -> Document:
    """A resource as lists show it: without its properties."""
    return {key: value for key, value in resources.presented(document).items() if key != "properties"}


def _tag(document: Document, body: Document) -> None:
    tags = body.get("tags")
    if tags is None:
        return
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise ArmError(400, "InvalidTags", "The tags must be an object whose values are strings.")
    document["tags"] = tags
