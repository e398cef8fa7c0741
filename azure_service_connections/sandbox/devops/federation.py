"""Whom the tokens of a service connection come from and what they say it is: issuer and subject.

Azure DevOps has two issuers. The older is its own and writes the names of organization, project and
connection into the subject, so that a rename changes it. The newer is Entra's and writes ids, which stay.
"""

import base64
import uuid
from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.issuers import DEVOPS_ISSUER_ENDS
from azure_service_connections.sandbox.store import Document

DEVOPS_APPLICATION: Final = "499b84ac-1321-427f-aa17-267ca6975798"
"""Azure DevOps' own application in Entra."""

ISSUER_TYPES: Final = {"entra": "EntraID", "devops": "AzureDevOps"}
"""`workloadIdentityFederationIssuerType`; only `EntraID` is documented, the other is a fair choice."""


def issuer_and_subject(
    cloud: Cloud, organization: Document, project: Document, endpoint: Document
) -> tuple[str, str]:
    """Issuer and subject of a connection's tokens; `project` is the one that the connection was made in.

    The tenant is the connection's own: which one it is when the organization's tenant differs is not
    documented.
    """
    if issuer_kind(organization, endpoint) == "devops":
        name = _name_in(endpoint, project["id"])
        return devops_issuer(organization), f"sc://{organization['name']}/{project['name']}/{name}"
    tenant = str(endpoint["authorization"]["parameters"].get("tenantid") or organization["tenantId"]).lower()
    subject = (
        f"/eid1/c/pub/t/{short_guid(tenant)}/a/{short_guid(DEVOPS_APPLICATION)}"
        f"/sc/{organization['id']}/{endpoint['id']}"
    )
    return f"https://login.microsoftonline.com/{tenant}/v2.0", subject


def issuer_kind(organization: Document, endpoint: Document) -> str:
    """`entra` or `devops`: what the connection was made with.

    Sovereign clouds and Azure Stack stay with Azure DevOps' own issuer, whatever the organization has.
    """
    if endpoint.get("issuerKind"):
        return str(endpoint["issuerKind"])
    return _of_new_connections(organization, endpoint)


def issuer_of_new_connections(cloud: Cloud, organization: Document, endpoint: Document) -> str:
    """`entra` or `devops`: what a connection gets when it is made, or converted from a secret.

    After the older issuer's end only what has to stay with it still gets it: other clouds, and (in an
    organization that was switched back) applications of several tenants. That the service will do so by
    itself is a fair choice.
    """
    kind = _of_new_connections(organization, endpoint)
    if kind == "entra" or endpoint["data"].get("environment", "AzureCloud") != "AzureCloud":
        return kind
    if cloud.clock.now() < DEVOPS_ISSUER_ENDS:
        return kind
    client_id = str(endpoint["authorization"]["parameters"].get("serviceprincipalid") or "").lower()
    application = cloud.store.one("applications", appId=client_id) or {}
    return "entra" if application.get("signInAudience", "AzureADMyOrg") == "AzureADMyOrg" else kind


def devops_issuer(organization: Document) -> str:
    """Azure DevOps' own issuer for an organization."""
    return f"https://vstoken.dev.azure.com/{organization['id']}"


def pipeline_subject(organization: Document, project: Document, pipeline: Document) -> str:
    """The subject of a token that belongs to a pipeline and to no connection."""
    return f"p://{organization['name']}/{project['name']}/{pipeline['name']}"


def short_guid(text: str) -> str:
    """A GUID's 16 bytes in .NET's order, as base64url without padding; the text itself where it is none."""
    try:
        value = uuid.UUID(text)
    except ValueError:
        return text
    return base64.urlsafe_b64encode(value.bytes_le).rstrip(b"=").decode()


def _of_new_connections(organization: Document, endpoint: Document) -> str:
    if endpoint.get("data", {}).get("environment", "AzureCloud") != "AzureCloud":
        return "devops"
    return str(organization.get("issuer", "entra"))


def _name_in(endpoint: Document, project_id: str) -> str:
    for reference in endpoint["references"]:
        if reference["projectId"] == project_id:
            return str(reference["name"])
    return str(endpoint["references"][0]["name"])
