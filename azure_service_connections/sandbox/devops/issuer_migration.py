"""Moving a federated connection from Azure DevOps' own issuer to Entra's.

The address is not in the REST reference: it is what `az devops service-endpoint convert --azdo-subject` asks,
with an Entra token. That command puts it below the organization; it is also served without one, since the
subject in the body names the organization. The three messages are the service's own. What it does behind them
is not documented, so this is a fair choice: an identity that the service made gets a second credential beside
the old one, with the rights of the caller; a connection made by hand changes its issuer without a look at its
identity, so that whoever migrates one places the new trust first.
"""

from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import automatic_identity, endpoint_rules, service_connections
from azure_service_connections.sandbox.devops.access import Caller, caller_of
from azure_service_connections.sandbox.devops.organizations import find_project
from azure_service_connections.sandbox.entra.errors import GraphError
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

PATH: Final = "/_apis/public/serviceendpoint/externalfederatedcredentialmigration"

_SUBJECT: Final = "sc://"


class MigrationError(ServiceError):
    """A refusal in the shape of this address: `success` and a message."""

    def response(self) -> Response:
        """The answer."""
        return Response(self.status, {"success": False, "message": self.message})


@ROUTES.post(PATH)
@ROUTES.post("/{organization}" + PATH)
def migrate(cloud: Cloud, request: Request, organization: str = "") -> Response:
    """Begin a migration. 400 for another token than Entra's, for a body that names no such subject and for a
    connection that stays where it is; 404 for a connection that does not exist.
    """
    named, project_name, connection = _subject(request)
    if organization and organization.lower() != named.lower():
        raise _invalid()
    document = cloud.store.get("organizations", named.lower())
    if document is None:
        raise _not_found()
    caller = _caller(cloud, request, document)
    project = find_project(cloud, document, project_name)
    endpoint = service_connections.named(cloud, project["id"], connection) if project else None
    if endpoint is None:
        raise _not_found()
    _check(endpoint)
    if endpoint["issuerKind"] == "devops" and "issuerToBe" not in endpoint:
        endpoint["issuerToBe"] = "entra"
        _trust(cloud, document, caller, endpoint)
        service_connections.save(cloud, endpoint)
        cloud.faults.created("migrations", endpoint["id"])
        if not cloud.faults.hidden("migrations", endpoint["id"]):
            settle(cloud, endpoint)
    return Response(body={"success": True, "message": "Migration initiated."})


def settle(cloud: Cloud, endpoint: Document) -> None:
    """Let a migration that is under way come to its end, unless reads of the connection are to be in vain."""
    if "issuerToBe" in endpoint and cloud.faults.visible("migrations", endpoint["id"]):
        endpoint["issuerKind"] = endpoint.pop("issuerToBe")
        endpoint["modificationDate"] = cloud.clock.text()
        service_connections.save(cloud, endpoint)


def _subject(request: Request) -> tuple[str, str, str]:
    try:
        body = request.json()
    except ValueError:
        body = None
    text = body.get("serviceConnectionInput") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.startswith(_SUBJECT):
        raise _invalid()
    parts = text.removeprefix(_SUBJECT).split("/", 2)
    if len(parts) != 3 or not all(parts):
        raise _invalid()
    return parts[0], parts[1], parts[2]


def _caller(cloud: Cloud, request: Request, organization: Document) -> Caller:
    if request.header("Authorization").partition(" ")[0].lower() != "bearer":
        raise _invalid()
    try:
        caller = caller_of(cloud, request, organization)
    except ServiceError as error:
        raise _invalid() from error
    if caller.kind == "run":
        raise _invalid()
    return caller


def _check(endpoint: Document) -> None:
    federated = endpoint["authorization"]["scheme"] == endpoint_rules.FEDERATED
    if not federated or endpoint["data"].get("environment", "AzureCloud") != "AzureCloud":
        raise _invalid()


def _trust(cloud: Cloud, organization: Document, caller: Caller, endpoint: Document) -> None:
    if endpoint_rules.creation_mode(endpoint) != "Automatic":
        return
    application = cloud.store.get("applications", str(endpoint["data"].get("appObjectId")))
    if application is None or not automatic_identity.may_configure(cloud, caller, application):
        raise _invalid()
    try:
        automatic_identity.trust(
            cloud,
            organization,
            {**endpoint, "issuerKind": "entra"},
            application,
            f"{endpoint['id']}{automatic_identity.SECOND_CREDENTIAL}",
        )
    except GraphError as error:
        raise _invalid() from error


def _invalid() -> MigrationError:
    return MigrationError(400, "The request or token is invalid.")


def _not_found() -> MigrationError:
    return MigrationError(404, "Service connection not found.")
