"""Addresses of service connections (service endpoints)."""

from typing import Any

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import (
    automatic_identity,
    connection_roles,
    endpoint_rights,
    endpoint_rules,
    issuer_migration,
    scheme_conversion,
    service_connections,
)
from azure_service_connections.sandbox.devops.access import Caller, caller_of, people_only
from azure_service_connections.sandbox.devops.body import json_of, object_of
from azure_service_connections.sandbox.devops.errors import failure_of_service, invalid, unsupported
from azure_service_connections.sandbox.devops.federation import issuer_of_new_connections
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()


@ROUTES.post("/{organization}/_apis/serviceendpoint/endpoints")
@ROUTES.post("/{organization}/{project}/_apis/serviceendpoint/endpoints")
def create(cloud: Cloud, request: Request, organization: str, project: str = "") -> Response:
    """Make a connection. Issuer and subject come from the service, never from the request."""
    document = organization_named(cloud, organization)
    caller = _administrator(cloud, request, document)
    if request.argument("endpointIds"):
        raise unsupported("The sandbox does not refresh the authorization of service connections.")
    body = object_of(request, "endpoint")
    endpoint = endpoint_rules.described(body)
    references = endpoint_rules.references_of(
        cloud,
        document,
        body.get("serviceEndpointProjectReferences"),
        str(body.get("name") or "").strip(),
        str(body.get("description") or ""),
    )
    for reference in references:
        endpoint_rights.require(cloud, caller, "Create", reference["projectId"])
        service_connections.check_name(cloud, reference["projectId"], reference["name"])
    mode = endpoint_rules.creation_mode(endpoint)
    if mode == "Automatic":
        automatic_identity.check_caller(caller)
        automatic_identity.check_environment(endpoint)
    elif mode:
        endpoint["data"]["creationMode"] = mode
        endpoint["data"]["identityType"] = endpoint_rules.identity_type(cloud, endpoint)
    add(cloud, document, caller.identity(cloud, document), endpoint, references)
    if mode == "Automatic":
        automatic_identity.make(cloud, document, caller, endpoint)
        service_connections.save(cloud, endpoint)
    return Response(body=service_connections.document(cloud, document, endpoint))


def add(
    cloud: Cloud,
    organization: Document,
    created_by: dict[str, Any],
    endpoint: Document,
    references: list[Document],
) -> None:
    """Give a connection its id, dates and issuer, and keep it."""
    now = cloud.clock.text()
    first = references[0]
    if "id" not in endpoint:
        name = f"{first['projectId']}/{first['name']}"
        endpoint["id"] = cloud.identifiers.guid("service-connection", name)
    endpoint["organization"] = organization["name"].lower()
    endpoint["references"] = references
    endpoint.setdefault("issuerKind", issuer_of_new_connections(cloud, organization, endpoint))
    endpoint["createdBy"] = created_by
    endpoint["creationDate"] = endpoint["modificationDate"] = now
    endpoint["isReady"] = True
    endpoint["isDisabled"] = False
    service_connections.save(cloud, endpoint)
    # Whoever makes a connection administers it from then on.
    connection_roles.assign(cloud, first["projectId"], endpoint["id"], created_by["id"], "Administrator")
    cloud.faults.created("endpoints", endpoint["id"])


