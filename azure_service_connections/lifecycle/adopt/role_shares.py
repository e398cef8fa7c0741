"""Which connection of a stack takes over which role of an identity that several of them sign in as.

Azure keeps one assignment of a role to a principal at a scope, so a stack can declare it once.
"""

from collections.abc import Mapping, Sequence

from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import HeldRole

AUTOMATIC = "automatic"
_OWN_GRANT = "contributor"


def own_roles(connection: ExistingConnection) -> tuple[HeldRole, ...]:
    """The roles that the connection's identity holds itself, not through a group.

    Azure DevOps' own grant to an identity that it made goes with the connection and is no role of a stack.
    """
    principal = connection.identity.principal_id.lower()
    automatic = connection.creation_mode.lower() == AUTOMATIC
    return tuple(
        role
        for role in connection.roles
        if principal
        and role.principal_id.lower() == principal
        and not (automatic and _is_own_grant(role, connection))
    )


def share_roles(
    connections: Sequence[ExistingConnection], taken: Sequence[str] = ()
) -> Mapping[str, tuple[HeldRole, ...]]:
    """The roles of each connection, by its id; `taken` are assignments that the stack has already.

    A role goes to the connection that is for its scope, else to the one that is for the narrowest place
    above it, else to the first of those that see it.
    """
    shares: dict[str, list[HeldRole]] = {each.id: [] for each in connections}
    seen = {each.lower() for each in taken}
    holders: dict[str, list[tuple[ExistingConnection, HeldRole]]] = {}
    for connection in connections:
        for role in own_roles(connection):
            if role.assignment_id.lower() not in seen:
                holders.setdefault(role.assignment_id.lower(), []).append((connection, role))
    for candidates in holders.values():
        chosen, role = max(candidates, key=lambda each: _nearness(each[0].scope, each[1].scope))
        shares[chosen.id].append(role)
    return {key: tuple(sorted(roles, key=_order)) for key, roles in shares.items()}


def _is_own_grant(role: HeldRole, connection: ExistingConnection) -> bool:
    return role.role.casefold() == _OWN_GRANT and _same(role.scope, connection.scope)


def _nearness(place: str, scope: str) -> int:
    """How near a connection's place is to a role's scope; 0 where the scope is not below it."""
    place, scope = place.lower().rstrip("/"), scope.lower().rstrip("/")
    if place == scope:
        return len(scope) + 1
    return len(place) if place and scope.startswith(f"{place}/") else 0


def _same(one: str, other: str) -> bool:
    return one.lower().rstrip("/") == other.lower().rstrip("/")


def _order(role: HeldRole) -> tuple[str, str]:
    return role.scope.lower(), role.role.casefold()
