"""Identity tokens for running jobs: the assertion with which a job signs in to Entra."""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import (
    execution_history,
    pipeline_permissions,
    service_connections,
)
from azure_service_connections.sandbox.devops.access import caller_of
from azure_service_connections.sandbox.devops.body import json_of
from azure_service_connections.sandbox.devops.definitions import pipeline_of
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.federation import (
    DEVOPS_APPLICATION,
    devops_issuer,
    issuer_and_subject,
    issuer_kind,
    pipeline_subject,
)
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

AUDIENCE: Final = "api://AzureADTokenExchange"
"""The audience of the tokens, which a federated credential names as well.

The one public sample of a token by Entra's issuer names an id of Microsoft's in its place; what a federated
credential is made with, and so what an exchange can be checked against, is this.
"""

NATIONAL_AUDIENCES: Final = {
    "AzureUSGovernment": "api://AzureADTokenExchangeUSGov",
    "AzureChinaCloud": "api://AzureADTokenExchangeChina",
}
"""The audience of connections to a national cloud: what Entra's documentation recommends there.

That Azure DevOps signs with it is not documented.
"""

LIFETIME_SECONDS: Final = {"devops": 600, "entra": 86400}
"""Life of a token by the kind of its issuer: ten minutes, and about a day as in the public sample."""

_HUBS: Final = ("build", "rm", "checks", "gates")


@ROUTES.post("/{organization}/{project}/_apis/distributedtask/hubs/{hub}/plans/{plan}/jobs/{job}/oidctoken")
def issue(
    cloud: Cloud, request: Request, organization: str, project: str, hub: str, plan: str, job: str
) -> Response:
    """A token for a running job: of one service connection, or of the pipeline where none is named.

    Raises 401 for a token of another run or one that is over, 403 where the pipeline may not use the
    connection, 404 where the project has no such connection.
    """
    document = organization_named(cloud, organization)
    caller = caller_of(cloud, request, document)
    owner = project_of(cloud, document, project)
    _check_body(request)
    run = caller.run
    if run is None:
        raise _refused(403, f"{caller.name} is not a job and gets no token of one.")
    mine = (run["projectId"], run["planId"], run["jobId"]) == (owner["id"], plan.lower(), job.lower())
    if hub.lower() not in _HUBS or not mine:
        raise _refused(
            403, f"The access token belongs to run {run['id']} and not to the job {job} of plan {plan}."
        )
    pipeline = pipeline_of(cloud, owner, str(run["pipelineId"]))
    if pipeline is None:
        raise _refused(404, f"The pipeline of run {run['id']} does not exist any more.")
    endpoint_id = request.argument("serviceConnectionId")
    if not endpoint_id:
        subject = pipeline_subject(document, owner, pipeline)
        return _token(cloud, "devops", devops_issuer(document), subject, {})
    endpoint = service_connections.find(cloud, document, endpoint_id)
    if endpoint is None or service_connections.reference_in(endpoint, owner["id"]) is None:
        raise service_connections.not_found(endpoint_id)
    if endpoint.get("isDisabled"):
        raise _refused(403, f"The service connection {endpoint_id} is disabled.")
    if not pipeline_permissions.allows(cloud, owner, endpoint["id"], pipeline["id"]):
        raise _refused(
            403,
            f"The pipeline {pipeline['name']} is not authorized to use the service connection {endpoint_id}.",
        )
    if endpoint["authorization"]["scheme"] != "WorkloadIdentityFederation":
        raise invalid(
            f"The service connection {endpoint_id} uses the scheme {endpoint['authorization']['scheme']} "
            "and has no federated identity."
        )
    execution_history.note(cloud, run, endpoint["id"])
    return Response(body={"oidcToken": assertion(cloud, document, endpoint)})


def assertion(cloud: Cloud, organization: Document, endpoint: Document) -> str:
    """A fresh token that says to be this connection, signed by the issuer of its kind."""
    kind = issuer_kind(organization, endpoint)
    project = service_connections.home_project(cloud, endpoint)
    issuer, subject = issuer_and_subject(cloud, organization, project, endpoint)
    environment = endpoint["data"].get("environment")
    more: dict[str, Any] = {"aud": NATIONAL_AUDIENCES.get(environment, AUDIENCE)}
    if kind == "entra":
        tenant = endpoint["authorization"]["parameters"].get("tenantid") or organization["tenantId"]
        more |= {"azp": DEVOPS_APPLICATION, "azpacr": "2", "idtyp": "app", "tid": tenant, "ver": "2.0"}
    return _signed(cloud, kind, issuer, subject, more)


def _token(cloud: Cloud, kind: str, issuer: str, subject: str, more: dict[str, Any]) -> Response:
    return Response(body={"oidcToken": _signed(cloud, kind, issuer, subject, more)})


def _signed(cloud: Cloud, kind: str, issuer: str, subject: str, more: dict[str, Any]) -> str:
    now = cloud.clock.timestamp()
    claims = {
        "jti": cloud.identifiers.guid("assertion", subject),
        "sub": subject,
        "aud": AUDIENCE,
        "iss": issuer,
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME_SECONDS[kind],
        **more,
    }
    return cloud.signing.sign(kind, claims)


def _check_body(request: Request) -> None:
    """Take no body, an empty one, or a map of texts, as the clients in use send them."""
    body = json_of(request)
    if body is not None and not (
        isinstance(body, dict) and all(isinstance(each, str) for each in body.values())
    ):
        raise invalid("The value of 'claims' is not an object of texts.", "VssPropertyValidationException")


def _refused(status: int, message: str) -> DevOpsError:
    return DevOpsError(status, "AuthorizationException", message)
