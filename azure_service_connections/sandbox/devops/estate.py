"""Plants the organizations of an estate file: tokens, projects, pipelines and service connections."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import endpoint_rules, pipeline_permissions
from azure_service_connections.sandbox.devops.access import identity_reference
from azure_service_connections.sandbox.devops.endpoint_types import (
    ENVIRONMENTS,
    MANAGEMENT_GROUP,
    SUBSCRIPTION,
)
from azure_service_connections.sandbox.devops.endpoints import add
from azure_service_connections.sandbox.devops.organizations import find_project
from azure_service_connections.sandbox.devops.projects import DEFAULT_PROCESS
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.store import Document


def plant(cloud: Cloud, organizations: Iterable[BaseModel]) -> None:
    """Put the organizations of an estate into the cloud, after its tenants.

    Raises `EstateError` where a name in the file leads nowhere.
    """
    for position, model in enumerate(organizations):
        _plant_organization(
            cloud, model.model_dump(by_alias=True, exclude_none=True), f"organizations[{position}]"
        )


def _plant_organization(cloud: Cloud, section: dict[str, Any], path: str) -> None:
    name = str(section["name"])
    tenant = cloud.store.one("tenants", name=section["tenant"]) or cloud.store.get(
        "tenants", section["tenant"]
    )
    if tenant is None:
        raise EstateError(f"{path}.tenant: there is no tenant {section['tenant']}; name one of `tenants`.")
    organization = {
        "id": str(section.get("id") or cloud.identifiers.derived("organization", name)).lower(),
        "name": name,
        "tenantId": tenant["id"],
        "issuer": section.get("issuer", "entra"),
    }
    cloud.store.put("organizations", name.lower(), organization)
    for index, token in enumerate(section.get("personalAccessTokens", [])):
        _plant_token(cloud, organization, token, f"{path}.personalAccessTokens[{index}]")
    for project in section.get("projects", []):
        _plant_project(cloud, organization, project)
    for index, project in enumerate(section.get("projects", [])):
        for number, connection in enumerate(project.get("serviceConnections", [])):
            where = f"{path}.projects[{index}].serviceConnections[{number}]"
            _plant_connection(cloud, organization, str(project["name"]), connection, where)


def _plant_token(cloud: Cloud, organization: Document, section: dict[str, Any], path: str) -> None:
    owner = str(section["owner"])
    user = cloud.store.one("users", userPrincipalName=owner)
    if user is None:
        raise EstateError(
            f"{path}.owner: nobody has the user principal name {owner}; add them to `people` of the tenant."
        )
    token = str(section.get("token") or cloud.identifiers.derived("token", organization["name"], owner))
    cloud.store.put(
        "personal-access-tokens",
        token,
        {"organization": organization["name"], "owner": owner, "userId": user["id"]},
    )


def _plant_project(cloud: Cloud, organization: Document, section: dict[str, Any]) -> None:
    name = str(section["name"])
    project_id = str(
        section.get("id") or cloud.identifiers.derived("project", organization["name"], name)
    ).lower()
    cloud.store.put(
        "projects",
        project_id,
        {
            "id": project_id,
            "name": name,
            "organization": organization["name"],
            "description": section.get("description", ""),
            "visibility": section.get("visibility", "private"),
            "processTemplate": DEFAULT_PROCESS,
            "revision": 1,
            "lastUpdateTime": cloud.clock.text(),
        },
    )
    for pipeline in section.get("pipelines", []):
        number = int(
            pipeline.get("id") or cloud.identifiers.number(f"pipeline/{organization['name'].lower()}")
        )
        cloud.store.put(
            "pipelines",
            f"{project_id}/{number}",
            {
                "id": number,
                "name": str(pipeline["name"]),
                "projectId": project_id,
                "yaml": str(pipeline.get("yaml") or "steps: []\n"),
                "folder": str(pipeline.get("folder") or "\\"),
            },
        )


def _plant_connection(
    cloud: Cloud, organization: Document, project_name: str, section: dict[str, Any], path: str
) -> None:
    project = _project(cloud, organization, project_name, path)
    scheme = str(section.get("scheme", endpoint_rules.FEDERATED))
    parameters: dict[str, Any] = {"tenantid": str(section.get("tenant") or organization["tenantId"])}
    if scheme != "ManagedServiceIdentity":
        parameters |= _identity(cloud, organization, scheme, section, path)
    environment = str(section.get("environment", "AzureCloud"))
    data = {"environment": environment, **_scope(cloud, organization, section, path)}
    endpoint: Document = {
        "type": "azurerm",
        "url": ENVIRONMENTS.get(environment, ""),
        "owner": "library",
        "authorization": {"scheme": scheme, "parameters": parameters},
        "data": data,
    }
    if scheme != "ManagedServiceIdentity":
        data["creationMode"] = str(section.get("creationMode", "Manual"))
        data["identityType"] = (
            "AppRegistrationAutomatic"
            if data["creationMode"] == "Automatic"
            else endpoint_rules.identity_type(cloud, endpoint)
        )
    if section.get("issuer"):
        endpoint["issuerKind"] = str(section["issuer"])
    if section.get("id"):
        endpoint["id"] = str(section["id"]).lower()
    shared = [
        _project(cloud, organization, str(each), f"{path}.sharedWith")
        for each in section.get("sharedWith", [])
    ]
    references: list[Document] = [
        {
            "projectId": each["id"],
            "name": str(section["name"]),
            "description": str(section.get("description", "")),
        }
        for each in [project, *shared]
    ]
    owner = _owner(cloud, organization)
    add(cloud, organization, owner, endpoint, references)
    if section.get("allPipelines"):
        pipeline_permissions.grant(cloud, project, endpoint["id"], None, owner)
    for name in section.get("pipelines", []):
        pipeline = cloud.store.one("pipelines", projectId=project["id"], name=name)
        if pipeline is None:
            raise EstateError(f"{path}.pipelines: the project {project['name']} has no pipeline {name}.")
        pipeline_permissions.grant(cloud, project, endpoint["id"], pipeline["id"], owner)


def _identity(
    cloud: Cloud, organization: Document, scheme: str, section: dict[str, Any], path: str
) -> dict[str, str]:
    named = section.get("application") or section.get("managedIdentity")
    if not named:
        return {"serviceprincipalid": str(section.get("clientId", ""))}
    application = cloud.store.one("applications", displayName=named, tenantId=organization["tenantId"])
    principal = application or cloud.store.one("service-principals", displayName=named)
    if principal is None:
        raise EstateError(
            f"{path}: there is no application or managed identity {named}; name one of the tenant."
        )
    parameters = {"serviceprincipalid": str(principal["appId"])}
    if scheme == "ServicePrincipal":
        parameters["authenticationType"] = "spnKey"
        passwords = (application or {}).get("passwordCredentials") or [{}]
        parameters["serviceprincipalkey"] = str(section.get("key") or passwords[-1].get("secretText", ""))
    return parameters


def _scope(cloud: Cloud, organization: Document, section: dict[str, Any], path: str) -> dict[str, str]:
    group = section.get("managementGroup")
    if group:
        held = cloud.store.get("management-groups", str(group).lower())
        if held is None:
            raise EstateError(f"{path}.managementGroup: there is no management group {group}.")
        return {
            "scopeLevel": MANAGEMENT_GROUP,
            "managementGroupId": str(held["name"]),
            "managementGroupName": str(held.get("displayName") or held["name"]),
        }
    wanted = str(section.get("subscription", ""))
    subscription = cloud.store.get("subscriptions", wanted.lower()) or next(
        (
            each
            for each in cloud.store.find("subscriptions", tenantId=organization["tenantId"])
            if wanted in (each.get("name"), each.get("displayName"))
        ),
        None,
    )
    if subscription is None:
        raise EstateError(
            f"{path}.subscription: there is no subscription {wanted}; name one of the tenant's "
            "`subscriptions`."
        )
    return {
        "scopeLevel": SUBSCRIPTION,
        "subscriptionId": str(subscription["id"]),
        "subscriptionName": str(subscription.get("name") or subscription.get("displayName")),
    }


def _project(cloud: Cloud, organization: Document, name: str, path: str) -> Document:
    found = find_project(cloud, organization, name)
    if found is None:
        raise EstateError(f"{path}: the organization {organization['name']} has no project {name}.")
    return found


def _owner(cloud: Cloud, organization: Document) -> dict[str, Any]:
    token = next(
        (
            each
            for each in cloud.store.find("personal-access-tokens")
            if each["organization"] == organization["name"]
        ),
        None,
    )
    if token is None:
        identifier = cloud.identifiers.derived("administrator", organization["name"])
        return identity_reference(cloud, organization, identifier, "Administrator", "administrator")
    user = cloud.store.get("users", token["userId"])
    name = user["displayName"] if user else token["owner"]
    return identity_reference(cloud, organization, token["userId"], name, token["owner"])
