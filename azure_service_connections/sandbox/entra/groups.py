"""Groups of the directory and their members."""

from functools import partial

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import listing
from azure_service_connections.sandbox.entra.access import Caller, identify
from azure_service_connections.sandbox.entra.addressed_objects import list_objects, object_to_read
from azure_service_connections.sandbox.entra.addresses import (
    COLLECTIONS,
    find_directory_object,
    find_object,
    read_reference,
)
from azure_service_connections.sandbox.entra.directory_objects import group_view, show, shown
from azure_service_connections.sandbox.entra.errors import already_there, bad_request, not_found
from azure_service_connections.sandbox.entra.principals import groups_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()


@ROUTES.get("/{version}/groups")
def list_groups(cloud: Cloud, request: Request, version: str) -> Response:
    """The groups of the caller's tenant."""
    return list_objects(cloud, request, "groups", group_view)


@ROUTES.get("/{version}/groups/{key}")
def get_group(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """One group."""
    _, group = object_to_read(cloud, request, "groups", key)
    return listing.entity(cloud, request, "groups", group_view(group))


@ROUTES.get("/{version}/groups/{key}/members")
def list_members(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """The direct members of a group that still exist."""
    caller, group = object_to_read(cloud, request, "groups", key)
    members = shown(cloud, caller.tenant_id, group.get("members", []))
    return listing.page(
        cloud, request, "directoryObjects", listing.filtered(request, members), lambda each: each
    )


@ROUTES.get("/{version}/groups/{key}/members/{member}")
def get_member(cloud: Cloud, request: Request, version: str, key: str, member: str) -> Response:
    """One direct member of a group."""
    caller, group = object_to_read(cloud, request, "groups", key)
    found = find_directory_object(cloud, caller.tenant_id, member)
    if found is None or found[1]["id"] not in group.get("members", []):
        raise not_found(member)
    return listing.entity(cloud, request, "directoryObjects", show(*found))


def _group_to_change(cloud: Cloud, request: Request, key: str) -> tuple[Caller, Document]:
    caller = identify(cloud, request)
    caller.write_groups()
    return caller, find_object(cloud, caller.tenant_id, "groups", key)


@ROUTES.post("/{version}/groups/{key}/members/$ref")
def add_member(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Add a person, a service principal or a group to a group."""
    caller, group = _group_to_change(cloud, request, key)
    member = read_reference(request)
    found = find_directory_object(cloud, caller.tenant_id, member)
    if found is None or not cloud.faults.visible(found[0], member):
        raise not_found(member)
    if found[0] == "applications" or member == group["id"]:
        raise bad_request("Only a user, a service principal or another group can be a member of a group.")
    if member in group.get("members", []):
        raise already_there("members")
    group["members"] = [*group.get("members", []), member]
    cloud.store.put("groups", group["id"], group)
    return Response(204)


@ROUTES.delete("/{version}/groups/{key}/members/{member}/$ref")
def remove_member(cloud: Cloud, request: Request, version: str, key: str, member: str) -> Response:
    """Take a member out of a group."""
    _, group = _group_to_change(cloud, request, key)
    if member.lower() not in group.get("members", []):
        raise not_found(member)
    group["members"].remove(member.lower())
    cloud.store.put("groups", group["id"], group)
    return Response(204)


def list_memberships(
    cloud: Cloud, request: Request, *, kind: str, transitive: bool, version: str, key: str
) -> Response:
    """The groups that hold an object, directly or also through other groups."""
    caller, member = object_to_read(cloud, request, COLLECTIONS[kind], key)
    if transitive:
        holders = sorted(groups_of(cloud, member["id"]))
    else:
        groups = cloud.store.find("groups", tenantId=caller.tenant_id)
        holders = [group["id"] for group in groups if member["id"] in group.get("members", [])]
    return listing.page(
        cloud, request, "directoryObjects", shown(cloud, caller.tenant_id, holders), lambda each: each
    )


for _kind in ("servicePrincipals", "users", "groups"):
    ROUTES.get(f"/{{version}}/{_kind}/{{key}}/memberOf")(
        partial(list_memberships, kind=_kind, transitive=False)
    )
    ROUTES.get(f"/{{version}}/{_kind}/{{key}}/transitiveMemberOf")(
        partial(list_memberships, kind=_kind, transitive=True)
    )
