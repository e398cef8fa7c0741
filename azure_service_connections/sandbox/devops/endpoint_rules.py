"""What Azure DevOps takes for a service connection, and what it makes of it.

Where the service's words are not documented, the refusals are fair choices; their statuses are 400.
"""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import service_connections
from azure_service_connections.sandbox.devops.endpoint_types import (
    ENVIRONMENTS,
    MANAGEMENT_GROUP,
    SUBSCRIPTION,
    WORKSPACE,
    known_data,
    schemes_of,
)
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import project_of
from azure_service_connections.sandbox.store import Document

FEDERATED: Final = "WorkloadIdentityFederation"

_NEEDED: Final = {
    SUBSCRIPTION: ("subscriptionId",),
    MANAGEMENT_GROUP: ("managementGroupId",),
    WORKSPACE: ("subscriptionId", "resourceGroupName", "mlWorkspaceName"),
}
"""The fields that each scope level cannot do without; names beside ids may be empty."""

_OF_THE_SERVICE: Final = (
    "workloadidentityfederationissuer",
    "workloadidentityfederationsubject",
    "workloadidentityfederationissuertype",
)
"""Parameters that the service gives; what a client sends for them is not taken."""

_KEPT_DATA: Final = (
    "identityType",
    "spnObjectId",
    "appObjectId",
    "azureSpnRoleAssignmentId",
    "azureSpnPermissions",
    "revertSchemeDeadline",
)
"""Fields that the service added and that a client may leave out of an update.

`revertSchemeDeadline` is the service's alone: what a client sends for it is not taken. The documentation's
script takes it out before it sends a connection back; what the real service says of it is not documented.
"""


def described(body: dict[str, Any]) -> Document:
    """Type, scheme, parameters, data and url of a request's connection, checked.

    Raises 400 with what is wrong.
    """
    endpoint_type = _text(body.get("type"))
    authorization = body.get("authorization")
    if not isinstance(authorization, dict):
        raise invalid("Value cannot be null. (Parameter 'endpoint.Authorization')", "ArgumentNullException")
    scheme = _text(authorization.get("scheme"))
    known = {each.lower(): each for each in schemes_of(endpoint_type)}
    if scheme.lower() not in known:
        raise invalid(
            f"Unable to find service connection type '{endpoint_type}' using authentication scheme "
            f"'{scheme}'.",
            "ServiceEndpointTypeNotFoundException",
        )
    scheme = known[scheme.lower()]
    parameters = {
        name: value
        for name, value in _texts(authorization.get("parameters"), "authorization.parameters").items()
        if name.lower() not in _OF_THE_SERVICE
    }
    data = {
        name: value or ""
        for name, value in _texts(body.get("data"), "data").items()
        if name.lower() != "revertschemedeadline"
    }
    endpoint_type = endpoint_type.lower()
    if endpoint_type == "azurerm":
        _check_azurerm(scheme, parameters, data)
    return {
        "type": endpoint_type,
        "url": _text(body.get("url")) or ENVIRONMENTS.get(data.get("environment", "AzureCloud"), ""),
        "owner": _text(body.get("owner")) or "library",
        "authorization": {"scheme": scheme, "parameters": parameters},
        "data": data,
    }


def references_of(
    cloud: Cloud, organization: Document, body: Any, name: str, description: str
) -> list[Document]:
    """The projects that a request names, with the connection's name and description in each.

    Raises 400 where there is none and 404 where a project does not exist.
    """
    if not isinstance(body, list) or not body:
        raise invalid(
            "Value cannot be null. (Parameter 'endpoint.ServiceEndpointProjectReferences')",
            "ArgumentNullException",
        )
    found: list[Document] = []
    for entry in body:
        project = entry.get("projectReference") if isinstance(entry, dict) else None
        named = _text(project.get("id") or project.get("name")) if isinstance(project, dict) else ""
        if not named:
            raise invalid("Value cannot be null. (Parameter 'projectReference')", "ArgumentNullException")
        own_name = _text(entry.get("name")).strip() or name
        if not own_name:
            raise invalid("Value cannot be null. (Parameter 'endpoint.Name')", "ArgumentNullException")
        found.append(
            {
                "projectId": project_of(cloud, organization, named)["id"],
                "name": own_name,
                "description": description
                if entry.get("description") is None
                else _text(entry["description"]),
            }
        )
    return found


def creation_mode(endpoint: Document) -> str:
    """`Automatic`, `Manual`, or an empty text where the scheme knows no such thing.

    Without the field a connection that brings no identity asks for an automatic one.
    """
    if endpoint["type"] != "azurerm" or endpoint["authorization"]["scheme"] not in (
        FEDERATED,
        "ServicePrincipal",
    ):
        return ""
    stated = str(endpoint["data"].get("creationMode", ""))
    if stated:
        return stated.capitalize()
    return "Manual" if endpoint["authorization"]["parameters"].get("serviceprincipalid") else "Automatic"


