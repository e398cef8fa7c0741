"""Addresses of roles on service connections: who may use, read and administer one.

The roles are kept and shown, not enforced: in the sandbox every person may do everything.
"""

from collections.abc import Sequence
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import identities, service_connections
from azure_service_connections.sandbox.devops.access import caller_of, people_only
from azure_service_connections.sandbox.devops.body import json_of
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import organization_named
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

SCOPE: Final = "distributedtask.serviceendpointrole"

_ROLES: Final = {
    "Reader": (16, "Can view the service connection."),
    "User": (17, "Can use the service connection in pipelines."),
    "Administrator": (19, "Can use and manage the service connection and its roles."),
}
"""Bits and words of each role; the bits are a fair choice, they are not documented."""

_INHERITED: Final = {"Endpoint Administrators": "Administrator", "Contributors": "User"}
"""The roles that a project hands down to its connections, by group: a fair choice."""

_PATH: Final = "/{organization}/_apis/securityroles/scopes/{scope}"
_PERMISSION: Final = "Administer the service connection"


def assign(cloud: Cloud, project_id: str, endpoint_id: str, identity_id: str, role: str) -> None:
    """Give somebody a role on a connection in place of the one that they have."""
    cloud.store.put(
        "connection-roles",
        f"{project_id}_{endpoint_id}/{identity_id}",
        {
            "projectId": project_id,
            "endpointId": endpoint_id,
            "identityId": identity_id,
            "role": role,
        },
    )


@ROUTES.get(f"{_PATH}/roledefinitions")
def list_roles(cloud: Cloud, request: Request, organization: str, scope: str) -> Response:
    """The roles of the scope."""
    organization_named(cloud, organization)
    _check_scope(scope)
    return Response(body={"count": len(_ROLES), "value": [_role(name) for name in _ROLES]})


@ROUTES.get(f"{_PATH}/roleassignments/resources/{{resource}}")
def list_assignments(
    cloud: Cloud, request: Request, organization: str, scope: str, resource: str
) -> Response:
    """Who has which role on a connection."""
    document = organization_named(cloud, organization)
    held = _assignments(cloud, document, scope, resource)
    return _answer(cloud, document, held, _inherited(cloud, document, resource))


@ROUTES.put(f"{_PATH}/roleassignments/resources/{{resource}}")
def set_assignments(cloud: Cloud, request: Request, organization: str, scope: str, resource: str) -> Response:
    """Give roles; an identity that is not known is passed over in silence, as it really is."""
    document = organization_named(cloud, organization)
    people_only(caller_of(cloud, request, document), _PERMISSION)
    _assignments(cloud, document, scope, resource)
    body = json_of(request)
    if not isinstance(body, list) or not all(isinstance(each, dict) for each in body):
        raise invalid("Value cannot be null. (Parameter 'roleAssignments')", "ArgumentNullException")
    project_id, endpoint_id = resource.lower().split("_", 1)
    given = []
    for each in body:
        role = next((name for name in _ROLES if name.lower() == str(each.get("roleName")).lower()), None)
        if role is None:
            raise invalid(f"The role '{each.get('roleName')}' is not one of {', '.join(_ROLES)}.")
        identity = identities.find(cloud, document, str(each.get("userId")))
        if identity is not None:
            assign(cloud, project_id, endpoint_id, identity.id, role)
            given.append(identity.id)
    held = [each for each in _assignments(cloud, document, scope, resource) if each["identityId"] in given]
    return _answer(cloud, document, held)


@ROUTES.patch(f"{_PATH}/roleassignments/resources/{{resource}}")
def remove_assignments(
    cloud: Cloud, request: Request, organization: str, scope: str, resource: str
) -> Response:
    """Take away the roles of the identities whose ids the body lists, or end and resume inheritance."""
    document = organization_named(cloud, organization)
    people_only(caller_of(cloud, request, document), _PERMISSION)
    _assignments(cloud, document, scope, resource)
    if (inherits := request.argument("inheritPermissions")) is not None:
        cloud.store.put("inheritance", resource.lower(), {"on": inherits.lower() == "true"})
        return Response(204)
    body = json_of(request)
    if not isinstance(body, list):
        raise invalid("Value cannot be null. (Parameter 'identityIds')", "ArgumentNullException")
    for identity in body:
        cloud.store.remove("connection-roles", f"{resource.lower()}/{str(identity).lower()}")
    return Response(204)


def _assignments(cloud: Cloud, organization: Document, scope: str, resource: str) -> list[Document]:
    """The roles on a resource `PROJECT_CONNECTION`. Raises 404 where a project has no such connection."""
    _check_scope(scope)
    project_id, _, endpoint_id = resource.lower().partition("_")
    endpoint = service_connections.required(cloud, organization, endpoint_id)
    if service_connections.reference_in(endpoint, project_id) is None:
        raise service_connections.not_found(endpoint_id)
    return cloud.store.find("connection-roles", projectId=project_id, endpointId=endpoint_id)


def _check_scope(scope: str) -> None:
    if scope.lower() != SCOPE:
        raise DevOpsError(
            404, "SecurityRoleScopeNotFoundException", f"The sandbox has no security role scope '{scope}'."
        )


def _inherited(cloud: Cloud, organization: Document, resource: str) -> list[Document]:
    """What the project hands down to a connection, unless that was ended."""
    if not (cloud.store.get("inheritance", resource.lower()) or {"on": True})["on"]:
        return []
    project_id = resource.lower().partition("_")[0]
    return [
        {"identityId": identity.id, "role": _INHERITED[identity.account]}
        for identity in identities.identities_of(cloud, organization)
        if identity.project_id == project_id and identity.account in _INHERITED
    ]


def _answer(
    cloud: Cloud, organization: Document, held: list[Document], inherited: Sequence[Document] = ()
) -> Response:
    assigned = {each["identityId"] for each in held}
    value = []
    for each in [*held, *(each for each in inherited if each["identityId"] not in assigned)]:
        identity = identities.find(cloud, organization, each["identityId"])
        if identity is not None:
            reference = identity.reference()
            value.append(
                {
                    "identity": {name: reference[name] for name in ("displayName", "id", "uniqueName")},
                    "role": _role(each["role"]),
                    "access": "assigned" if each["identityId"] in assigned else "inherited",
                    "accessDisplayName": "Assigned" if each["identityId"] in assigned else "Inherited",
                }
            )
    return Response(body={"count": len(value), "value": value})


def _role(name: str) -> dict[str, Any]:
    bits, description = _ROLES[name]
    return {
        "displayName": name,
        "name": name,
        "allowPermissions": bits,
        "denyPermissions": 0,
        "identifier": f"{SCOPE}.{name}",
        "description": description,
        "scope": SCOPE,
    }
