"""The identity that Azure DevOps makes by itself for an automatic service connection.

It works with the rights of the person who asks: an application and its service principal in Entra, a secret
or a federated credential, and the role Contributor at the connection's scope. What goes wrong is not answered
as an error: the connection is there and says so in its `operationStatus`.
"""

import json
from datetime import timedelta
from typing import Final

from azure_service_connections.sandbox.arm import authorization, role_assignment, roles
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.access import Caller
from azure_service_connections.sandbox.devops.endpoint_types import MANAGEMENT_GROUP, SUBSCRIPTION, WORKSPACE
from azure_service_connections.sandbox.devops.errors import invalid
from azure_service_connections.sandbox.devops.federation import issuer_and_subject
from azure_service_connections.sandbox.devops.service_connections import home_project
from azure_service_connections.sandbox.entra import (
    applications,
    deleted_items,
    federated_credentials,
    passwords,
    service_principals,
)
from azure_service_connections.sandbox.entra.access import may_write
from azure_service_connections.sandbox.entra.errors import GraphError
from azure_service_connections.sandbox.store import Document

SECRET_DAYS: Final = 90
"""Life of the secret that the service makes: three months (Azure DevOps' documentation)."""

SECOND_CREDENTIAL: Final = "-EntraID"
"""What follows the connection's id in the name of the credential that a move to Entra's issuer adds.

The first credential is named by the id alone; the name of the second is a fair choice.
"""

_ROLE: Final = "Contributor"
_GRANT: Final = "Microsoft.Authorization/roleAssignments/write"
_AUDIENCE: Final = "api://AzureADTokenExchange"


def check_caller(caller: Caller) -> None:
    """Refuse service principals and managed identities, for which the service makes no identity.

    That it refuses them is documented; the words are not.
    """
    if caller.kind != "user":
        raise invalid(
            "A service connection with an automatically created identity cannot be created by a service "
            "principal or a managed identity. Use creationMode Manual."
        )


def check_environment(endpoint: Document) -> None:
    """Refuse an automatic federated connection to another cloud than the public one.

    That there is none is documented (for Azure Stack and the cloud of the US government); the words are not.
    """
    environment = endpoint["data"].get("environment", "AzureCloud")
    if endpoint["authorization"]["scheme"] != "ServicePrincipal" and environment != "AzureCloud":
        raise invalid(
            f"A service connection to {environment} with workload identity federation cannot be created "
            "automatically. Use creationMode Manual."
        )


def make(cloud: Cloud, organization: Document, caller: Caller, endpoint: Document) -> None:
    """Make the identity of a connection that has its id, and note it and the outcome in the connection."""
    data = endpoint["data"]
    data["creationMode"] = "Automatic"
    data["identityType"] = "AppRegistrationAutomatic"
    tenant_id = str(endpoint["authorization"]["parameters"].get("tenantid", "")).lower()
    try:
        application, principal = register(cloud, organization, caller.id, tenant_id, endpoint)
        _credential(cloud, organization, endpoint, application)
    except GraphError as error:
        _end(endpoint, f"Failed to create an app in Microsoft Entra. Error: {error.message}")
        return
    note(endpoint, application, principal)
    grant(cloud, caller, endpoint)


def note(endpoint: Document, application: Document, principal: Document) -> None:
    """Write into a connection whom it signs in as."""
    endpoint["authorization"]["parameters"]["serviceprincipalid"] = application["appId"]
    endpoint["data"]["appObjectId"] = application["id"]
    endpoint["data"]["spnObjectId"] = principal["id"]


def grant(cloud: Cloud, caller: Caller, endpoint: Document) -> None:
    """Give the identity its role at the connection's scope, with the caller's own rights."""
    data = endpoint["data"]
    place = scope_of(endpoint)
    name = assignment_name(cloud, endpoint)
    if not authorization.allows(cloud, caller.id, _GRANT, place):
        _end(
            endpoint,
            f"Failed to set Azure permission 'RoleAssignmentId: {name}' for the service principal "
            f"'{data['spnObjectId']}' on '{place}': error code: Forbidden, inner error code: "
            f"AuthorizationFailed, inner error message The client '{caller.unique_name}' with object id "
            f"'{caller.id}' does not have authorization to perform action '{_GRANT}' over scope '{place}' "
            "or the scope is invalid.",
        )
        return
    assign(cloud, endpoint, name, caller.id)
    _end(endpoint, "")


def assignment_name(cloud: Cloud, endpoint: Document) -> str:
    """A new name for a role assignment at the connection's scope."""
    return cloud.identifiers.guid("automatic-assignment", f"{endpoint['id']}{scope_of(endpoint).lower()}")


