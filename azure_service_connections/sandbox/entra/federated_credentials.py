"""Federated credentials of applications: which tokens of which issuer may stand for the application."""

import re
from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import listing
from azure_service_connections.sandbox.entra.addressed_objects import object_to_read, object_to_write
from azure_service_connections.sandbox.entra.addresses import read_body
from azure_service_connections.sandbox.entra.claims_matching import parse_expression
from azure_service_connections.sandbox.entra.errors import GraphError, bad_request, not_found, value_required
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

MOST_CREDENTIALS: Final = 20
"""Federated credentials that an application may hold (Entra's documentation)."""
LONGEST_VALUE: Final = 600
"""Characters of an issuer, subject, audience or description."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}")
_CONTEXT = "applications('{}')/federatedIdentityCredentials"
_SETTABLE: Final = ("name", "issuer", "subject", "audiences", "description", "claimsMatchingExpression")
_INTERNAL: Final = ("parent", "clientId")


def add(cloud: Cloud, application: Document, values: Document) -> Document:
    """Add a federated credential to an application; the stored document.

    Raises Graph's refusal of what may not be. Whether issuer and subject mean anything is not looked at; only
    a token exchange reveals it, as in Entra.
    """
    siblings = cloud.store.find("federated-credentials", parent=application["id"])
    credential: Document = {
        "parent": application["id"],
        "clientId": application["appId"],
        **dict.fromkeys(_SETTABLE),
        "audiences": [],
    }
    _apply(credential, values)
    _check(credential, siblings)
    if len(siblings) >= MOST_CREDENTIALS:
        raise GraphError(
            400,
            # The code of this refusal is not documented; quota refusals of the directory carry this one.
            "Directory_QuotaExceeded",
            f"An application can hold at most {MOST_CREDENTIALS} federated identity credentials.",
        )
    credential["id"] = cloud.identifiers.guid(
        "federated-credential", f"{application['id']}/{credential['name']}"
    )
    cloud.store.put("federated-credentials", credential["id"], credential)
    cloud.faults.created("federated-credentials", credential["id"])
    return credential


def _apply(credential: Document, values: Document) -> None:
    for name, value in values.items():
        if name == "id" and value in (None, credential.get("id", value)):
            continue
        if name not in _SETTABLE:
            raise bad_request(f"Invalid property '{name}'.")
        credential[name] = value


def _check(credential: Document, siblings: list[Document]) -> None:
    flexible = credential["claimsMatchingExpression"] is not None
    for name in ("name", "issuer", *(() if flexible else ("subject",))):
        if not credential[name]:
            raise value_required(name, "FederatedIdentityCredential")
    if flexible:
        if credential["subject"]:
            raise _invalid("subject and claimsMatchingExpression exclude each other.")
        parse_expression(credential["claimsMatchingExpression"], _invalid)
    audiences = credential["audiences"]
    if not isinstance(audiences, list) or len(audiences) != 1:
        raise _invalid("A federated identity credential must have exactly one audience.")
    for name in ("issuer", "subject", "description"):
        value = credential[name]
        if value is not None and (not isinstance(value, str) or len(value) > LONGEST_VALUE):
            raise _invalid(f"{name} must be text of at most {LONGEST_VALUE} characters.")
    if not isinstance(audiences[0], str) or not 0 < len(audiences[0]) <= LONGEST_VALUE:
        raise _invalid(f"audiences must hold a text of at most {LONGEST_VALUE} characters.")
    if not isinstance(credential["name"], str) or not _NAME.fullmatch(credential["name"]):
        raise _invalid(
            "name must have 3 to 120 characters, letters, digits, dashes and underscores, and begin with a "
            "letter or a digit."
        )
    for other in siblings:
        if other["name"] == credential["name"]:
            raise GraphError(
                409,
                "Request_MultipleObjectsWithSameKeyValue",
                f"FederatedIdentityCredential with name {credential['name']} already exists.",
            )
        if not flexible and (other["issuer"], other["subject"]) == (
            credential["issuer"],
            credential["subject"],
        ):
            raise _invalid("The combination of issuer and subject must be unique for an application.")


def _invalid(message: str) -> GraphError:
    return GraphError(400, "InvalidFederatedIdentityCredentialValue", message)


def _view(credential: Document) -> Document:
    return {key: value for key, value in credential.items() if key not in _INTERNAL}


def _find(cloud: Cloud, application: Document, key: str) -> Document:
    value = key.partition("=")[2] if key.lower().startswith("name=") else key
    for credential in cloud.store.find("federated-credentials", parent=application["id"]):
        if credential["id"] == value.lower() or credential["name"] == value:
            if cloud.faults.visible("federated-credentials", credential["id"]):
                return credential
            break
    raise not_found(value)


_LIST = "/{version}/applications/{key}/federatedIdentityCredentials"
_ONE = _LIST + "/{credential_key}"


@ROUTES.get(_LIST)
def list_credentials(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """The federated credentials of an application."""
    _, application = object_to_read(cloud, request, "applications", key)
    found = [
        credential
        for credential in cloud.store.find("federated-credentials", parent=application["id"])
        if cloud.faults.visible("federated-credentials", credential["id"])
    ]
    context = _CONTEXT.format(application["id"])
    return listing.page(cloud, request, context, listing.filtered(request, found), _view)


@ROUTES.post(_LIST)
def create_credential(cloud: Cloud, request: Request, version: str, key: str) -> Response:
    """Add a federated credential."""
    _, application = object_to_write(cloud, request, "applications", key)
    credential = add(cloud, application, read_body(request))
    return listing.entity(cloud, request, _CONTEXT.format(application["id"]), _view(credential), 201)


@ROUTES.get(_ONE)
def get_credential(cloud: Cloud, request: Request, version: str, key: str, credential_key: str) -> Response:
    """One federated credential, by its id or its name."""
    _, application = object_to_read(cloud, request, "applications", key)
    credential = _find(cloud, application, credential_key)
    return listing.entity(cloud, request, _CONTEXT.format(application["id"]), _view(credential))


@ROUTES.patch(_ONE)
def update_credential(
    cloud: Cloud, request: Request, version: str, key: str, credential_key: str
) -> Response:
    """Change a federated credential; its name stays what it is."""
    _, application = object_to_write(cloud, request, "applications", key)
    credential = _find(cloud, application, credential_key)
    name = credential["name"]
    _apply(credential, read_body(request))
    if credential["name"] != name:
        raise _invalid("The name of a federated identity credential cannot be changed.")
    siblings = cloud.store.find("federated-credentials", parent=application["id"])
    _check(credential, [other for other in siblings if other["id"] != credential["id"]])
    cloud.store.put("federated-credentials", credential["id"], credential)
    return Response(204)


@ROUTES.delete(_ONE)
def delete_credential(
    cloud: Cloud, request: Request, version: str, key: str, credential_key: str
) -> Response:
    """Remove a federated credential; tokens under it are refused from now on."""
    _, application = object_to_write(cloud, request, "applications", key)
    cloud.store.remove("federated-credentials", _find(cloud, application, credential_key)["id"])
    return Response(204)
