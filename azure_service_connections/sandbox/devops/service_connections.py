"""The service connections that an organization holds, and how they look on the wire.

A stored connection keeps its secrets, the projects that it is used in (`references`, the first is the one
that it was made in) and the kind of its issuer. `endpoint-names` finds it by project and name.
"""

from datetime import datetime
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.errors import DevOpsError
from azure_service_connections.sandbox.devops.federation import (
    ISSUER_TYPES,
    issuer_and_subject,
    issuer_kind,
)
from azure_service_connections.sandbox.store import Document

SECRETS: Final = (
    "serviceprincipalkey",
    "serviceprincipalcertificate",
    "publishprofile",
    "accesstoken",
    "password",
)
"""Parameters, in lower case, that are taken and never given back."""

DELETION_SECONDS: Final = 300
"""So long a deleted connection reads as `null`; afterwards it was never there.

What the real service answers is not documented; its Terraform provider needs `null` after its own delete and
404 for a connection that somebody else deleted.
"""


def find(cloud: Cloud, organization: Document, endpoint_id: str) -> Document | None:
    """The connection with this id in the organization, or None."""
    endpoint = cloud.store.get("endpoints", endpoint_id.lower())
    if endpoint is None or endpoint["organization"] != organization["name"].lower():
        return None
    return endpoint


def required(cloud: Cloud, organization: Document, endpoint_id: str) -> Document:
    """The connection with this id. Raises 404 where there is none."""
    endpoint = find(cloud, organization, endpoint_id)
    if endpoint is None:
        raise not_found(endpoint_id)
    return endpoint


def not_found(endpoint_id: str) -> DevOpsError:
    """404; the words of the real service for it are not documented."""
    return DevOpsError(
        404,
        "ServiceEndpointNotFoundException",
        f"Service connection with id {endpoint_id} does not exist or you do not have permission to "
        "access it.",
    )


def named(cloud: Cloud, project_id: str, name: str) -> Document | None:
    """The connection that a project knows under this name (in any case), or None."""
    entry = cloud.store.get("endpoint-names", _key(project_id, name))
    return cloud.store.get("endpoints", entry["endpoint"]) if entry else None


def in_project(cloud: Cloud, project_id: str) -> list[Document]:
    """The connections that are used in a project, in order of creation."""
    prefix = _key(project_id, "")
    entries = (
        cloud.store.get("endpoint-names", key)
        for key in cloud.store.keys("endpoint-names")
        if key.startswith(prefix)
    )
    here = {entry["endpoint"] for entry in entries if entry is not None}
    ordered = (key for key in cloud.store.keys("endpoints") if key in here)
    return [each for key in ordered if (each := cloud.store.get("endpoints", key)) is not None]


def reference_in(endpoint: Document, project_id: str) -> Document | None:
    """How a project refers to a connection (name and description there), or None where it does not."""
    for reference in endpoint["references"]:
        if reference["projectId"] == project_id.lower():
            found: Document = reference
            return found
    return None


def check_name(cloud: Cloud, project_id: str, name: str, endpoint_id: str = "") -> None:
    """Refuse a name that another connection of the project has.

    The words are the live service's; the status 409 and the type key are a fair choice.
    """
    other = named(cloud, project_id, name)
    if other is not None and other["id"] != endpoint_id:
        raise DevOpsError(
            409,
            "DuplicateServiceConnectionException",
            f"Service connection with name {name} already exists. Only a user having Administrator/User role "
            f"permissions on service connection {name} can see it.",
        )


def save(cloud: Cloud, endpoint: Document) -> None:
    """Keep a new or changed connection."""
    before = cloud.store.get("endpoints", endpoint["id"])
    for reference in before["references"] if before else []:
        cloud.store.remove("endpoint-names", _key(reference["projectId"], reference["name"]))
    for reference in endpoint["references"]:
        cloud.store.put(
            "endpoint-names", _key(reference["projectId"], reference["name"]), {"endpoint": endpoint["id"]}
        )
    cloud.store.put("endpoints", endpoint["id"], endpoint)


