"""What may not be assigned: the checks of a role assignment before it is made."""

from uuid import UUID

from azure_service_connections.sandbox.arm import conditions, management_group, resources, roles
from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.arm.errors import bad_request
from azure_service_connections.sandbox.arm.scopes import join, lineage, parse, segments
from azure_service_connections.sandbox.entra import principals
from azure_service_connections.sandbox.store import Document

_PRINCIPAL_TYPES = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")


def check_form(name: str, properties: Document) -> None:
    """The name and the principal must be GUIDs, the principal and the role be given. Raises 400."""
    principal_id, given_type = str(properties.get("principalId") or ""), properties.get("principalType")
    if not is_guid(name):
        raise bad_request(
            "InvalidRoleAssignmentId",
            f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.",
        )
    if not principal_id or not properties.get("roleDefinitionId"):
        raise bad_request("BadRequestFormat", "The request was incorrectly formatted.")
    if not is_guid(principal_id):
        raise bad_request("InvalidPrincipalId", "A valid principal ID must be provided for role assignment.")
    if given_type is not None and given_type not in _PRINCIPAL_TYPES:
        raise bad_request("InvalidPrincipalType", f"The principal type '{given_type}' is not valid.")


def check_scope(call: Call, place: str) -> None:
    """Raise 404 where a scope names nothing.

    Of nested resources only the outermost is looked for: Azure Resource Manager does not know those of
    resource providers that keep them to themselves, such as the containers of a storage account.
    """
    scope = parse(place)
    parts = segments(place)
    if scope.management_group is not None:
        management_group.required(call.cloud, call.caller.tenant_id, scope.management_group)
    elif scope.subscription is not None and scope.resource_group is not None:
        resources.group_of(call.cloud, scope.subscription, scope.resource_group)
        if len(parts) >= 8 and parts[4].lower() == "providers":
            resources.required(call.cloud, join(*parts[:8]), f"{parts[5]}/{parts[6]}", parts[7])


def assignable(call: Call, place: str, reference: str) -> str:
    """The GUID of a role that can be assigned at a scope. Raises 400 `RoleDefinitionDoesNotExist`."""
    role = roles.find(call.cloud, call.caller.tenant_id, reference)
    above = lineage(call.cloud, call.caller.tenant_id, place)
    if role is None or not any(parse(each).key in above for each in role.assignable_scopes):
        raise bad_request(
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{roles.guid_of(reference)}' does not exist.",
        )
    return role.guid


def check_condition(properties: Document) -> None:
    """A condition needs `conditionVersion` 2.0, and the other way round, and must be readable."""
    condition, version = properties.get("condition"), properties.get("conditionVersion")
    if condition is None and version is None:
        return
    try:
        if not isinstance(condition, str) or version != "2.0":
            raise conditions.ConditionError
        conditions.check(condition)
    except conditions.ConditionError as error:
        raise bad_request(
            "InvalidRoleAssignmentCondition", "The given role assignment condition is invalid."
        ) from error


def check_principal(call: Call, principal_id: str, given_type: str | None) -> None:
    """The principal must exist; one that is called a service principal may be too new to be seen."""
    tenant_id = call.caller.tenant_id
    waits = given_type != "ServicePrincipal"
    principal = principals.find_principal(call.cloud, principal_id, replicated=waits)
    if principal is not None and principal.get("tenantId", tenant_id) != tenant_id:
        principal = None
    if principal is None:
        if not waits:
            return
        raise bad_request(
            "PrincipalNotFound",
            f"Principal {principal_id.replace('-', '')} does not exist in the directory {tenant_id}. Check "
            "that you have the correct principal ID. If you are creating this principal and then immediately "
            "assigning a role, this error might be related to a replication delay. In this case, set the "
            "role assignment principalType property to a value, such as ServicePrincipal, User, or Group. "
            "See https://aka.ms/docs-principaltype",
        )
    if given_type is not None and principal["principalType"] != given_type:
        raise bad_request(
            "UnmatchedPrincipalType",
            f"The PrincipalId '{principal_id.replace('-', '')}' has type '{principal['principalType']}' , "
            f"which is different from specified PrinciaplType '{given_type}'.",
        )


def is_guid(text: str) -> bool:
    """Whether a text is a GUID in its usual form."""
    try:
        UUID(text)
    except ValueError:
        return False
    return len(text) == 36
