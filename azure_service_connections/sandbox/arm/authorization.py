"""Who may do what: role assignments, inherited down the scopes, added up.

The rules are those of Azure's overview of role-based access control: assignments at the scope and at
everything above it count, also those of groups that the principal is in, directly or not. Each grants its
role's Actions less its NotActions; what one takes away another may grant. Data operations are decided by
DataActions alone. A deny assignment wins over every role.

An assignment with a condition grants an action only where the condition is found true (`conditions`); what
a condition asks and the sandbox does not know never comes out as a grant.
"""

from collections.abc import Mapping

from azure_service_connections.sandbox.arm import conditions, deny_assignment, roles
from azure_service_connections.sandbox.arm.patterns import permits
from azure_service_connections.sandbox.arm.scopes import lineage, parse
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import principals
from azure_service_connections.sandbox.store import Document

KIND = "role-assignments"
"""The collection of role assignments, and the kind whose visibility the faults delay."""


class Rights:
    """What one principal may do now; made for one request.

    Where `cloud.faults.set_visibility("role-assignments", n)` asks for it, a new assignment is left out of
    the first n requests that it would have decided.
    """

    def __init__(self, cloud: Cloud, principal_id: str) -> None:
        """Gather the assignments of a principal and of the groups that it is in."""
        self._cloud = cloud
        self._holders = holders = {
            principal_id.lower(),
            *(group.lower() for group in principals.groups_of(cloud, principal_id)),
        }
        self._assignments = [
            assignment
            for holder in sorted(holders)
            for assignment in cloud.store.find(KIND, principalId=holder)
        ]
        self._visible: dict[str, bool] = {}
        self._lineages: dict[tuple[str, str], frozenset[str]] = {}

    def allows(
        self,
        action: str,
        scope: str,
        *,
        data: bool = False,
        attributes: Mapping[str, tuple[str, ...]] | None = None,
    ) -> bool:
        """Whether the principal may carry out an action at a scope.

        `data` asks for a data action; `attributes` are the facts that conditions ask about, by their name
        in lower case without the leading `@`.
        """
        return not self.denied(action, scope, data=data) and any(
            conditions.hold(assignment.get("condition"), action, attributes or {})
            and self._is_visible(assignment)
            for assignment in self._granting(action, scope, data)
        )

    def denied(self, action: str, scope: str, *, data: bool = False) -> Document | None:
        """The deny assignment that takes an action at a scope, or None."""
        return next(
            (
                each
                for each in self._cloud.store.find(deny_assignment.COLLECTION)
                if deny_assignment.stands_against(each, self._holders)
                and deny_assignment.takes(each, action, data=data)
                and self._covers(each, scope)
            ),
            None,
        )

    def granted(self, action: str, scope: str) -> bool:
        """Whether an assignment grants the action, whatever its condition and whatever denies it."""
        return bool(self._granting(action, scope, False))

    def conditioned(self, action: str, scope: str) -> bool:
        """Whether an assignment would grant the action but for its condition."""
        return any(assignment.get("condition") for assignment in self._granting(action, scope, False))

    def reach_into(self, scope: str) -> bool:
        """Whether any assignment, whatever its role, lies at the scope, above it or below it."""
        key = parse(scope).key
        return any(
            self._covers(assignment, scope) or f"{parse(assignment['scope']).key}/".startswith(f"{key}/")
            for assignment in self._assignments
            if self._is_visible(assignment)
        )

    def granted_at(self, action: str, scope: str, where: str) -> bool:
        """Whether an assignment made exactly at `where` grants the action at the scope."""
        wanted = parse(where).key
        return any(
            parse(assignment["scope"]).key == wanted for assignment in self._granting(action, scope, False)
        )

    def permissions_at(self, scope: str) -> list[Document]:
        """What the roles of the assignments that reach a scope permit, a document each with the condition."""
        found = []
        for assignment in self._assignments:
            if self._covers(assignment, scope) and self._is_visible(assignment):
                role = roles.find(self._cloud, assignment["tenantId"], assignment["roleDefinitionId"])
                condition = {"condition": held} if (held := assignment.get("condition")) else {}
                found += [{**each, **condition} for each in (role.permissions if role else ())]
        return found

    def _granting(self, action: str, scope: str, data: bool) -> list[Document]:
        return [
            assignment
            for assignment in self._assignments
            if self._covers(assignment, scope) and self._role_permits(assignment, action, data)
        ]

    def _covers(self, assignment: Document, scope: str) -> bool:
        tenant_id = assignment["tenantId"]
        key = (tenant_id, scope)
        if key not in self._lineages:
            self._lineages[key] = frozenset(lineage(self._cloud, tenant_id, scope))
        return parse(assignment["scope"]).key in self._lineages[key]

    def _role_permits(self, assignment: Document, action: str, data: bool) -> bool:
        role = roles.find(self._cloud, assignment["tenantId"], assignment["roleDefinitionId"])
        if role is None:
            return False
        granted, taken = ("dataActions", "notDataActions") if data else ("actions", "notActions")
        return any(permits(each.get(granted, ()), each.get(taken, ()), action) for each in role.permissions)

    def _is_visible(self, assignment: Document) -> bool:
        key = assignment["id"].lower()
        if key not in self._visible:
            self._visible[key] = self._cloud.faults.visible(KIND, key)
        return self._visible[key]


def allows(cloud: Cloud, principal_id: str, action: str, scope: str, data: bool = False) -> bool:
    """Whether a principal may carry out an action at a scope; `data` asks for a data action."""
    return Rights(cloud, principal_id).allows(action, scope, data=data)