@ROUTES.put("/{organization}/_apis/serviceendpoint/endpoints/{endpoint}")
@ROUTES.put("/{organization}/{project}/_apis/serviceendpoint/endpoints/{endpoint}")
def update(cloud: Cloud, request: Request, organization: str, endpoint: str, project: str = "") -> Response:
    """Change a connection.

    Projects that the request does not name keep it: whether the real service would drop them is not
    documented. A project that is new in the request is added.
    """
    document = organization_named(cloud, organization)
    caller = _administrator(cloud, request, document)
    before = service_connections.required(cloud, document, endpoint)
    endpoint_rights.require(cloud, caller, "Administer", before["references"][0]["projectId"], endpoint)
    body = object_of(request, "endpoint")
    if str(body.get("id") or endpoint).lower() != endpoint.lower():
        raise invalid("The id in the body is not the id in the address.")
    operation = request.argument("operation")
    if operation:
        if project:
            owner = project_of(cloud, document, project)
            if service_connections.reference_in(before, owner["id"]) is None:
                raise service_connections.not_found(endpoint)
        scheme = scheme_conversion.scheme_asked_for(cloud, document, before, body, operation)
        issuer_migration.settle(cloud, before)
        after = scheme_conversion.convert(cloud, document, caller, before, scheme)
        service_connections.save(cloud, after)
        return Response(body=service_connections.document(cloud, document, after))
    after = endpoint_rules.changed(before, endpoint_rules.described(body))
    after["references"] = _changed_references(cloud, document, before, body)
    mode = endpoint_rules.creation_mode(after)
    if mode == "Automatic":
        _keep_automatic(cloud, document, caller, before, after)
    elif mode:
        after["data"]["creationMode"] = mode
        after["data"]["identityType"] = endpoint_rules.identity_type(cloud, after)
        after["isReady"] = True
        after.pop("operationStatus", None)
    after["modificationDate"] = cloud.clock.text()
    if isinstance(body.get("isDisabled"), bool):
        after["isDisabled"] = body["isDisabled"]
    service_connections.save(cloud, after)
    return Response(body=service_connections.document(cloud, document, after))


@ROUTES.patch("/{organization}/_apis/serviceendpoint/endpoints/{endpoint}")
@ROUTES.patch("/{organization}/{project}/_apis/serviceendpoint/endpoints/{endpoint}")
def share(cloud: Cloud, request: Request, organization: str, endpoint: str, project: str = "") -> Response:
    """Share a connection with more projects; renaming it in one that has it fails, as it really does."""
    document = organization_named(cloud, organization)
    caller = _administrator(cloud, request, document)
    held = service_connections.required(cloud, document, endpoint)
    home = held["references"][0]
    endpoint_rights.require(cloud, caller, "Administer", home["projectId"], endpoint)
    for reference in endpoint_rules.references_of(
        cloud, document, json_of(request), home["name"], home["description"]
    ):
        known = service_connections.reference_in(held, reference["projectId"])
        if known is None:
            service_connections.check_name(cloud, reference["projectId"], reference["name"])
            held["references"].append(reference)
        elif known["name"] != reference["name"]:
            raise failure_of_service()
    service_connections.save(cloud, held)
    return Response(204)


@ROUTES.delete("/{organization}/_apis/serviceendpoint/endpoints/{endpoint}")
@ROUTES.delete("/{organization}/{project}/_apis/serviceendpoint/endpoints/{endpoint}")
def delete(cloud: Cloud, request: Request, organization: str, endpoint: str, project: str = "") -> Response:
    """Take a connection from the projects named; it is gone when no project is left.

    The application that the service made for an automatic one stays, unless `deep` is true.
    """
    document = organization_named(cloud, organization)
    _administrator(cloud, request, document)
    held = service_connections.required(cloud, document, endpoint)
    named = [each for each in (request.argument("projectIds") or project).split(",") if each]
    if not named:
        raise invalid("Value cannot be null. (Parameter 'projectIds')", "ArgumentNullException")
    leaving = {project_of(cloud, document, each)["id"] for each in named}
    staying = [each for each in held["references"] if each["projectId"] not in leaving]
    if len(staying) == len(held["references"]):
        raise service_connections.not_found(endpoint)
    if staying:
        held["references"] = staying
        service_connections.save(cloud, held)
    else:
        if endpoint_rules.creation_mode(held) == "Automatic":
            deep = (request.argument("deep") or "").lower() == "true"
            automatic_identity.forget(cloud, held, deep)
        endpoint_rules.check_deletion(cloud, document, held)
        service_connections.remove(cloud, held)
    return Response(204)


