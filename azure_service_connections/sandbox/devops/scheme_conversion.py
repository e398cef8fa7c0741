"""Converting the authentication scheme of a service connection: from a secret to federation, and back.

The service first tries to configure the identity by itself, which it can only for an identity that it made
and for a person who may change it; where it cannot, it accepts what works already. So a connection that was
made by hand converts once its identity trusts the subject that it will have. The order is read from the
service's own refusal ("… could not be configured automatically, and no valid configuration exists").
"""

import copy
from datetime import datetime, timedelta
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import automatic_identity, endpoint_rules
from azure_service_connections.sandbox.devops.access import Caller
from azure_service_connections.sandbox.devops.connection_test import sign_in
from azure_service_connections.sandbox.devops.errors import (
    DevOpsError,
    argument_error,
    invalid,
    unsupported,
)
from azure_service_connections.sandbox.devops.federation import issuer_of_new_connections
from azure_service_connections.sandbox.entra.errors import GraphError
from azure_service_connections.sandbox.store import Document

OPERATION: Final = "ConvertAuthenticationScheme"

REVERSION_DAYS: Final = 7
"""So long a converted automatic connection can be reverted (Azure DevOps' documentation)."""

_SECRET: Final = "ServicePrincipal"
_OF_THE_SECRET: Final = ("authenticationtype", "serviceprincipalkey", "serviceprincipalcertificate")


def scheme_asked_for(
    cloud: Cloud, organization: Document, endpoint: Document, body: dict[str, Any], operation: str
) -> str:
    """The scheme that a request wants to convert a connection to.

    The body is the whole connection or little more than its scheme and projects; nothing else of it is taken.
    Raises 400 for what is missing, 404 for a project that does not exist and 501 for another operation.
    """
    if operation.lower() != OPERATION.lower():
        raise unsupported(
            f"The sandbox does not carry out the operation {operation} of a service connection."
        )
    authorization = body.get("authorization")
    if not isinstance(authorization, dict) or not authorization.get("scheme"):
        raise invalid("Value cannot be null. (Parameter 'endpoint.Authorization')", "ArgumentNullException")
    if str(body.get("type") or endpoint["type"]).lower() != endpoint["type"]:
        raise invalid("The type of a service connection cannot be changed.")
    home = endpoint["references"][0]
    projects = body.get("serviceEndpointProjectReferences")
    endpoint_rules.references_of(cloud, organization, projects, home["name"], home["description"])
    return str(authorization["scheme"])


def convert(
    cloud: Cloud, organization: Document, caller: Caller, endpoint: Document, scheme: str
) -> Document:
    """The connection (not yet stored) with another scheme, its identity prepared for it.

    Raises 400 where that cannot be; the connection and its identity then stay as they were. The words of the
    refusals of a shared connection and of a reversion are not documented and are the sandbox's own. Whether
    the real service takes a while is not documented; the fault `conversions` lets it.
    """
    before = endpoint["authorization"]["scheme"]
    federate = (before, scheme) == (_SECRET, endpoint_rules.FEDERATED)
    revert = (before, scheme) == (endpoint_rules.FEDERATED, _SECRET)
    if endpoint["type"] != "azurerm" or not (federate or revert):
        raise argument_error(
            f"Converting endpoint type {endpoint['type']} scheme from {before} to {scheme} is neither an "
            "upgrade or a downgrade and is not supported."
        )
    if len(endpoint["references"]) > 1:
        raise argument_error(
            f"The authorization scheme of the service connection {endpoint['id']} cannot be converted "
            f"because {len(endpoint['references'])} projects share it. Stop sharing it first."
        )
    if endpoint["data"].get("environment") == "AzureStack":
        raise DevOpsError(
            400,
            "ServiceEndpointException",
            "Unable to connect to the Azure Stack environment. Ignore the failure if the source is Azure "
            "DevOps.",
        )
    after = (_federated if federate else _reverted)(cloud, organization, caller, copy.deepcopy(endpoint))
    after["isReady"] = True
    after["operationStatus"] = {"state": "Ready", "statusMessage": ""}
    after["modificationDate"] = cloud.clock.text()
    cloud.faults.created("conversions", after["id"])
    return after


