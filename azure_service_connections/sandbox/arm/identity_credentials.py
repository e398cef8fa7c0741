"""Federated credentials of managed identities: which outside tokens stand for the identity.

The refusals are those that Entra's documentation of workload identity federation lists for managed
identities. Azure checks neither that the issuer exists nor that the subject is right; only a token exchange
shows it.
"""

import re

from azure_service_connections.sandbox.arm import identities, locations, resources
from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.arm.errors import ArmError, bad_request, not_found
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

COLLECTION = "federated-credentials"
KIND = f"{identities.KIND}/federatedIdentityCredentials"
LIMIT = 20
"""How many federated credentials one managed identity can have."""
LONGEST = 600
"""The most characters of an issuer, a subject or an audience."""

_NAME = re.compile(r"[A-Za-z0-9][-_A-Za-z0-9]{2,119}")
_ALL = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{identity}/federatedIdentityCredentials"
)
_ONE = _ALL + "/{name}"


def keep(
    cloud: Cloud,
    identity: Document,
    name: str,
    *,
    issuer: str,
    subject: str,
    audiences: list[str],
    description: str | None,
) -> Document:
    """Create a federated credential of an identity, or replace the one with this name."""
    parent = identity["id"].lower()
    held = cloud.store.one(COLLECTION, parent=parent, name=name)
    identifier = (
        held["id"]
        if held is not None
        else cloud.identifiers.guid("federated-credential", f"{parent}/{name.lower()}")
    )
    credential: Document = {
        "id": identifier,
        "parent": parent,
        "clientId": identity["properties"]["clientId"],
        "name": name,
        "issuer": issuer,
        "subject": subject,
        "audiences": audiences,
        "description": description,
    }
    cloud.store.put(COLLECTION, identifier, credential)
    return credential


@routes.get(_ALL)
def list_credentials(call: Call, subscription: str, group: str, identity: str) -> Response:
    """The federated credentials of an identity."""
    parent = _parent(call, subscription, group, identity)
    return Response(200, {"value": [_presented(parent, each) for each in _of(call, parent)]})


@routes.get(_ONE)
def get_credential(call: Call, subscription: str, group: str, identity: str, name: str) -> Response:
    """One federated credential."""
    parent = _parent(call, subscription, group, identity)
    credential = _named(call, parent, name)
    if credential is None:
        raise not_found(
            "NotFound",
            f"The Federated Identity Credential '{name}' of the managed identity '{parent['id']}' was not "
            "found.",
        )
    return Response(200, _presented(parent, credential))


@routes.put(_ONE)
def put_credential(call: Call, subscription: str, group: str, identity: str, name: str) -> Response:
    """Create a federated credential (201) or replace what it trusts (200)."""
    parent = _parent(call, subscription, group, identity)
    if parent["location"] in locations.WITHOUT_IDENTITY_FEDERATION:
        raise ArmError(
            405,
            "MethodNotAllowed",
            "The request format was unexpected: Support for federated identity credentials not enabled.",
        )
    if not _NAME.fullmatch(name):
        raise bad_request(
            "BadRequest",
            f"Federated Identity Credential name '{name}' is invalid. Alphanumeric, dash, underscore, no "
            "more than 3-120 symbols. First symbol is alphanumeric.",
        )
    trusted = _trusted(call)
    held = _of(call, parent)
    existing = _named(call, parent, name)
    for other in held:
        if (
            other["name"].lower() != name.lower()
            and other["issuer"] == trusted["issuer"]
            and other["subject"] == trusted["subject"]
        ):
            raise bad_request(
                "BadRequest", "Issuer and subject combination already exists for this Managed Identity."
            )
    if existing is None and len(held) >= LIMIT:
        # The service's own words for this refusal are not published; the limit is.
        raise bad_request(
            "BadRequest",
            f"The managed identity '{parent['id']}' has the maximum of {LIMIT} Federated Identity "
            "Credentials.",
        )
    credential = keep(
        call.cloud, parent, existing["name"] if existing is not None else name, description=None, **trusted
    )
    return Response(200 if existing is not None else 201, _presented(parent, credential))


@routes.delete(_ONE)
def delete_credential(call: Call, subscription: str, group: str, identity: str, name: str) -> Response:
    """Delete a federated credential (200; 204 where there is none)."""
    parent = _parent(call, subscription, group, identity)
    credential = _named(call, parent, name)
    if credential is None:
        return Response(204)
    call.cloud.store.remove(COLLECTION, credential["id"])
    return Response(200)


def _parent(call: Call, subscription: str, group: str, identity: str) -> Document:
    resources.group_of(call.cloud, subscription, group)
    document = resources.find(call.cloud, identities.identity_id(subscription, group, identity))
    if document is None:
        raise not_found(
            "ParentResourceNotFound",
            "The parent user-assigned managed identity doesn't exist. Create a user-assigned managed "
            "identity before adding federated credentials.",
        )
    return document


def _trusted(call: Call) -> Document:
    properties = call.properties()
    if not properties:
        raise bad_request("BadRequest", "Federated Identity Credential from HTTP body has empty properties.")
    audiences = properties.get("audiences")
    if not properties.get("issuer") or not properties.get("subject") or audiences is None:
        raise bad_request(
            "BadRequest",
            "The request format was unexpected. Federated Identity Credential must specify 'issuer', "
            "'subject' and 'audience'.",
        )
    if not isinstance(audiences, list) or len(audiences) != 1:
        raise bad_request("BadRequest", "Federated Identity Credentials must have exactly 1 audience.")
    trusted: Document = {
        "issuer": properties["issuer"],
        "subject": properties["subject"],
        "audiences": audiences,
    }
    for name, value in (
        ("issuer", trusted["issuer"]),
        ("subject", trusted["subject"]),
        ("audience", audiences[0]),
    ):
        if not isinstance(value, str) or len(value) > LONGEST:
            raise bad_request(
                "BadRequest",
                f"The {name} of a Federated Identity Credential must be a string of at most {LONGEST} "
                "symbols.",
            )
    return trusted


def _of(call: Call, parent: Document) -> list[Document]:
    return call.cloud.store.find(COLLECTION, parent=parent["id"].lower())


def _named(call: Call, parent: Document, name: str) -> Document | None:
    return next((each for each in _of(call, parent) if each["name"].lower() == name.lower()), None)


def _presented(parent: Document, credential: Document) -> Document:
    return {
        "id": f"{parent['id']}/federatedIdentityCredentials/{credential['name']}",
        "name": credential["name"],
        "type": KIND,
        "properties": {
            "issuer": credential["issuer"],
            "subject": credential["subject"],
            "audiences": credential["audiences"],
        },
    }
