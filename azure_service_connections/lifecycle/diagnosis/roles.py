"""Roles of the identity: there, at the right scope, and neither excluded nor denied."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.diagnosis import az_command
from azure_service_connections.lifecycle.diagnosis.case import BY_STACK, Case
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.inventory.identity import HeldRole
from azure_service_connections.lifecycle.stack_output import Role

_REFUSED: Final = "AuthorizationFailed"
_READ: Final = {
    "managementgroup": "Microsoft.Management/managementGroups/read",
    "azuremlworkspace": "Microsoft.MachineLearningServices/workspaces/read",
}
_READ_GROUP: Final = "Microsoft.Resources/subscriptions/resourceGroups/read"
_READ_SUBSCRIPTION: Final = "Microsoft.Resources/subscriptions/read"
_MANAGEMENT: Final = "/providers/microsoft.management/managementgroups/"
_EVERYONE: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Access:
    """What Azure holds about an identity where its connection works."""

    roles: tuple[HeldRole, ...] | None = ()
    """Its roles at, above and below every scope that counts; None where they are not shown."""
    permissions: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """What custom roles permit, by the role's GUID."""
    denials: Sequence[Mapping[str, Any]] = ()
    """Properties of the deny assignments that stand against it."""


def role_findings(case: Case, access: Access) -> Iterator[Finding]:
    """What keeps the identity from working where it has to."""
    live = case.live
    ready = live.identity.state in ("present", "disabled") or not live.client_id
    if access.roles is None or not ready or not case.principal_id or live.subscription_gone:
        return
    if case.declared is not None and case.declared.roles:
        for role in case.declared.roles:
            yield from _declared(case, role, access.roles)
    elif case.declared is None and live.scope:
        yield from _anywhere(case, access.roles)
    yield from _excluded(case, access)
    yield from _denied(case, access)


def same_scope(one: str, other: str) -> bool:
    """Whether two ids are of one scope."""
    return (one.rstrip("/") or "/").lower() == (other.rstrip("/") or "/").lower()


def _declared(case: Case, role: Role, held: Iterable[HeldRole]) -> Iterator[Finding]:
    guid = role.role_definition_id.rpartition("/")[2].lower()
    same = [each for each in held if each.role_definition_id.rpartition("/")[2].lower() == guid]
    if any(same_scope(each.scope, role.scope) for each in same):
        return
    elsewhere = listed([each.scope for each in same], "and") if same else ""
    where = f"; it has it at {elsewhere}" if elsewhere else ""
    yield case.found(
        "role-missing",
        f"the role {quoted(_name(role, held))} at {role.scope} (`roles.{role.key}`) is not there{where}",
        BY_STACK,
        _REFUSED,
    )


def _name(role: Role, held: Iterable[HeldRole]) -> str:
    guid = role.role_definition_id.rpartition("/")[2].lower()
    return next(
        (each.role for each in held if each.role_definition_id.rpartition("/")[2].lower() == guid), role.role
    )


def _anywhere(case: Case, held: Sequence[HeldRole]) -> Iterator[Finding]:
    scope = case.live.scope
    if not held:
        yield case.found(
            "no-role",
            f"its identity has no role at, above or below {scope}",
            az_command.give_role(case.principal_id, "Reader", scope),
            _REFUSED,
        )
    elif not any(_reaches(each.scope, scope) for each in held):
        places = listed(sorted({each.scope for each in held}), "and")
        yield case.found(
            "role-elsewhere",
            f"its identity has roles at {places}, and none that reaches {scope}",
            az_command.give_role(case.principal_id, held[0].role, scope),
            _REFUSED,
        )


def _reaches(held: str, scope: str) -> bool:
    """Whether a role at a scope that Azure listed for another one holds there or within it."""
    one, other = f"{held.rstrip('/').lower()}/", f"{scope.rstrip('/').lower()}/"
    # Azure lists only what lies above or below: a management group is one of the two.
    outside = one == "/" or one.startswith(_MANAGEMENT) or other.startswith(_MANAGEMENT)
    return outside or one.startswith(other) or other.startswith(one)


def _excluded(case: Case, access: Access) -> Iterator[Finding]:
    """A role that gives reading of the scope and takes it away again, where no other gives it."""
    action = _action(case)
    above = [each for each in access.roles or () if _is_above(each.scope, case.live.scope)]
    taken: list[HeldRole] = []
    for role in above:
        for permission in access.permissions.get(role.role_definition_id.rpartition("/")[2].lower(), ()):
            given = covered(permission.get("actions"), action)
            if given and not covered(permission.get("notActions"), action):
                return
            if given:
                taken.append(role)
    known = set(access.permissions)
    if not taken or any(each.role_definition_id.rpartition("/")[2].lower() not in known for each in above):
        return
    role = taken[0]
    yield case.found(
        "role-excludes",
        f"the role {quoted(role.role)} at {role.scope} takes {action} away by its notActions",
        f"take it out of the notActions of the role {quoted(role.role)}, or give a role that allows it",
        _REFUSED,
    )


def _is_above(held: str, scope: str) -> bool:
    one, other = f"{held.rstrip('/').lower()}/", f"{scope.rstrip('/').lower()}/"
    return one == "/" or other.startswith(one) or (one.startswith(_MANAGEMENT) and one != other)


def _action(case: Case) -> str:
    if read := _READ.get(case.live.scope_level.lower()):
        return read
    return _READ_GROUP if "/resourcegroups/" in case.live.scope.lower() else _READ_SUBSCRIPTION


def covered(patterns: Any, action: str) -> bool:
    """Whether one of a role's patterns takes an action; `*` stands for any text."""
    return any(
        re.fullmatch(".*".join(map(re.escape, str(each).split("*"))), action, re.IGNORECASE)
        for each in patterns or ()
    )


def _denied(case: Case, access: Access) -> Iterator[Finding]:
    for denial in access.denials:
        if not _stands_against(denial, case.principal_id) or not _is_above(
            str(denial.get("scope") or ""), case.live.scope
        ):
            continue
        actions = [str(each) for one in denial.get("permissions") or () for each in one.get("actions") or ()]
        if not actions:
            continue
        name = str(denial.get("denyAssignmentName") or "")
        yield case.found(
            "denied",
            f"the deny assignment {quoted(name)} at {denial.get('scope')} keeps it from "
            f"{listed(sorted(set(actions)), 'and')}",
            "let the owner of the deployment stack or managed application that made it exclude "
            f"the principal {case.principal_id}",
            "DenyAssignmentAuthorizationFailed",
        )


def _stands_against(denial: Mapping[str, Any], principal: str) -> bool:
    def names(key: str) -> set[str]:
        return {str(each.get("id") or "").lower() for each in denial.get(key) or ()}

    # A group's id tells nothing of its members; Azure was asked for what is against this principal.
    return principal.lower() not in names("excludePrincipals") and bool(
        {principal.lower(), _EVERYONE} & names("principals")
    )