def keep_old_scheme(endpoint: Document, authorization: Document, converted: datetime) -> None:
    """Keep with a connection what it signed in with before it was converted, for the days of a reversion."""
    until = converted + timedelta(days=REVERSION_DAYS)
    endpoint["reversion"] = {"authorization": authorization, "until": until.isoformat()}
    endpoint["data"]["revertSchemeDeadline"] = until.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def forget_old_scheme(endpoint: Document) -> None:
    """Take from a connection what a reversion would need: it has a new secret, or no way back."""
    endpoint.pop("reversion", None)
    endpoint["data"].pop("revertSchemeDeadline", None)


def _federated(cloud: Cloud, organization: Document, caller: Caller, endpoint: Document) -> Document:
    old = copy.deepcopy(endpoint["authorization"])
    endpoint["authorization"]["scheme"] = endpoint_rules.FEDERATED
    endpoint["authorization"]["parameters"] = {
        name: value for name, value in old["parameters"].items() if name.lower() not in _OF_THE_SECRET
    }
    endpoint["issuerKind"] = issuer_of_new_connections(cloud, organization, endpoint)
    automatic = endpoint_rules.creation_mode(endpoint) == "Automatic"
    obstacle = (
        _configure(cloud, organization, caller, endpoint)
        if automatic
        else "Azure DevOps did not make the identity of this service connection."
    )
    if obstacle:
        _check_existing(cloud, organization, endpoint, obstacle)
    if automatic:
        keep_old_scheme(endpoint, old, cloud.clock.now())
    return endpoint


def _configure(cloud: Cloud, organization: Document, caller: Caller, endpoint: Document) -> str:
    """Let the identity that the service made trust the connection; a sentence where it cannot.

    It works with the rights of the person who asks (the owner of the application, by the documentation). That
    it cannot for service principals is taken over from the creation of automatic connections.
    """
    if endpoint["data"].get("environment", "AzureCloud") != "AzureCloud":
        return "Federation is not configured automatically outside the public cloud."
    application = cloud.store.get("applications", str(endpoint["data"].get("appObjectId")))
    if application is None:
        client_id = endpoint["authorization"]["parameters"].get("serviceprincipalid")
        return f"The application {client_id} was not found in the directory."
    if caller.kind != "user":
        return "No identity is configured for a service principal or a managed identity that asks."
    if not automatic_identity.may_configure(cloud, caller, application):
        return f"{caller.name} is not an owner of the application {application['appId']}."
    try:
        automatic_identity.trust(cloud, organization, endpoint, application, endpoint["id"])
    except GraphError as error:
        return error.message
    return ""


def _check_existing(cloud: Cloud, organization: Document, endpoint: Document, obstacle: str) -> None:
    """Refuse a conversion unless the identity can be signed in to with the tokens that the connection gets.

    The first sentence is the live service's; the reasons after it are the sandbox's own.
    """
    answer = sign_in(cloud, organization, endpoint)
    if answer.status != 200:
        reason = str(answer.body.get("error_description", answer.body)).partition(" Trace ID:")[0]
        raise argument_error(
            "The authorization scheme could not be upgraded to WorkloadIdentityFederation because the "
            "service principal could not be configured automatically, and no valid configuration exists. "
            f"{obstacle} {reason}"
        )


def _reverted(cloud: Cloud, organization: Document, caller: Caller, endpoint: Document) -> Document:
    refused = "The authorization scheme could not be downgraded to ServicePrincipal because "
    if endpoint_rules.creation_mode(endpoint) != "Automatic":
        raise argument_error(
            f"{refused}Azure DevOps did not make the identity of this service connection. Update the service "
            "connection with a secret of the identity."
        )
    reversion: dict[str, Any] | None = endpoint.get("reversion")
    if reversion is None:
        raise argument_error(f"{refused}the service connection was not converted from a secret.")
    if cloud.clock.now() >= datetime.fromisoformat(reversion["until"]):
        raise argument_error(
            f"{refused}the {REVERSION_DAYS} days in which a conversion can be reverted are over. Make a new "
            "secret and update the service connection with it."
        )
    application = cloud.store.get("applications", str(endpoint["data"].get("appObjectId")))
    if application is None:
        raise argument_error(f"{refused}its application was not found in the directory.")
    endpoint["authorization"] = reversion["authorization"]
    forget_old_scheme(endpoint)
    # A credential that the caller may not remove stays behind, as an own choice of the sandbox.
    if caller.kind == "user" and automatic_identity.may_configure(cloud, caller, application):
        automatic_identity.forget(cloud, endpoint, deep=False)
    return endpoint