def remove(cloud: Cloud, endpoint: Document) -> None:
    """Forget a connection that no project uses any more, with the permissions, roles and checks on it."""
    for reference in endpoint["references"]:
        cloud.store.remove("endpoint-names", _key(reference["projectId"], reference["name"]))
    for key in cloud.store.keys("pipeline-permissions"):
        if key.endswith(f"/endpoint/{endpoint['id']}"):
            cloud.store.remove("pipeline-permissions", key)
    for key in cloud.store.keys("connection-roles"):
        if key.partition("/")[0].endswith(f"_{endpoint['id']}"):
            cloud.store.remove("connection-roles", key)
    for key in cloud.store.keys("inheritance"):
        if key.endswith(f"_{endpoint['id']}"):
            cloud.store.remove("inheritance", key)
    for check in cloud.store.find("checks", organization=endpoint["organization"]):
        if check["resource"]["id"] == endpoint["id"]:
            cloud.store.remove("checks", f"{check['organization']}/{check['id']}")
    cloud.store.remove("endpoints", endpoint["id"])
    cloud.store.put(
        "deleted-endpoints",
        endpoint["id"],
        {"organization": endpoint["organization"], "at": cloud.clock.timestamp()},
    )


def deleted_just_now(cloud: Cloud, organization: Document, endpoint_id: str) -> bool:
    """Whether the connection was deleted so recently that a read still answers `null`."""
    entry = cloud.store.get("deleted-endpoints", endpoint_id.lower())
    if entry is None or entry["organization"] != organization["name"].lower():
        return False
    return bool(cloud.clock.timestamp() - entry["at"] < DELETION_SECONDS)


def home_project(cloud: Cloud, endpoint: Document) -> Document:
    """The project that a connection was made in."""
    project = cloud.store.get("projects", endpoint["references"][0]["projectId"])
    if project is None:
        raise not_found(endpoint["id"])
    return project


def document(
    cloud: Cloud, organization: Document, endpoint: Document, project_id: str | None = None
) -> dict[str, Any]:
    """A connection on the wire, as the given project names it; secrets are null."""
    references = endpoint["references"]
    own = (reference_in(endpoint, project_id) if project_id else None) or references[0]
    body: dict[str, Any] = {
        "id": endpoint["id"],
        "name": own["name"],
        "type": endpoint["type"],
        "url": endpoint["url"],
        "owner": endpoint["owner"],
        "description": own["description"],
        "isReady": endpoint["isReady"],
        "isShared": len(references) > 1,
        "isDisabled": endpoint.get("isDisabled", False),
        "isOutdated": False,
        "data": _data(cloud, endpoint),
        "authorization": {
            "scheme": endpoint["authorization"]["scheme"],
            "parameters": _parameters(cloud, organization, endpoint),
        },
        "createdBy": endpoint["createdBy"],
        "creationDate": endpoint["creationDate"],
        "modificationDate": endpoint["modificationDate"],
        "serviceEndpointProjectReferences": [_reference(cloud, reference) for reference in references],
    }
    if endpoint.get("operationStatus"):
        body["operationStatus"] = endpoint["operationStatus"]
    return body


def _data(cloud: Cloud, endpoint: Document) -> dict[str, str]:
    """The data, with the deadline of a reversion only while one is possible."""
    reversion = endpoint.get("reversion")
    over = reversion is None or cloud.clock.now() >= datetime.fromisoformat(reversion["until"])
    return {
        name: value
        for name, value in endpoint["data"].items()
        if not (over and name == "revertSchemeDeadline")
    }


def _parameters(cloud: Cloud, organization: Document, endpoint: Document) -> dict[str, Any]:
    parameters = {
        name: None if name.lower() in SECRETS else value
        for name, value in endpoint["authorization"]["parameters"].items()
    }
    if endpoint["authorization"]["scheme"] == "WorkloadIdentityFederation":
        issuer, subject = issuer_and_subject(cloud, organization, home_project(cloud, endpoint), endpoint)
        parameters["workloadIdentityFederationIssuer"] = issuer
        parameters["workloadIdentityFederationSubject"] = subject
        parameters["workloadIdentityFederationIssuerType"] = ISSUER_TYPES[issuer_kind(organization, endpoint)]
    return parameters


def _reference(cloud: Cloud, reference: Document) -> dict[str, Any]:
    project = cloud.store.get("projects", reference["projectId"])
    return {
        "projectReference": {
            "id": reference["projectId"],
            "name": project["name"] if project else reference["projectId"],
        },
        "name": reference["name"],
        "description": reference["description"],
    }


def _key(project_id: str, name: str) -> str:
    return f"{project_id.lower()}/{name.casefold()}"
