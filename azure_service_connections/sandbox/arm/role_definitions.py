"""The addresses of role definitions: the built-in roles, and custom ones that a tenant makes."""

from azure_service_connections.sandbox.arm import role_assignment, roles
from azure_service_connections.sandbox.arm.calls import Call, decides_itself
from azure_service_connections.sandbox.arm.errors import bad_request, conflict, not_found
from azure_service_connections.sandbox.arm.queries import clauses
from azure_service_connections.sandbox.arm.role import Role
from azure_service_connections.sandbox.arm.role_assignment_rules import is_guid
from azure_service_connections.sandbox.arm.scopes import ROOT, lineage, parse
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

KIND = "Microsoft.Authorization/roleDefinitions"
LIMIT = 5000
"""How many custom roles a tenant can have."""
_LISTS = ("actions", "notActions", "dataActions", "notDataActions")
_ALL = "/providers/Microsoft.Authorization/roleDefinitions"
_ONE = _ALL + "/{guid}"


@routes.get(_ALL)
@routes.get("/{*scope}" + _ALL)
def list_roles(call: Call, scope: str = "") -> Response:
    """The roles that can be assigned at a scope.

    `$filter` takes `roleName eq '…'`, `type eq 'BuiltInRole'` or `'CustomRole'`, and `atScopeAndBelow()`,
    which adds custom roles that can be assigned only further down.
    """
    tenant_id = call.caller.tenant_id
    name, kind, below = "", "", False
    for left, value in clauses(call.request.argument("$filter")):
        if left.lower() == "rolename":
            name = value
        elif left.lower() == "type":
            kind = value
        elif left.lower() == "atscopeandbelow()":
            below = True
        elif left.lower() != "atscope()":
            raise bad_request(
                "UnsupportedQuery", f"The filter '{left}' is not supported for role definitions."
            )
    above = lineage(call.cloud, tenant_id, scope)
    here = parse(scope).key
    found = [
        role
        for role in roles.known(call.cloud, tenant_id)
        if (not name or role.name.lower() == name.lower())
        and (not kind or role.kind.lower() == kind.lower())
        and any(
            parse(each).key in above or (below and here in lineage(call.cloud, tenant_id, each))
            for each in role.assignable_scopes
        )
    ]
    return Response(200, {"value": [_presented(call, scope, role) for role in found]})


@routes.get(_ONE)
@routes.get("/{*scope}" + _ONE)
def get_role(call: Call, guid: str, scope: str = "") -> Response:
    """One role, whatever the scope in the address."""
    role = roles.find(call.cloud, call.caller.tenant_id, guid)
    if role is None:
        raise _missing(guid)
    return Response(200, _presented(call, scope, role))


