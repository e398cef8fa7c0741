"""The addresses of management groups."""

import re

from azure_service_connections.sandbox.arm import long_running
from azure_service_connections.sandbox.arm.calls import Call, decides_itself
from azure_service_connections.sandbox.arm.errors import bad_request, not_found
from azure_service_connections.sandbox.arm.management_group import (
    COLLECTION,
    KIND,
    children,
    create,
    find,
    flat,
    known,
    presented,
    required,
)
from azure_service_connections.sandbox.arm.scopes import management_group_id, segments
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes

routes = Routes()

DEPTH = 6
"""How many levels a tree can have below the root group."""
_NAME = re.compile(r"[-\w().]{1,90}")
_ALL = "/providers/Microsoft.Management/managementGroups"
_ONE = _ALL + "/{group}"


@routes.get(_ALL)
@decides_itself
def list_groups(call: Call) -> Response:
    """The management groups that the caller may read."""
    readable = [
        each
        for each in known(call.cloud, call.caller.tenant_id)
        if call.rights.allows(f"{KIND}/read", each["id"])
    ]
    return Response(
        200,
        {
            "value": [
                {
                    "id": each["id"],
                    "type": KIND,
                    "name": each["name"],
                    "properties": {"tenantId": each["tenantId"], "displayName": each["displayName"]},
                }
                for each in readable
            ]
        },
    )


@routes.get(_ONE)
def get_group(call: Call, group: str) -> Response:
    """One management group; `$expand=children` adds what lies in it, `$recurse=true` all of it."""
    document = required(call.cloud, call.caller.tenant_id, group)
    expand = "children" in (call.request.argument("$expand") or "").lower()
    recurse = (call.request.argument("$recurse") or "").lower() == "true"
    return Response(200, presented(call.cloud, document, expand=expand, recurse=recurse))


@routes.put(_ONE)
@decides_itself
def put_group(call: Call, group: str) -> Response:
    """Create a group (202, long-running) or change its name or place (200).

    A new group needs the right at the group that it is put under; by the tenant's default setting anyone may
    put one under the root group, which the sandbox does not follow. How Azure answers here is not confirmed
    in its documentation; 202 with both polling headers is what its clients handle.
    """
    tenant_id = call.caller.tenant_id
    document = find(call.cloud, tenant_id, group)
    body = call.body()
    given = call.properties()
    details = given.get("details")
    reference = details.get("parent") if isinstance(details, dict) else None
    wanted = reference.get("id") if isinstance(reference, dict) else None
    if document is not None:
        call.require(f"{KIND}/write", document["id"])
    parent = segments(wanted)[-1] if wanted else ((document or {}).get("parent") or tenant_id)
    if document is None or wanted:
        call.require(f"{KIND}/write", management_group_id(parent))
    if not _NAME.fullmatch(group) or group.endswith("."):
        raise bad_request("InvalidManagementGroupName", f"The management group name '{group}' is not valid.")
    if document is None and call.cloud.store.get(COLLECTION, group.lower()) is not None:
        raise bad_request("InvalidManagementGroupName", f"The management group name '{group}' is taken.")
    if body.get("name") not in (None, group):
        raise bad_request("BadRequest", "The name in the body and the name in the address are not the same.")
    if group.lower() == tenant_id.lower():
        parent = ""
    else:
        _place(call, group, parent)
    display = given.get("displayName") or (document or {}).get("displayName") or group
    kept = create(
        call.cloud, tenant_id, document["name"] if document is not None else group, display, parent or None
    )
    shown = presented(call.cloud, kept)
    return Response(200, shown) if document is not None else long_running.accepted(call, shown)


@routes.patch(_ONE)
def patch_group(call: Call, group: str) -> Response:
    """Change the display name (`displayName`) or the place (`parentGroupId`) of a group."""
    document = required(call.cloud, call.caller.tenant_id, group)
    body = call.body()
    if body.get("parentGroupId"):
        parent = segments(str(body["parentGroupId"]))[-1]
        call.require(f"{KIND}/write", management_group_id(parent))
        _place(call, document["name"], parent)
        document["parent"] = parent
    document["displayName"] = body.get("displayName") or document["displayName"]
    call.cloud.store.put(COLLECTION, document["name"].lower(), document)
    return Response(200, presented(call.cloud, document))


@routes.delete(_ONE)
def delete_group(call: Call, group: str) -> Response:
    """Delete an empty group: 202, long-running; 204 where there is none."""
    document = find(call.cloud, call.caller.tenant_id, group)
    if document is None:
        return Response(204)
    if document["name"].lower() == call.caller.tenant_id.lower():
        raise bad_request("BadRequest", "The root management group of a tenant cannot be deleted.")
    if children(call.cloud, document, recurse=False):
        raise bad_request(
            "BadRequest",
            f"The management group '{document['name']}' cannot be deleted because it has children. Move or "
            "delete them first.",
        )
    for key in call.cloud.store.keys("role-assignments"):
        if key.startswith(f"{document['id'].lower()}/"):
            call.cloud.store.remove("role-assignments", key)
    call.cloud.store.remove(COLLECTION, document["name"].lower())
    return long_running.accepted(call, None)


@routes.get(_ONE + "/descendants")
def list_descendants(call: Call, group: str) -> Response:
    """All groups and subscriptions below a group."""
    return Response(
        200,
        {
            "value": flat(
                children(call.cloud, required(call.cloud, call.caller.tenant_id, group), recurse=True)
            )
        },
    )


def _place(call: Call, group: str, parent: str) -> None:
    """Raise 404 or 400 where a group cannot lie under a parent: unknown, below itself or too deep."""
    above: list[str] = []
    current: str | None = parent
    while current is not None:
        document = find(call.cloud, call.caller.tenant_id, current)
        if document is None:
            raise not_found("NotFound", f"The management group '{current}' cannot be found.")
        if document["name"].lower() == group.lower():
            raise bad_request("BadRequest", f"The management group '{group}' cannot lie below itself.")
        above.append(document["name"])
        current = document["parent"]
    if len(above) > DEPTH:
        raise bad_request("BadRequest", f"A management group tree can have at most {DEPTH} levels.")
