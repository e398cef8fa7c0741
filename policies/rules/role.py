"""Rules of the roles that identities have in Azure."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from azure_service_connections.catalogue.identifiers import is_guid
from azure_service_connections.catalogue.roles import BUILT_IN_ROLES, role_guid
from policies.connection import Connection
from policies.estate import Estate
from policies.resource import UNKNOWN, Resource, is_known
from policies.resource_types import ROLE_ASSIGNMENT, ROLE_DEFINITION
from policies.rule import (
    ALWAYS,
    STRICT_ONLY,
    TEXTS,
    Finding,
    ResourceRule,
    Setting,
    Settings,
    Severity,
    StackRule,
)

_GROUPS = "/providers/microsoft.management/managementgroups/"
_WRITE_ROLES = "microsoft.authorization/roleassignments/write"
_HAND_OUT = ["Owner", "User Access Administrator", "Role Based Access Control Administrator"]
_READ = sorted(name for name in BUILT_IN_ROLES if name.endswith(" Reader") or name in ("Reader", "AcrPull"))
_NAMES = {guid: name for name, guid in BUILT_IN_ROLES.items()}
_ROLES = "names or GUIDs"


def _unconditional(resource: Resource, settings: Settings) -> Iterator[str]:
    scope, role = resource.text("scope"), _role(resource)
    if not is_known(scope) or role not in _guids(settings.texts("roles")) or not _is_wide(scope):
        return
    condition = resource.text("condition")
    if condition is not UNKNOWN and not condition.strip():
        yield f"gives {_named(role)} at {_place(scope)} without a condition"


def _custom(resource: Resource, _: Settings) -> Iterator[str]:
    permissions = resource.items("permissions")
    for permission in [] if permissions is UNKNOWN else permissions:
        if isinstance(permission, Mapping):
            # An exclusion that is not known may be the one that is asked for.
            excluded = permission.get("notActions")
            open_ = excluded is not UNKNOWN and not _matched(excluded, _WRITE_ROLES)
            if open_ and (by := _matched(permission.get("actions"), _WRITE_ROLES)):
                yield f"hands out roles (by its action {by})"


def _matched(actions: object, action: str) -> str | None:
    """The one of a list of actions, with * for any letters, that an action falls under."""
    listed = actions if isinstance(actions, list) else []
    return next((each for each in listed if is_known(each) and fnmatchcase(action, each.lower())), None)


def _at_the_root(resource: Resource, settings: Settings) -> Iterator[str]:
    scope = resource.text("scope")
    if not is_known(scope):
        return
    group = _management_group(scope)
    if scope.rstrip("/") == "":
        yield "gives a role at the root of the tenant"
    elif group and is_guid(group) and group not in (each.lower() for each in settings.texts("notRoot")):
        # The root group's name is the id of its tenant.
        yield "gives a role at the root management group"


def _broad(resource: Resource, settings: Settings) -> Iterator[str]:
    scope, role = resource.text("scope"), _role(resource)
    if is_known(scope) and role in _guids(settings.texts("roles")) and _is_wide(scope):
        yield f"gives {_named(role)} at {_place(scope)}"


def _unnamed_principal(estate: Estate, _: Settings) -> Iterator[Finding]:
    for assignments in estate.roles_of.values():
        for assignment in assignments:
            kind = assignment.text("principalType")
            if kind is not UNKNOWN and kind != "ServicePrincipal":
                said = f"principalType {kind}" if kind else "no principalType"
                yield Finding(assignment, f"speaks of a service principal with {said}")


def _outside_of_connection(estate: Estate, _: Settings) -> Iterator[Finding]:
    for urn, assignments in estate.roles_of.items():
        scopes = [each.scope for each in estate.connections_of.get(urn, ())]
        known = [scope for scope in scopes if is_known(scope)]
        if not scopes or len(known) < len(scopes):
            continue
        for assignment in assignments:
            scope = assignment.text("scope")
            if is_known(scope) and not any(_within(scope, each) for each in known):
                yield Finding(
                    assignment, f"gives a role at {_place(scope)}, where no connection of it points"
                )


def _changing_plan(estate: Estate, settings: Settings) -> Iterator[Finding]:
    allowed = _guids(settings.texts("roles"))
    for urn, assignments in estate.roles_of.items():
        plans = [each for each in estate.connections_of.get(urn, ()) if _is_plan(each, settings)]
        for assignment in assignments if plans else ():
            role = _role(assignment)
            if role is not None and role not in allowed:
                yield Finding(
                    assignment, f"gives {_named(role)} to what the connection '{plans[0].name}' plans with"
                )


def _is_plan(connection: Connection, settings: Settings) -> bool:
    name = connection.name
    return is_known(name) and any(fnmatchcase(name.lower(), each.lower()) for each in settings.texts("plans"))


def _role(assignment: Resource) -> str | None:
    """The GUID of the role, or None where it is not known."""
    definition = assignment.text("roleDefinitionId")
    return role_guid(definition) if is_known(definition) else None


def _guids(roles: list[str]) -> set[str]:
    return {guid for role in roles if (guid := role_guid(role)) is not None}


def _named(guid: str | None) -> str:
    return _NAMES.get(guid or "", f"the role {guid}")


def _management_group(scope: str) -> str:
    lower = scope.rstrip("/").lower()
    return lower.removeprefix(_GROUPS) if lower.startswith(_GROUPS) else ""


def _is_wide(scope: str) -> bool:
    """Whether a scope is a subscription or above."""
    parts = scope.strip("/").split("/")
    return (
        bool(_management_group(scope))
        or parts == [""]
        or (parts[0].lower() == "subscriptions" and len(parts) < 3)
    )


def _place(scope: str) -> str:
    if scope.rstrip("/") == "":
        return "the root of the tenant"
    if group := _management_group(scope):
        return f"the management group '{group}'"
    parts = scope.strip("/").split("/")
    if len(parts) == 2:
        return f"the subscription {parts[1]}"
    return f"the resource group '{parts[3]}'" if len(parts) == 4 else f"'{scope}'"


def _within(scope: str, outer: str) -> bool:
    """Whether a scope is in another one; any subscription may be in a management group."""
    inside, around = scope.rstrip("/").lower(), outer.rstrip("/").lower()
    if _management_group(around):
        return inside == around or (inside != "" and not _management_group(inside))
    return inside == around or inside.startswith(f"{around}/")


RULES = (
    ResourceRule(
        name="roles-that-grant-access-have-a-condition",
        holds="A role that hands out roles is given at a subscription or above only with a condition.",
        because="Whoever uses such a connection can make itself, and anybody else, Owner.",
        fix="give a narrower role or scope, or limit with a condition which roles it may hand out",
        severity=Severity.CRITICAL,
        levels=ALWAYS,
        controls=(
            "ADO_ServiceConnection_AuthZ_Use_Least_Privilege_Access",
            "iam_role_user_access_admin_restricted",
            "CICD-SEC-2",
            "CICD-SEC-5",
        ),
        settings=(Setting("roles", f"Roles that hand out roles: {_ROLES}.", TEXTS, _HAND_OUT),),
        types=(ROLE_ASSIGNMENT,),
        judge=_unconditional,
    ),
    ResourceRule(
        name="custom-role-hands-out-no-roles",
        holds="A custom role does not hand out roles.",
        because="It does what Owner does, and no rule of built-in roles knows it.",
        fix="exclude Microsoft.Authorization/*/Write in its notActions, or list the actions that are needed",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("CKV_AZURE_39", "iam_subscription_roles_owner_custom_not_created", "CICD-SEC-2"),
        types=(ROLE_DEFINITION,),
        judge=_custom,
    ),
    ResourceRule(
        name="no-role-at-the-root",
        holds="No role is given at the root of the tenant or at the root management group.",
        because="It holds in every subscription that exists and in every one that will.",
        fix="give it at the subscription or the management group that needs it",
        severity=Severity.CRITICAL,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_AuthZ_Use_Least_Privilege_Access", "CICD-SEC-2"),
        settings=(
            Setting(
                "notRoot", "Management groups with a GUID as their name that are not the root.", TEXTS, []
            ),
        ),
        types=(ROLE_ASSIGNMENT,),
        judge=_at_the_root,
    ),
    ResourceRule(
        name="broad-roles-stay-below-subscriptions",
        holds="A broad role is given at a resource group or below.",
        because="A pipeline of one service can otherwise change every other one of the subscription.",
        fix="give it at the resource groups that are deployed, or give a narrower role",
        severity=Severity.MEDIUM,
        levels=STRICT_ONLY,
        controls=("ADO_ServiceConnection_AuthZ_Use_Least_Privilege_Access", "ADO-SC-004", "CICD-SEC-2"),
        settings=(Setting("roles", f"Broad roles: {_ROLES}.", TEXTS, ["Owner", "Contributor"]),),
        types=(ROLE_ASSIGNMENT,),
        judge=_broad,
    ),
    StackRule(
        name="roles-of-identities-name-the-principal-type",
        holds="A role of an application or a managed identity says the principal type ServicePrincipal.",
        because="The SDK writes User, and Azure then refuses an identity that is new.",
        fix="set principalType to ServicePrincipal",
        severity=Severity.LOW,
        levels=ALWAYS,
        judge=_unnamed_principal,
    ),
    StackRule(
        name="role-stays-within-the-connection-scope",
        holds="The identity of a connection has roles only where one of its connections points.",
        because="A task can use the identity wherever it has a role, not only where the connection points.",
        fix="give it where the connection points, or make another connection for that place",
        severity=Severity.MEDIUM,
        levels=STRICT_ONLY,
        controls=("CICD-SEC-2", "CICD-SEC-5"),
        judge=_outside_of_connection,
    ),
    StackRule(
        name="plan-connection-only-reads",
        holds="The identity of a connection for plans has only roles that read.",
        because="Plans run for every pull request, reviewed or not.",
        fix="give it Reader, or let the connection that applies have this role",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("CICD-SEC-4", "CICD-SEC-5"),
        settings=(
            Setting("plans", "Names of connections for plans, with * for any letters.", TEXTS, ["*-plan"]),
            Setting("roles", f"Roles that read: {_ROLES}.", TEXTS, _READ),
        ),
        judge=_changing_plan,
    ),
)
"""The rules of this module."""