@routes.put(_ONE)
@routes.put("/{*scope}" + _ONE)
def put_role(call: Call, guid: str, scope: str = "") -> Response:
    """Create a custom role or replace it: 201 in both cases, the one status that Azure's clients take.

    The right is needed at every assignable scope.
    """
    tenant_id = call.caller.tenant_id
    if not is_guid(guid):
        raise bad_request("InvalidRoleDefinitionId", f"The role definition ID '{guid}' must be a GUID.")
    existing = roles.find(call.cloud, tenant_id, guid)
    if existing is not None and existing.kind != "CustomRole":
        raise bad_request("BuiltInRoleUpdateNotAllowed", "A built-in role cannot be changed or deleted.")
    properties = call.properties()
    name, scopes = properties.get("roleName"), properties.get("assignableScopes")
    if not isinstance(name, str) or not name.strip():
        raise bad_request("InvalidRoleDefinitionName", "The role definition has no name ('roleName').")
    if not isinstance(scopes, list) or not scopes or not all(isinstance(each, str) for each in scopes):
        raise bad_request("MissingAssignableScopes", "The role definition has no assignable scopes.")
    for each in scopes:
        place = parse(each)
        if place.key == ROOT or (place.subscription is None and place.management_group is None):
            raise bad_request(
                "InvalidAssignableScope", f"The assignable scope '{each}' is not valid for a custom role."
            )
        call.require(f"{KIND}/write", each)
    same = roles.named(call.cloud, tenant_id, name)
    if same is not None and same.guid != guid.lower():
        raise conflict(
            "RoleDefinitionWithSameNameExists",
            f"A custom role with the name '{name}' already exists in this directory. Use a different name.",
        )
    if existing is None and len(call.cloud.store.find(roles.COLLECTION, tenantId=tenant_id)) >= LIMIT:
        raise bad_request(
            "RoleDefinitionLimitExceeded",
            "Role definition limit exceeded. No more role definitions can be created.",
        )
    now = call.cloud.clock.text()
    before = call.cloud.store.get(roles.COLLECTION, guid.lower()) or {}
    call.cloud.store.put(
        roles.COLLECTION,
        guid.lower(),
        {
            "id": guid.lower(),
            "tenantId": tenant_id,
            "roleName": name,
            "description": properties.get("description") or "",
            "assignableScopes": scopes,
            "permissions": _permissions(properties),
            "createdOn": before.get("createdOn", now),
            "updatedOn": now,
            "createdBy": before.get("createdBy", call.caller.object_id),
            "updatedBy": call.caller.object_id,
        },
    )
    role = roles.find(call.cloud, tenant_id, guid)
    assert role is not None, "kept just now"
    return Response(201, _presented(call, scope, role))


@routes.delete(_ONE)
@routes.delete("/{*scope}" + _ONE)
@decides_itself
def delete_role(call: Call, guid: str, scope: str = "") -> Response:
    """Delete a custom role that nothing is assigned to: 200 with what it was, 204 where there is none."""
    tenant_id = call.caller.tenant_id
    role = roles.find(call.cloud, tenant_id, guid)
    for each in (call.address.scope, *(role.assignable_scopes if role is not None else ())):
        call.require(f"{KIND}/delete", each)
    if role is None:
        return Response(204)
    if role.kind != "CustomRole":
        raise bad_request("BuiltInRoleUpdateNotAllowed", "A built-in role cannot be changed or deleted.")
    for assignment in call.cloud.store.find(role_assignment.COLLECTION, tenantId=tenant_id):
        if roles.guid_of(assignment["roleDefinitionId"]) == role.guid:
            raise bad_request(
                "RoleDefinitionHasAssignments",
                "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).",
            )
    shown = _presented(call, scope, role)
    call.cloud.store.remove(roles.COLLECTION, role.guid)
    return Response(200, shown)


def _permissions(properties: Document) -> list[Document]:
    given = properties.get("permissions")
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise bad_request("MissingPermissions", "The role definition has no permissions.")
    permissions: list[Document] = []
    for each in given:
        kept: Document = {}
        for key in _LISTS:
            actions = each.get(key) or []
            if not isinstance(actions, list) or not all(isinstance(action, str) for action in actions):
                raise bad_request(
                    "InvalidActionOrNotAction", f"The '{key}' of a role must be a list of strings."
                )
            kept[key] = actions
        permissions.append(kept)
    return permissions


def _presented(call: Call, scope: str, role: Role) -> Document:
    held = call.cloud.store.get(roles.COLLECTION, role.guid) or {}
    return {
        "properties": {
            "roleName": role.name,
            "type": role.kind,
            "description": role.description,
            "assignableScopes": list(role.assignable_scopes),
            "permissions": list(role.permissions),
            "createdOn": held.get("createdOn"),
            "updatedOn": held.get("updatedOn"),
            "createdBy": held.get("createdBy"),
            "updatedBy": held.get("updatedBy"),
        },
        "id": role_assignment.role_id(scope, role.guid),
        "type": KIND,
        "name": role.guid,
    }


def _missing(guid: str) -> Exception:
    return not_found(
        "RoleDefinitionDoesNotExist",
        f"The specified role definition with ID '{roles.guid_of(guid)}' does not exist.",
    )
