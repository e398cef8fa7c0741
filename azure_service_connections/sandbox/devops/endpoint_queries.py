"""Addresses that look through a service connection: its test, and who used it."""

from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import endpoint_rules, execution_history, service_connections
from azure_service_connections.sandbox.devops.access import caller_of, people_only
from azure_service_connections.sandbox.devops.body import object_of, whole_number
from azure_service_connections.sandbox.devops.connection_test import test_connection
from azure_service_connections.sandbox.devops.errors import invalid, unsupported
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()

_HISTORY_PAGE: Final = 50


@ROUTES.post("/{organization}/{project}/_apis/serviceendpoint/endpointproxy")
def query_through(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """Try a connection: `TestConnection` signs in with its identity and reads its scope."""
    document = organization_named(cloud, organization)
    people_only(caller_of(cloud, request, document), "Use service connections")
    owner = project_of(cloud, document, project)
    endpoint_id = request.argument("endpointId")
    if not endpoint_id:
        raise invalid("Value cannot be null. (Parameter 'endpointId')", "ArgumentNullException")
    held = service_connections.required(cloud, document, endpoint_id)
    if service_connections.reference_in(held, owner["id"]) is None:
        raise service_connections.not_found(endpoint_id)
    body = object_of(request, "serviceEndpointRequest")
    source = (body.get("dataSourceDetails") or {}).get("dataSourceName")
    if source != "TestConnection":
        raise unsupported(f"The sandbox does not serve the data source {source} of a service connection.")
    details = body.get("serviceEndpointDetails")
    if isinstance(details, dict) and details.get("authorization"):
        tried = endpoint_rules.changed(held, endpoint_rules.described(details))
        parameters = tried["authorization"]["parameters"]
        if not parameters.get("serviceprincipalid"):
            # A client leaves out the identity that the service made by itself.
            parameters["serviceprincipalid"] = held["authorization"]["parameters"].get("serviceprincipalid")
        held = tried
    return Response(body=test_connection(cloud, document, held))


@ROUTES.get("/{organization}/{project}/_apis/serviceendpoint/{endpoint}/executionhistory")
def list_executions(
    cloud: Cloud, request: Request, organization: str, project: str, endpoint: str
) -> Response:
    """The runs that used a connection, the newest first."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    held = service_connections.required(cloud, document, endpoint)
    if service_connections.reference_in(held, owner["id"]) is None:
        raise service_connections.not_found(endpoint)
    records = execution_history.records(cloud, document, held["id"])
    start = whole_number(request, "continuationToken", 0)
    top = whole_number(request, "top", _HISTORY_PAGE)
    page = records[start : start + top]
    more = start + top < len(records)
    headers = {"X-MS-ContinuationToken": str(start + top)} if more else {}
    return Response(body={"count": len(page), "value": page}, headers=headers)
