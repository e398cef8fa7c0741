"""The addresses of role assignments, and what may not be assigned.

The refusals are those of Azure's documentation "Troubleshoot Azure RBAC". Not confirmed by it, and chosen:
a changed role or principal type under the same name is refused like a changed principal; an assignment above
the limit is refused with status 400.
"""

from azure_service_connections.sandbox.arm import (
    management_group,
    resources,
    role_assignment,
    roles,
)
from azure_service_connections.sandbox.arm.calls import Call, decides_itself
from azure_service_connections.sandbox.arm.errors import ArmError, bad_request, conflict, not_found
from azure_service_connections.sandbox.arm.queries import clauses
from azure_service_connections.sandbox.arm.role_assignment import COLLECTION, KIND
from azure_service_connections.sandbox.arm.role_assignment_rules import (
    assignable,
    check_condition,
    check_form,
    check_principal,
    check_scope,
)
from azure_service_connections.sandbox.arm.scopes import ROOT, lineage, parse, segments
from azure_service_connections.sandbox.entra import principals
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_ALL = "/providers/Microsoft.Authorization/roleAssignments"
_ONE = _ALL + "/{name}"


@routes.get(_ALL)
@routes.get("/{*scope}" + _ALL)
def list_assignments(call: Call, scope: str = "") -> Response:
    """The assignments at a scope, above it and below it.

    `$filter` takes `atScope()` (nothing below), `principalId eq '…'` and `assignedTo('…')` (also through
    groups), joined by `and`.
    """
    place = parse(scope).text
    here = parse(scope).key
    above = set(lineage(call.cloud, call.caller.tenant_id, place))
    at_scope, holders = False, set[str]()
    for left, value in clauses(call.request.argument("$filter")):
        if left.lower() == "atscope()":
            at_scope = True
        elif left.lower() == "principalid":
            holders = {value.lower()}
        elif left.lower() == "assignedto()":
            holders = {value.lower(), *principals.groups_of(call.cloud, value)}
        else:
            raise bad_request(
                "UnsupportedQuery", f"The filter '{left}' is not supported for role assignments."
            )
    found = [
        role_assignment.presented(each)
        for each in _held_by(call, holders)
        if parse(each["scope"]).key in above or (not at_scope and _below(call, each, here))
    ]
    return Response(200, {"value": found})


@routes.get(_ONE)
@routes.get("/{*scope}" + _ONE)
def get_assignment(call: Call, name: str, scope: str = "") -> Response:
    """One assignment at the scope at which it was made."""
    return Response(200, role_assignment.presented(_required(call, scope, name)))


@routes.put(_ONE)
@routes.put("/{*scope}" + _ONE)
@decides_itself
def put_assignment(call: Call, name: str, scope: str = "") -> Response:
    """Assign a role (201); repeat an assignment or change its condition or description (200)."""
    place = _exact(call, scope)
    properties = call.properties()
    principal_id = str(properties.get("principalId") or "")
    given_type = properties.get("principalType")
    principal = principals.find_principal(call.cloud, principal_id)
    known_type = given_type or (principal or {}).get("principalType") or ""
    call.require(
        f"{KIND}/write",
        role_assignment.assignment_id(place, name),
        _facts("request", properties.get("roleDefinitionId"), principal_id, known_type),
    )
    check_scope(call, place)
    check_form(name, properties)
    role = assignable(call, place, str(properties["roleDefinitionId"]))
    check_condition(properties)
    named = call.cloud.store.one(COLLECTION, tenantId=call.caller.tenant_id, key=name.lower())
    if named is not None:
        return _update(call, named, place, role, principal_id, properties)
    check_principal(call, principal_id, given_type)
    for each in call.cloud.store.find(COLLECTION, principalId=principal_id.lower()):
        if parse(each["scope"]).key == place.lower() and roles.guid_of(each["roleDefinitionId"]) == role:
            raise conflict("RoleAssignmentExists", "The role assignment already exists.")
    limit = role_assignment.full(call.cloud, place)
    if limit is not None:
        raise bad_request(
            "RoleAssignmentLimitExceeded",
            f"The role assignment limit of {limit} is exceeded. No more role assignments can be created.",
        )
    made = role_assignment.make(
        call.cloud,
        call.caller.tenant_id,
        scope=place,
        name=name,
        role=role,
        principal_id=principal_id,
        principal_type=known_type or "ServicePrincipal",
        made_by=call.caller.object_id,
        condition=properties.get("condition"),
        condition_version=properties.get("conditionVersion"),
        description=properties.get("description"),
        delegated_identity=properties.get("delegatedManagedIdentityResourceId"),
    )
    return Response(201, role_assignment.presented(made))


