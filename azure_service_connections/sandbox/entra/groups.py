"""Groups of the directory and their members."""

from functools import partial

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import listing
from azure_service_connections.sandbox.entra.access import identify
from azure_service_connections.sandbox.entra.addresses import (
    COLLECTIONS,
    find_directory_object,
    find_object,
    read_reference,
)
from azure_service_connections.sandbox.entra.directory_objects import group_view, may_read, show, shown
from azure_service_connections.sandbox.entra.errors import already_there, bad_request, not_found
from azure_service_connections.sandbox.entra.principals import groups_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()


@ROUTES.get("/{version}/groups")
def list_groups(cloud: Cloud, request: Request, version: str) -> Response:
    """The groups of the caller's tenant."""
    caller = identify(cloud, request)
    caller.read("groups")
    found = [group_view(group) for group in cloud.store.find("groups", tenantId=caller.tenant_id)]
    return listing.page(cloud, request, "groups", listing.filtered(request, found), lambda each: each)


@ROUTES.get("/{version}/groups/{key}")
def get_group(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """One group."""
    caller = identify(cloud, request)
    caller.read("groups")
    group = find_object(cloud, caller.tenant_id, "groups", key)
    return listing.entity(cloud, request, "groups", group_view(group))


@ROUTES.get("/{version}/groups/{key}/members")
def list_members(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """The direct members of a group that still exist."""
    caller = identify(cloud, request)
    caller.read("groups")
    group = find_object(cloud, caller.tenant_id, "groups", key)
    members = shown(cloud, caller.tenant_id, group.get("members", []))
    return listing.page(
        cloud, request, "directoryObjects", listing.filtered(request, members), lambda each: each
    )


@ROUTES.get("/{version}/groups/{key}/members/{member}")
def get_member(cloud: Cloud, request: Request, version: str, key: str, member: str) -> Response:
    """One direct member of a group."""
    caller = identify(cloud, request)
    caller.read("groups")
    group = find_object(cloud, caller.tenant_id, "groups", key)
    found = find_directory_object(cloud, caller.tenant_id, member)
    if found is None or found[1]["id"] not in group.get("members", []):
        raise not_found(member)
    return listing.entity(cloud, request, "directoryObjects", show(*found))


@ROUTES.post("/{version}/groups/{key}/members/$ref")
def add_member(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Add a person, a service principal or a group to a group."""
    caller = identify(cloud, request)
    caller.write_groups()
    group = find_object(cloud, caller.tenant_id, "groups", key)
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
    caller = identify(cloud, request)
    caller.write_groups()
    group = find_object(cloud, caller.tenant_id, "groups", key)
    if member.lower() not in group.get("members", []):
        raise not_found(member)
    group["members"].remove(member.lower())
    cloud.store.put("groups", group["id"], group)
    return Response(204)


def list_memberships(
    cloud: Cloud, request: Request, *, kind: str, transitive: bool, version: str, key: str
) -> Response:
    """The groups that hold an object, directly or also through other groups."""
    caller = identify(cloud, request)
    collection = COLLECTIONS[kind]
    may_read(caller, collection)
    member = find_object(cloud, caller.tenant_id, collection, key)
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
