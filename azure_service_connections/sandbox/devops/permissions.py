"""Whether the caller may do something: the address at which clients ask before they try."""

from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import endpoint_rights
from azure_service_connections.sandbox.devops.access import Caller, caller_of
from azure_service_connections.sandbox.devops.errors import unsupported
from azure_service_connections.sandbox.devops.organizations import organization_named
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

COLLECTION: Final = "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
"""The namespace of what belongs to the organization as a whole (Azure DevOps' page on namespaces)."""


@ROUTES.get("/{organization}/_apis/permissions/{namespace}/{permissions}")
def has_permissions(
    cloud: Cloud, request: Request, organization: str, namespace: str, permissions: str
) -> Response:
    """Whether the caller holds permissions of the organization, one answer for each token asked about.

    Whoever may sign in administers a sandbox's organization, unless it names its `administrators`.
    """
    document = organization_named(cloud, organization)
    caller = caller_of(cloud, request, document)
    tokens = (request.argument("tokens") or "").split(request.argument("delimiter") or ",")
    if namespace.lower() == endpoint_rights.NAMESPACE:
        bits = int(permissions) if permissions.isdigit() else 0
        held = [endpoint_rights.holds(cloud, caller, token, bits) for token in tokens]
        return Response(body={"count": len(held), "value": held})
    if namespace.lower() != COLLECTION:
        raise unsupported(f"The sandbox does not evaluate permissions of the namespace {namespace}.")
    value = [_administers(document, caller)] * len(tokens)
    return Response(body={"count": len(value), "value": value})


@ROUTES.get("/{organization}/_apis/securitynamespaces/{namespace}")
def show_namespace(cloud: Cloud, request: Request, organization: str, namespace: str) -> Response:
    """A namespace with its actions and their bits; none where there is no such namespace."""
    value = [endpoint_rights.described()] if namespace.lower() == endpoint_rights.NAMESPACE else []
    return Response(body={"count": len(value), "value": value})


def _administers(organization: Document, caller: Caller) -> bool:
    named = organization.get("administrators")
    return caller.kind != "run" and (named is None or caller.id in named)
