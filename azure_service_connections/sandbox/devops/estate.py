"""Plants the organizations of an estate file: tokens, projects, pipelines and service connections."""

import re
from collections.abc import Iterable
from typing import Any

from azure_service_connections.sandbox import estate_models
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import agent_pools, endpoint_rules, pipeline_permissions
from azure_service_connections.sandbox.devops.access import identity_reference
from azure_service_connections.sandbox.devops.endpoint_types import ENVIRONMENTS, SUBSCRIPTION
from azure_service_connections.sandbox.devops.endpoints import add
from azure_service_connections.sandbox.devops.federation import issuer_and_subject
from azure_service_connections.sandbox.devops.pipeline_templates import keep, template_at
from azure_service_connections.sandbox.devops.projects import DEFAULT_PROCESS
from azure_service_connections.sandbox.entra import federated_credentials
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.store import Document


def plant(cloud: Cloud, organizations: Iterable[estate_models.Organization]) -> None:
    """Put the organizations of an estate into the cloud, after its tenants.

    Raises `EstateError` where a name in the file leads nowhere.
    """
    for position, section in enumerate(organizations):
        _plant_organization(cloud, section, f"organizations[{position}]")


def _plant_organization(cloud: Cloud, section: estate_models.Organization, path: str) -> None:
    tenant = _named(cloud, "tenants", "name", section.tenant)
    if tenant is None:
        raise EstateError(f"{path}.tenant: there is no tenant {section.tenant}; name one of `tenants`.")
    organization = {
        "id": section.id or cloud.identifiers.derived("organization", section.name),
        "name": section.name,
        "tenantId": tenant["id"],
        "issuer": section.issuer,
    }
    cloud.store.put("organizations", section.name.lower(), organization)
    agent_pools.plant(cloud, organization, section.agent_pools, f"{path}.agentPools")
    owners = [
        _plant_token(cloud, organization, token, f"{path}.personalAccessTokens[{index}]")
        for index, token in enumerate(section.personal_access_tokens)
    ]
    creator = owners[0] if owners else _administrator(cloud, organization)
    for index, project in enumerate(section.projects):
        _plant_project(cloud, organization, project, creator, f"{path}.projects[{index}]")


def _plant_token(
    cloud: Cloud, organization: Document, section: estate_models.PersonalAccessToken, path: str
) -> dict[str, Any]:
    """Plant a token; its owner as an identity."""
    user = _named(cloud, "users", "userPrincipalName", section.owner, tenantId=organization["tenantId"])
    if user is None:
        raise EstateError(
            f"{path}.owner: nobody has the user principal name {section.owner}; add them to `people` of the "
            "tenant."
        )
    cloud.store.put(
        "personal-access-tokens",
        section.token,
        {"organization": organization["name"], "owner": section.owner, "userId": user["id"]},
    )
    return identity_reference(cloud, organization, user["id"], user["displayName"], section.owner)


def _plant_project(
    cloud: Cloud,
    organization: Document,
    section: estate_models.Project,
    creator: dict[str, Any],
    path: str,
) -> None:
    project: Document = {
        "id": section.id or cloud.identifiers.derived("project", organization["name"], section.name),
        "name": section.name,
        "organization": organization["name"],
        "description": section.description,
        "visibility": "private",
        "processTemplate": DEFAULT_PROCESS,
        "protectedBranches": [_branch(name) for name in section.protected_branches],
        "revision": 1,
        "lastUpdateTime": cloud.clock.text(),
    }
    cloud.store.put("projects", project["id"], project)
    for template in section.templates:
        place = template_at("git", section.name, template.repository, template.ref, template.path)
        keep(cloud, place, template.yaml)
    for pipeline in section.pipelines:
        number = pipeline.id or _free_number(cloud, organization)
        cloud.store.put(
            "pipelines",
            f"{project['id']}/{number}",
            {"id": number, "name": pipeline.name, "projectId": project["id"], "yaml": pipeline.yaml},
        )
    for index, connection in enumerate(section.service_connections):
        _plant_connection(
            cloud, organization, project, connection, creator, f"{path}.serviceConnections[{index}]"
        )


