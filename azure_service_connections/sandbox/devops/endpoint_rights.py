"""What people may do with the service connections of a project: the security namespace ServiceEndpoints.

Its tokens are `endpoints/PROJECT` and `endpoints/PROJECT/CONNECTION`. The names of its actions are those of
Azure DevOps' page "Security namespaces and permissions"; their bits are not documented, so clients ask for
them, and these are a fair choice that agrees with the bits of the roles.
"""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.access import Caller, forbidden
from azure_service_connections.sandbox.store import Document

NAMESPACE: Final = "49b48001-ca20-4adc-8111-5b60c903a50c"
ACTIONS: Final = {"Use": 1, "Administer": 2, "Create": 4, "ViewAuthorization": 8, "ViewEndpoint": 16}

_KEPT_FOR_ADMINISTRATORS: Final = ("Administer", "Create")


def described() -> dict[str, Any]:
    """The namespace as Azure DevOps answers it."""
    return {
        "namespaceId": NAMESPACE,
        "name": "ServiceEndpoints",
        "displayName": "Service Endpoints",
        "separatorValue": "/",
        "writePermission": 2,
        "readPermission": 1,
        "actions": [
            {"bit": bit, "name": name, "displayName": name, "namespaceId": NAMESPACE}
            for name, bit in ACTIONS.items()
        ],
    }


def may(cloud: Cloud, caller: Caller, action: str, project_id: str, endpoint_id: str = "") -> bool:
    """Whether somebody may do something with the connections of a project, or with one of them.

    A project that names its `endpointAdministrators` lets only them make and administer connections, beside
    who administers one of them; any other project lets everybody do so who may sign in.
    """
    if action not in _KEPT_FOR_ADMINISTRATORS:
        return True
    if caller.kind == "run":
        return False
    project = cloud.store.get("projects", project_id.lower()) or {}
    named = project.get("endpointAdministrators")
    if named is None or caller.id in named:
        return True
    return bool(endpoint_id) and any(
        each["role"] == "Administrator" and each["identityId"] == caller_identity(cloud, project, caller)
        for each in cloud.store.find(
            "connection-roles", projectId=project_id.lower(), endpointId=endpoint_id.lower()
        )
    )


def caller_identity(cloud: Cloud, project: Document, caller: Caller) -> str:
    """The id by which the organization of a project knows a caller."""
    organization = cloud.store.get("organizations", str(project.get("organization", "")).lower())
    return str(caller.identity(cloud, organization)["id"]) if organization else caller.id


def require(cloud: Cloud, caller: Caller, action: str, project_id: str, endpoint_id: str = "") -> None:
    """Raise 403 where somebody may not do something."""
    if not may(cloud, caller, action, project_id, endpoint_id):
        raise forbidden(caller, f"{action} service connections")


def holds(cloud: Cloud, caller: Caller, token: str, bits: int) -> bool:
    """Whether a caller holds every permission of a mask on a token."""
    kind, _, rest = token.partition("/")
    project_id, _, endpoint_id = rest.partition("/")
    if kind.lower() != "endpoints" or not cloud.store.get("projects", project_id.lower()):
        return False
    return all(
        may(cloud, caller, name, project_id, endpoint_id) for name, bit in ACTIONS.items() if bits & bit
    )