@ROUTES.get("/{organization}/{project}/_apis/serviceendpoint/endpoints/{endpoint}")
def show(cloud: Cloud, request: Request, organization: str, project: str, endpoint: str) -> Response:
    """One connection. `null` for one that was just deleted; not ready while its reads are to be in vain."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    held = service_connections.find(cloud, document, endpoint)
    if held is None and service_connections.deleted_just_now(cloud, document, endpoint):
        return Response(null=True)
    if held is None or service_connections.reference_in(held, owner["id"]) is None:
        raise service_connections.not_found(endpoint)
    issuer_migration.settle(cloud, held)
    if not all(cloud.faults.visible(kind, held["id"]) for kind in ("endpoints", "conversions")):
        held["isReady"] = False
        held["operationStatus"] = {"state": "InProgress", "statusMessage": ""}
    return Response(body=service_connections.document(cloud, document, held, owner["id"]))


@ROUTES.get("/{organization}/{project}/_apis/serviceendpoint/endpoints")
def list_all(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """The connections of a project, those of the names, ids, type, schemes or owner that are asked for."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    names = request.argument("endpointNames")
    if names is not None:
        by_name = [service_connections.named(cloud, owner["id"], each) for each in names.split(",")]
        found = [each for each in by_name if each is not None]
    else:
        found = service_connections.in_project(cloud, owner["id"])
    for each in found:
        issuer_migration.settle(cloud, each)
    value = [
        service_connections.document(cloud, document, each, owner["id"])
        for each in found
        if _asked_for(request, each)
    ]
    return Response(body={"count": len(value), "value": value})


@ROUTES.get("/{organization}/_apis/serviceendpoint/endpoints")
@ROUTES.get("/{organization}/_apis/serviceendpoint/endpoints/{endpoint}")
def read_without_project(cloud: Cloud, request: Request, organization: str, endpoint: str = "") -> Response:
    """405: connections are read through a project, as the service's list of addresses says."""
    organization_named(cloud, organization)
    message = "The requested resource does not support http method 'GET'."
    return Response(405, {"count": 1, "value": {"Message": message}})


def _keep_automatic(
    cloud: Cloud, organization: Document, caller: Caller, before: Document, after: Document
) -> None:
    """Keep the identity of an automatic connection; make one if it had none, a role where its scope moved."""
    if endpoint_rules.creation_mode(before) != "Automatic" or not before["data"].get("appObjectId"):
        automatic_identity.check_caller(caller)
        automatic_identity.make(cloud, organization, caller, after)
        return
    after["data"]["creationMode"] = "Automatic"
    held = before["authorization"]["parameters"]
    parameters = after["authorization"]["parameters"]
    parameters["serviceprincipalid"] = held["serviceprincipalid"]
    if automatic_identity.scope_of(after).lower() == automatic_identity.scope_of(before).lower():
        if "scope" in held:
            parameters["scope"] = held["scope"]
        return
    automatic_identity.check_caller(caller)
    automatic_identity.grant(cloud, caller, after)


def _administrator(cloud: Cloud, request: Request, organization: Document) -> Caller:
    return people_only(caller_of(cloud, request, organization), "Administer service connections")


def _asked_for(request: Request, endpoint: Document) -> bool:
    ids = request.argument("endpointIds")
    failed = (endpoint.get("operationStatus") or {}).get("state") == "Failed"
    if failed and (request.argument("includeFailed") or "").lower() != "true":
        return False
    wanted_type, schemes = request.argument("type"), request.argument("authSchemes")
    owner = request.argument("owner")
    return (
        (not ids or endpoint["id"] in ids.lower().split(","))
        and (not wanted_type or endpoint["type"] == wanted_type.lower())
        and (not schemes or endpoint["authorization"]["scheme"].lower() in schemes.lower().split(","))
        and (not owner or endpoint["owner"].lower() == owner.lower())
    )


def _changed_references(
    cloud: Cloud, organization: Document, before: Document, body: dict[str, Any]
) -> list[Document]:
    """The projects after an update.

    A client may rename with the connection's own name or with the one in the project's reference: the one
    that differs from what is kept counts.
    """
    own_name = str(body.get("name") or "").strip()
    own_description = str(body.get("description") or "")
    held: dict[str, Document] = {each["projectId"]: each for each in before["references"]}
    home = before["references"][0]
    for reference in endpoint_rules.references_of(
        cloud, organization, body.get("serviceEndpointProjectReferences"), own_name, own_description
    ):
        known = held.get(reference["projectId"])
        if known is not None and known["projectId"] == home["projectId"]:
            if reference["name"] == known["name"] and own_name:
                reference["name"] = own_name
            if reference["description"] == known["description"] and "description" in body:
                reference["description"] = own_description
        service_connections.check_name(cloud, reference["projectId"], reference["name"], before["id"])
        held[reference["projectId"]] = reference
    return list(held.values())