def assign(cloud: Cloud, endpoint: Document, name: str, made_by: str) -> None:
    """Give the identity its role at the connection's scope, whoever asks, and note it in the connection."""
    data, parameters = endpoint["data"], endpoint["authorization"]["parameters"]
    place = scope_of(endpoint)
    tenant_id = str(parameters["tenantid"]).lower()
    role = roles.named(cloud, tenant_id, _ROLE)
    assert role is not None, "a role of Azure's own"
    role_assignment.make(
        cloud,
        tenant_id,
        scope=place,
        name=name,
        role=role.guid,
        principal_id=data["spnObjectId"],
        principal_type="ServicePrincipal",
        made_by=made_by,
    )
    data["azureSpnRoleAssignmentId"] = name
    data["azureSpnPermissions"] = json.dumps(
        [{"roleAssignmentId": name, "resourceProvider": "Microsoft.RoleAssignment", "provisioned": True}],
        separators=(",", ":"),
    )
    if data["scopeLevel"] == SUBSCRIPTION:
        # Of other levels it is not known; the provider takes a group's scope for a resource group's.
        parameters["scope"] = place


def scope_of(endpoint: Document) -> str:
    """The scope in Azure that a connection is for."""
    data = endpoint["data"]
    stated = endpoint["authorization"]["parameters"].get("scope")
    if stated:
        return str(stated)
    if data["scopeLevel"] == MANAGEMENT_GROUP:
        return f"/providers/Microsoft.Management/managementGroups/{data['managementGroupId']}"
    subscription = f"/subscriptions/{data['subscriptionId']}"
    if data["scopeLevel"] == WORKSPACE:
        return (
            f"{subscription}/resourceGroups/{data['resourceGroupName']}/providers/"
            f"Microsoft.MachineLearningServices/workspaces/{data['mlWorkspaceName']}"
        )
    return subscription


def forget(cloud: Cloud, endpoint: Document, deep: bool) -> None:
    """Remove what trusts a connection that is deleted; with `deep` its application as well."""
    application = cloud.store.get("applications", str(endpoint["data"].get("appObjectId")))
    if application is None:
        return
    if deep:
        deleted_items.delete_application(cloud, application)
        return
    names = (endpoint["id"], endpoint["id"] + SECOND_CREDENTIAL)
    for credential in cloud.store.find("federated-credentials", parent=application["id"]):
        if credential["name"] in names:
            cloud.store.remove("federated-credentials", credential["id"])


def may_configure(cloud: Cloud, caller: Caller, application: Document) -> bool:
    """Whether the service can change an application with the caller's rights in Entra."""
    return may_write(cloud, caller.id, application)


def trust(cloud: Cloud, organization: Document, endpoint: Document, application: Document, name: str) -> None:
    """Let an application trust a connection's tokens, unless it does already.

    Raises Graph's refusal, such as the one of a twenty-first credential.
    """
    issuer, subject = issuer_and_subject(cloud, organization, home_project(cloud, endpoint), endpoint)
    held = cloud.store.find("federated-credentials", parent=application["id"], issuer=issuer, subject=subject)
    if any(each["audiences"] == [_AUDIENCE] for each in held):
        return
    federated_credentials.add(
        cloud,
        application,
        {"name": name, "issuer": issuer, "subject": subject, "audiences": [_AUDIENCE]},
    )


def register(
    cloud: Cloud, organization: Document, owner_id: str, tenant_id: str, endpoint: Document
) -> tuple[Document, Document]:
    """Make the application and the service principal of a connection, for an owner.

    Raises Graph's refusal.
    """
    data = endpoint["data"]
    target = data.get("subscriptionId") or data.get("managementGroupId")
    project = home_project(cloud, endpoint)
    properties: Document = {"displayName": f"{organization['name']}-{project['name']}-{target}"}
    if data.get("serviceManagementReference"):
        properties["serviceManagementReference"] = data["serviceManagementReference"]
    application = applications.register(cloud, tenant_id, properties, [owner_id])
    principal = service_principals.register(cloud, tenant_id, application["appId"], None, [owner_id])
    return application, principal


def _credential(cloud: Cloud, organization: Document, endpoint: Document, application: Document) -> None:
    authorization = endpoint["authorization"]
    if authorization["scheme"] == "ServicePrincipal":
        until = cloud.clock.now() + timedelta(days=SECRET_DAYS)
        made = passwords.add(cloud, application, {"endDateTime": until.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
        cloud.store.put("applications", application["id"], application)
        authorization["parameters"]["authenticationType"] = "spnKey"
        authorization["parameters"]["serviceprincipalkey"] = made["secretText"]
        return
    trust(cloud, organization, endpoint, application, endpoint["id"])


def _end(endpoint: Document, problem: str) -> None:
    endpoint["isReady"] = not problem
    endpoint["operationStatus"] = {"state": "Failed" if problem else "Ready", "statusMessage": problem}
