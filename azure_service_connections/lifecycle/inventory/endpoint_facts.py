"""What the service's answer about a connection says: its credential, its scope and where it stands."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from azure_service_connections.catalogue import clouds
from azure_service_connections.catalogue.identifiers import as_azure_spells
from azure_service_connections.catalogue.issuers import issuer_kind
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED, SECRET, Project

_GROUP_SEGMENT = re.compile(r"/resourcegroups/([^/]+)", re.IGNORECASE)
_WORKSPACES = "providers/Microsoft.MachineLearningServices/workspaces"


def facts(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a connection that its own answer decides."""
    authorization = endpoint.get("authorization") or {}
    parameters = {key.lower(): value or "" for key, value in (authorization.get("parameters") or {}).items()}
    data = endpoint.get("data") or {}
    scheme = str(authorization.get("scheme") or "")
    issuer = parameters.get("workloadidentityfederationissuer", "")
    status = endpoint.get("operationStatus") or {}
    scope = _scope(data, parameters)
    group = _GROUP_SEGMENT.search(scope)
    return {
        "id": str(endpoint["id"]).lower(),
        "owner": str((endpoint.get("createdBy") or {}).get("uniqueName") or ""),
        "created": time_of(endpoint.get("creationDate")),
        "modified": time_of(endpoint.get("modificationDate")),
        "scheme": scheme,
        "creation_mode": data.get("creationMode") or "",
        "identity_type": data.get("identityType") or "",
        "cloud": data.get("environment") or clouds.PUBLIC.environment,
        "server_url": endpoint.get("url") or "",
        "tenant_id": parameters.get("tenantid", "").lower(),
        "client_id": parameters.get("serviceprincipalid", "").lower(),
        "credential_kind": _credential_kind(scheme, parameters),
        "issuer_kind": (issuer_kind(issuer) or "") if issuer else "",
        "issuer": issuer,
        "subject": parameters.get("workloadidentityfederationsubject", ""),
        "scope": scope,
        "scope_level": data.get("scopeLevel") or "",
        "subscription_name": data.get("subscriptionName") or "",
        "management_group_name": data.get("managementGroupName") or "",
        "resource_group": group[1] if group else "",
        "workspace": data.get("mlWorkspaceName") or "",
        "workspace_location": data.get("mlWorkspaceLocation") or "",
        "ready": endpoint.get("isReady") is not False,
        "disabled": bool(endpoint.get("isDisabled")),
        "status": ""
        if endpoint.get("isReady") is not False
        else str(status.get("statusMessage") or status.get("state") or ""),
        "revert_deadline": time_of(data.get("revertSchemeDeadline")),
    }


def projects_of(endpoints: Sequence[Mapping[str, Any]]) -> tuple[Project, ...]:
    """The projects that have a connection, from the answers of every list that it stands in.

    An answer names them all, the one that the connection was made in first; one that does not (an operator
    who may read little gets less) is taken for the project in which it was listed.
    """
    found: dict[str, Project] = {}
    for endpoint in endpoints:
        for reference in endpoint.get("serviceEndpointProjectReferences") or ():
            project = reference.get("projectReference") or {}
            key = str(project.get("id") or "").lower()
            if key:
                found.setdefault(
                    key,
                    Project(
                        id=key,
                        name=str(project.get("name") or key),
                        connection_name=str(reference.get("name") or endpoint["name"]),
                        description=str(reference.get("description") or ""),
                    ),
                )
    return tuple(found.values())


def time_of(text: Any) -> datetime | None:
    """A time of the services, of which some leave out the zone and mean UTC; None where it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _credential_kind(scheme: str, parameters: Mapping[str, Any]) -> str:
    if scheme == FEDERATED:
        return "federated"
    if scheme == SECRET:
        kind = str(parameters.get("authenticationtype", "")).lower()
        return "certificate" if kind == "spncertificate" else "secret"
    return "publishProfile" if scheme == "PublishProfile" else "none"


def _scope(data: Mapping[str, Any], parameters: Mapping[str, str]) -> str:
    """The full id of what a connection is for.

    A resource group stands in the parameter `scope` of one at the level of its subscription.
    """
    level = str(data.get("scopeLevel") or "").lower()
    subscription = f"/subscriptions/{str(data.get('subscriptionId') or '').lower()}"
    if level == "managementgroup":
        return f"/providers/Microsoft.Management/managementGroups/{data.get('managementGroupId') or ''}"
    if level == "azuremlworkspace":
        group = f"{subscription}/resourceGroups/{data.get('resourceGroupName') or ''}"
        return f"{group}/{_WORKSPACES}/{data.get('mlWorkspaceName') or ''}"
    if resource := data.get("resourceId"):
        return str(resource)
    if scope := parameters.get("scope", ""):
        return _GROUP_SEGMENT.sub(r"/resourceGroups/\1", as_azure_spells(scope))
    return subscription if data.get("subscriptionId") else ""