def identity_type(cloud: Cloud, endpoint: Document) -> str:
    """What the service notes as `data.identityType` of a connection that brings its identity."""
    client_id = str(endpoint["authorization"]["parameters"].get("serviceprincipalid", "")).lower()
    principal = cloud.store.one("service-principals", appId=client_id)
    managed = principal is not None and principal.get("servicePrincipalType") == "ManagedIdentity"
    return "ManagedIdentity" if managed else "AppRegistrationManual"


def changed(before: Document, after: Document) -> Document:
    """The connection after an update: what the service keeps is kept, secrets left out or null included.

    An update changes no scheme, but for a federated connection that comes with a secret and is kept by hand
    from then on: a fair choice for the documentation's "manually create a new secret".
    """
    if after["type"] != before["type"]:
        raise invalid("The type of a service connection cannot be changed.")
    if after["authorization"]["scheme"] != before["authorization"]["scheme"]:
        if _is_new_secret(before, after):
            return _with_new_secret(before, after)
        raise invalid(
            "The authentication scheme of a service connection cannot be changed by an update. Use the "
            "operation ConvertAuthenticationScheme."
        )
    parameters = after["authorization"]["parameters"]
    given = {name.lower() for name, value in parameters.items() if value}
    kind = _text(parameters.get("authenticationType"))
    for name, value in before["authorization"]["parameters"].items():
        if name.lower() not in service_connections.SECRETS or name.lower() in given:
            continue
        if kind == "spnKey" and name.lower() == "serviceprincipalcertificate":
            continue
        if kind == "spnCertificate" and name.lower() == "serviceprincipalkey":
            continue
        for spelling in [each for each in parameters if each.lower() == name.lower()]:
            parameters.pop(spelling)
        parameters[name] = value
    kept = {name: before["data"][name] for name in _KEPT_DATA if name in before["data"]}
    return {**before, **after, "data": {**kept, **after["data"]}}


def _is_new_secret(before: Document, after: Document) -> bool:
    parameters = {name.lower(): value for name, value in after["authorization"]["parameters"].items()}
    return (
        (before["authorization"]["scheme"], after["authorization"]["scheme"])
        == (FEDERATED, "ServicePrincipal")
        and creation_mode(after) == "Manual"
        and bool(parameters.get("serviceprincipalkey") or parameters.get("serviceprincipalcertificate"))
    )


def _with_new_secret(before: Document, after: Document) -> Document:
    kept = {name: value for name, value in before.items() if name != "reversion"}
    return {**kept, **after}


def check_deletion(cloud: Cloud, organization: Document, endpoint: Document) -> None:
    """Refuse to delete a connection that a federated credential still trusts, as the live service does.

    The words are the live service's; the status 400 and the type key are a fair choice.
    """
    if endpoint["authorization"]["scheme"] != FEDERATED:
        return
    wire = service_connections.document(cloud, organization, endpoint)["authorization"]["parameters"]
    client_id = str(wire.get("serviceprincipalid") or "")
    trusted = cloud.store.find(
        "federated-credentials",
        issuer=wire["workloadIdentityFederationIssuer"],
        subject=wire["workloadIdentityFederationSubject"],
    )
    if any(str(each["clientId"]).lower() == client_id.lower() for each in trusted):
        raise DevOpsError(
            400,
            "InvalidOperationException",
            f"Cannot delete this service connection while federated credentials for app {client_id} exist "
            f"in Entra tenant {wire.get('tenantid')}. Please make sure federated credentials have been "
            "removed prior to deleting the service connection.",
        )


def _check_azurerm(scheme: str, parameters: dict[str, Any], data: dict[str, str]) -> None:
    known = known_data("azurerm") or frozenset()
    unexpected = [name for name in data if name.lower() not in known]
    if unexpected:
        raise invalid(
            f"Following fields in the service connection are not expected: {', '.join(unexpected)}.",
            "InvalidServiceEndpointException",
        )
    if scheme == "PublishProfile":
        return
    missing = []
    if not parameters.get("tenantid"):
        missing.append("tenantid")
    automatic = data.get("creationMode", "").lower() == "automatic" or "creationMode" not in data
    if scheme != "ManagedServiceIdentity" and not automatic and not parameters.get("serviceprincipalid"):
        missing.append("serviceprincipalid")
    level = data.get("scopeLevel", "")
    if level not in _NEEDED:
        raise invalid(
            f"The scope level '{level}' of the service connection is not one of {', '.join(_NEEDED)}.",
            "InvalidServiceEndpointException",
        )
    missing += [name for name in _NEEDED[level] if not data.get(name)]
    if missing:
        raise invalid(
            f"Following fields in the service connection are missing: {', '.join(missing)}.",
            "InvalidServiceEndpointException",
        )


def _texts(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or any(
        each is not None and not isinstance(each, str) for each in value.values()
    ):
        raise invalid(f"The value of '{where}' is not an object of texts.", "VssPropertyValidationException")
    return dict(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
