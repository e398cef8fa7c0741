"""The managed identity of the machine that runs a job, offered to programs as hosts in Azure do.

It is the form of App Service and Container Apps, which can run agents: two variables say where tokens are and
with which header. Source: "REST endpoint reference" in Microsoft's page on managed identities for App Service
and Azure Functions. Its refusals are not documented; the words here are those that people report.
"""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import runs
from azure_service_connections.sandbox.entra.access_tokens import LIFETIME_SECONDS, issue
from azure_service_connections.sandbox.entra.sign_in import knows_resource
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

_VERSION: Final = "2019-08-01"
_NAMES: Final = {"client_id": "appId", "object_id": "id", "principal_id": "id", "mi_res_id": "resourceId"}
"""By what a request may name one of several identities of a machine, and where a principal holds that."""


def variables(cloud: Cloud, organization: str, run: str) -> dict[str, str]:
    """The variables through which programs on the run's agent find its identity; none where it has none."""
    if runs.identity_of_agent(cloud, organization, run) is None:
        return {}
    return {
        "IDENTITY_ENDPOINT": f"{cloud.url}/_sandbox/organizations/{organization}/runs/{run}/identity",
        "IDENTITY_HEADER": _header(cloud, organization, run),
    }


@ROUTES.get("/_sandbox/organizations/{organization}/runs/{run}/identity")
def show_token(cloud: Cloud, request: Request, organization: str, run: str) -> Response:
    """An access token of the identity for `resource`, as long as the run is in progress.

    A request that names no identity gets the one of the machine: of Azure's hosts, virtual machines take the
    only user-assigned one so, App Service a system-assigned one.
    """
    if request.header("X-IDENTITY-HEADER") != _header(cloud, organization, run):
        return _refusal(401, "The header X-IDENTITY-HEADER is missing or is not that of this machine.")
    if request.argument("api-version") != _VERSION:
        return _refusal(400, f"The api-version is missing or is not {_VERSION}.")
    principal = runs.identity_of_agent(cloud, organization, run)
    if principal is None or not _is_asked_for(request, principal):
        return _refusal(
            400,
            "No User Assigned or Delegated Managed Identity found for specified "
            "ClientId/ResourceId/PrincipalId.",
        )
    resource = (request.argument("resource") or "").strip()
    tenant = cloud.store.get("tenants", principal["tenantId"])
    assert tenant is not None, "every principal has its tenant"
    if not resource or not principal["accountEnabled"] or not knows_resource(cloud, tenant, resource):
        return _refusal(500, "An unexpected error occured while fetching the AAD Token.")
    now = cloud.clock.timestamp()
    body: dict[str, Any] = {
        "access_token": issue(cloud, tenant["id"], principal, resource),
        "client_id": principal["appId"],
        "expires_on": str(now + LIFETIME_SECONDS),
        "not_before": str(now),
        "resource": resource,
        "token_type": "Bearer",
    }
    return Response(body=body)


def _is_asked_for(request: Request, principal: Document) -> bool:
    return all(
        asked.lower() == str(principal[held]).lower()
        for name, held in _NAMES.items()
        if (asked := request.argument(name)) is not None
    )


def _header(cloud: Cloud, organization: str, run: str) -> str:
    return cloud.identifiers.derived("identity-header", organization.lower(), run)


def _refusal(status: int, message: str) -> Response:
    return Response(status, {"statusCode": status, "message": message})
