"""Removes what has lost its other half: applications, credentials, role assignments, connections."""

from collections.abc import Sequence
from typing import Final

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.http_client import Answer
from azure_service_connections.lifecycle.plan.plan_file import Removal
from azure_service_connections.lifecycle.services import Services, checked

_IDENTITY_VERSION: Final = "2023-01-31"
_AUTHORIZATION_VERSION: Final = "2022-04-01"
_NOT_FOUND: Final = 404
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
    if answer.successful or answer.status == _NOT_FOUND:
        return answer.successful
    raise ServiceError(
        f"the {NAMES[removal.kind]} {quoted(removal.name)} could not be removed "
        f"({answer.code or f'HTTP {answer.status}'}: {answer.message.rstrip('.') or 'no reason is given'})",
        answer.status,
        answer.code,
    )


def is_there(services: Services, removal: Removal) -> bool:
    """Whether a thing still exists; ServiceError where nobody may look."""
    if removal.kind == "serviceConnection":
        answer = services.devops(
            "GET",
            f"/{removal.project}/_apis/serviceendpoint/endpoints/{removal.id}",
            organization=removal.organization,
        )
        if answer.successful and answer.document is None:
            return False
    elif removal.kind == "application":
        answer = services.graph("GET", f"/applications/{removal.id}")
    elif removal.kind == "roleAssignment":
        answer = services.azure("GET", removal.id, _AUTHORIZATION_VERSION)
    elif removal.id.startswith("/"):
        answer = services.azure("GET", removal.id, _IDENTITY_VERSION)
    else:
        answer = services.graph("GET", _credential(removal))
    if answer.status == _NOT_FOUND:
        return False
    checked(answer, f"Looking for the {NAMES[removal.kind]} {quoted(removal.name)}")
    return True


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
    return services.graph("DELETE", _credential(removal))


def _credential(removal: Removal) -> str:
    application, _, credential = removal.id.partition("/")
    return f"/applications/{application}/federatedIdentityCredentials/{credential}"