def _plant_connection(
    cloud: Cloud,
    organization: Document,
    project: Document,
    section: estate_models.ServiceConnection,
    creator: dict[str, Any],
    path: str,
) -> None:
    application, principal = _identity(cloud, organization, section, path)
    parameters = {"tenantid": organization["tenantId"], "serviceprincipalid": principal["appId"]}
    if section.scheme == "ServicePrincipal":
        passwords = (application or {}).get("passwordCredentials")
        if not passwords:
            raise EstateError(f"{path}: {principal['displayName']} has no secret; give the application one.")
        parameters["authenticationType"] = "spnKey"
        parameters["serviceprincipalkey"] = passwords[-1]["secretText"]
    endpoint: Document = {
        "type": "azurerm",
        "url": ENVIRONMENTS["AzureCloud"],
        "owner": "library",
        "authorization": {"scheme": section.scheme, "parameters": parameters},
        "data": {
            "environment": "AzureCloud",
            "creationMode": "Manual",
            **_scope(cloud, organization, section, path),
        },
    }
    endpoint["data"]["identityType"] = endpoint_rules.identity_type(cloud, endpoint)
    if section.issuer:
        endpoint["issuerKind"] = section.issuer
    if section.id:
        endpoint["id"] = section.id
    reference = {"projectId": project["id"], "name": section.name, "description": section.description}
    add(cloud, organization, creator, endpoint, [reference])
    if section.scheme == endpoint_rules.FEDERATED:
        _trust(cloud, organization, project, endpoint, application, principal)
    if section.pipelines == "all":
        pipeline_permissions.grant(cloud, project, endpoint["id"], None, creator)
        return
    for name in section.pipelines:
        pipeline = _named(cloud, "pipelines", "name", name, projectId=project["id"])
        if pipeline is None:
            raise EstateError(f"{path}.pipelines: the project {project['name']} has no pipeline {name}.")
        pipeline_permissions.grant(cloud, project, endpoint["id"], pipeline["id"], creator)


def _identity(
    cloud: Cloud, organization: Document, section: estate_models.ServiceConnection, path: str
) -> tuple[Document | None, Document]:
    """The application, if it is one, and the service principal that a connection signs in as."""
    if (section.application is None) == (section.managed_identity is None):
        raise EstateError(f"{path}: name either an `application` or a `managedIdentity` of the tenant.")
    tenant_id = organization["tenantId"]
    if section.application is not None:
        application = _named(cloud, "applications", "displayName", section.application, tenantId=tenant_id)
        principal = application and cloud.store.one("service-principals", appId=application["appId"])
        if not application or not principal:
            raise EstateError(f"{path}.application: the tenant has no application {section.application}.")
        return application, principal
    principal = _named(
        cloud,
        "service-principals",
        "displayName",
        str(section.managed_identity),
        tenantId=tenant_id,
        servicePrincipalType="ManagedIdentity",
    )
    if principal is None:
        raise EstateError(
            f"{path}.managedIdentity: the tenant has no managed identity {section.managed_identity}."
        )
    return None, principal


def _trust(
    cloud: Cloud,
    organization: Document,
    project: Document,
    endpoint: Document,
    application: Document | None,
    principal: Document,
) -> None:
    issuer, subject = issuer_and_subject(cloud, organization, project, endpoint)
    values: Document = {
        "name": re.sub(r"[^A-Za-z0-9_-]", "-", f"connection-{endpoint['references'][0]['name']}")[:120],
        "issuer": issuer,
        "subject": subject,
        "audiences": [estate_models.AUDIENCE],
        "description": None,
    }
    if application is not None:
        federated_credentials.add(cloud, application, values)
        return
    parent = principal["resourceId"]
    identifier = cloud.identifiers.guid("federated-credential", f"{parent}/{values['name'].lower()}")
    cloud.store.put(
        "federated-credentials",
        identifier,
        {"id": identifier, "parent": parent, "clientId": principal["appId"], **values},
    )


def _scope(
    cloud: Cloud, organization: Document, section: estate_models.ServiceConnection, path: str
) -> dict[str, str]:
    held = _named(cloud, "subscriptions", "name", section.subscription, tenantId=organization["tenantId"])
    if held is None:
        raise EstateError(
            f"{path}.subscription: there is no subscription {section.subscription}; name one of the tenant's "
            "`subscriptions`."
        )
    return {"scopeLevel": SUBSCRIPTION, "subscriptionId": held["id"], "subscriptionName": held["name"]}


def _named(cloud: Cloud, collection: str, key: str, name: str, **equal: str) -> Document | None:
    """The thing of this name, in any case."""
    wanted = name.casefold()
    for held in cloud.store.find(collection, **equal):
        if str(held.get(key)).casefold() == wanted:
            return held
    return None


def _branch(name: str) -> str:
    return name if name.startswith("refs/") else f"refs/heads/{name}"


def _free_number(cloud: Cloud, organization: Document) -> int:
    """The next number of a pipeline; numbers are unique in an organization."""
    taken = {each["id"] for each in cloud.store.find("pipelines")}
    number = cloud.identifiers.number(f"pipeline/{organization['name'].lower()}")
    while number in taken:
        number = cloud.identifiers.number(f"pipeline/{organization['name'].lower()}")
    return number


def _administrator(cloud: Cloud, organization: Document) -> dict[str, Any]:
    identifier = cloud.identifiers.derived("administrator", organization["name"])
    return identity_reference(cloud, organization, identifier, "Administrator", "administrator")