@routes.delete(_ONE)
@routes.delete("/{*scope}" + _ONE)
@decides_itself
def delete_assignment(call: Call, name: str, scope: str = "") -> Response:
    """Take a role away: 200 with what it was, 204 where there is none.

    The last Owner made at a subscription itself stays (412), unless the caller's right comes from `/`, as
    that of an administrator with elevated access does.
    """
    identifier = role_assignment.assignment_id(_exact(call, scope), name)
    document = call.cloud.store.get(COLLECTION, identifier.lower())
    if document is not None and document["tenantId"] != call.caller.tenant_id:
        document = None
    held = document or {}
    call.require(
        f"{KIND}/delete",
        identifier,
        _facts("resource", held.get("roleDefinitionId"), held.get("principalId"), held.get("principalType")),
    )
    if document is None:
        return Response(204)
    if _is_last_owner(call, document) and not call.rights.granted_at(f"{KIND}/delete", identifier, ROOT):
        raise ArmError(
            412, "CannotDeleteLastRbacAdminAssignment", "Cannot delete the last RBAC admin assignment."
        )
    call.cloud.store.remove(COLLECTION, identifier.lower())
    return Response(200, role_assignment.presented(document))


def _update(
    call: Call, named: Document, place: str, role: str, principal_id: str, properties: Document
) -> Response:
    given_type = properties.get("principalType")
    if (
        parse(named["scope"]).key != place.lower()
        or named["principalId"] != principal_id.lower()
        or roles.guid_of(named["roleDefinitionId"]) != role
        or (given_type is not None and given_type != named["principalType"])
    ):
        raise bad_request(
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        )
    changed = {
        key: properties.get(key)
        for key in ("condition", "conditionVersion", "description")
        if properties.get(key) != named.get(key)
    }
    if changed:
        named.update(changed, updatedOn=call.cloud.clock.text(), updatedBy=call.caller.object_id)
        role_assignment.keep(call.cloud, named)
    return Response(200, role_assignment.presented(named))


def _exact(call: Call, scope: str) -> str:
    """The scope in the spelling of the thing that it names, where the sandbox knows it."""
    place = parse(scope)
    if place.management_group is not None and not place.is_resource:
        group = management_group.find(call.cloud, call.caller.tenant_id, place.management_group)
        return group["id"] if group is not None else place.text
    if place.subscription is not None and len(segments(scope)) == 2:
        return f"/subscriptions/{place.subscription.lower()}"
    document = resources.find(call.cloud, scope) if place.subscription is not None else None
    return str(document["id"]) if document is not None else place.text


def _is_last_owner(call: Call, document: Document) -> bool:
    if roles.guid_of(document["roleDefinitionId"]) != OWNER or len(segments(document["scope"])) != 2:
        return False
    return parse(document["scope"]).subscription is not None and not any(
        each["id"] != document["id"]
        and parse(each["scope"]).key == parse(document["scope"]).key
        and roles.guid_of(each["roleDefinitionId"]) == OWNER
        for each in call.cloud.store.find(COLLECTION, tenantId=document["tenantId"])
    )


def _required(call: Call, scope: str, name: str) -> Document:
    identifier = role_assignment.assignment_id(scope, name)
    document = call.cloud.store.get(COLLECTION, identifier.lower())
    if document is None or document["tenantId"] != call.caller.tenant_id:
        raise not_found("RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")
    return document


def _held_by(call: Call, holders: set[str]) -> list[Document]:
    """The assignments of the caller's tenant, where some are named those of these principals."""
    store, tenant_id = call.cloud.store, call.caller.tenant_id
    if not holders:
        return store.find(COLLECTION, tenantId=tenant_id)
    return [
        each
        for holder in sorted(holders)
        for each in store.find(COLLECTION, tenantId=tenant_id, principalId=holder)
    ]


def _below(call: Call, document: Document, here: str) -> bool:
    return here in lineage(call.cloud, document["tenantId"], document["scope"])


def _facts(
    source: str, role: str | None, principal_id: str | None, kind: str | None
) -> dict[str, tuple[str, ...]]:
    """What conditions can ask about the assignment that is written (`request`) or deleted (`resource`)."""
    values = {
        "roledefinitionid": roles.guid_of(role) if role else "",
        "principalid": principal_id or "",
        "principaltype": kind or "",
    }
    return {
        f"{source}[microsoft.authorization/roleassignments:{name}]": (value,)
        for name, value in values.items()
        if value
    }
