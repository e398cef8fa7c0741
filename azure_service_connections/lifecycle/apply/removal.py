"""Removes what has lost its other half: applications, credentials, role assignments, connections."""

from collections.abc import Sequence
from typing import Final

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.http_client import Answer
from azure_service_connections.lifecycle.plan.plan_file import Removal
from azure_service_connections.lifecycle.services import Services

_IDENTITY_VERSION: Final = "2023-01-31"
_AUTHORIZATION_VERSION: Final = "2022-04-01"
_NOTHING_THERE: Final = (204, 404)
_ORDER: Final = ("roleAssignment", "federatedCredential", "serviceConnection", "application")
"""Assignments go before their principals, and a credential before the connection that it trusts."""

NAMES: Final = {
    "application": "application",
    "federatedCredential": "federated credential",
    "roleAssignment": "role assignment",
    "serviceConnection": "service connection",
}


def in_order(removals: Sequence[Removal]) -> list[Removal]:
    """The removals in the order in which nothing stands in the way of the next."""
    return sorted(removals, key=lambda each: _ORDER.index(each.kind))


def remove(services: Services, removal: Removal) -> bool:
    """Remove one thing; whether it was there. ServiceError where that is refused."""
    answer = _delete(services, removal)
    if answer.successful or answer.status in _NOTHING_THERE:
        return answer.successful and answer.status != 404
    raise ServiceError(
        f"the {NAMES[removal.kind]} {quoted(removal.name)} could not be removed "
        f"({answer.code or f'HTTP {answer.status}'}: {answer.message.rstrip('.') or 'no reason is given'})",
        answer.status,
        answer.code,
    )


def _delete(services: Services, removal: Removal) -> Answer:
    if removal.kind == "serviceConnection":
        project = services.devops(
            "GET", f"/_apis/projects/{removal.project}", organization=removal.organization
        )
        if not project.successful:
            return project
        return services.devops(
            "DELETE",
            f"/_apis/serviceendpoint/endpoints/{removal.id}",
            organization=removal.organization,
            parameters={"projectIds": str(project.document["id"])},
        )
    if removal.kind == "application":
        return services.graph("DELETE", f"/applications/{removal.id}")
    if removal.kind == "roleAssignment":
        return services.azure("DELETE", removal.id, _AUTHORIZATION_VERSION)
    if removal.id.startswith("/"):
        return services.azure("DELETE", removal.id, _IDENTITY_VERSION)
    application, _, credential = removal.id.partition("/")
    return services.graph("DELETE", f"/applications/{application}/federatedIdentityCredentials/{credential}")
