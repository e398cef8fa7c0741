"""Plants the service connections of an estate file, with what Azure DevOps has made and noted of them."""

from dataclasses import dataclass, replace
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import (
    endpoint_rules,
    estate_checks,
    estate_identities,
    estate_places,
    execution_history,
    pipeline_permissions,
    service_connections,
)
from azure_service_connections.sandbox.devops.access import identity_reference
from azure_service_connections.sandbox.devops.endpoint_types import ENVIRONMENTS
from azure_service_connections.sandbox.devops.endpoints import add
from azure_service_connections.sandbox.devops.estate_names import Names
from azure_service_connections.sandbox.errors import EstateError, ServiceError
from azure_service_connections.sandbox.estate_connection_models import ServiceConnection
from azure_service_connections.sandbox.store import Document

OF_THE_AGENT: Final = "ManagedServiceIdentity"


@dataclass(frozen=True)
class Ground:
    """Where a connection is planted: its project, and who made it there."""

    cloud: Cloud
    names: Names
    organization: Document
    project: Document
    creator: dict[str, Any]
    """As Azure DevOps writes an identity."""
    creator_id: str
    """Object id in Entra ID."""


def plant(ground: Ground, section: ServiceConnection, path: str) -> Document | None:
    """Plant one connection, after everything that it names; the application that is to be deleted, if any.

    Raises `EstateError` where a name leads nowhere or the services refuse what the file says.
    """
    if section.owner is not None:
        ground = _made_by(ground, section.owner, path)
    try:
        endpoint, application = _make(ground, section, path)
    except ServiceError as error:
        raise EstateError(f"{path}: {error.message}") from error
    cloud, organization = ground.cloud, ground.organization
    if section.pipelines == "all":
        pipeline_permissions.grant(cloud, ground.project, endpoint["id"], None, ground.creator)
    else:
        for name in section.pipelines:
            number = _pipeline(ground, name, f"{path}.pipelines")["id"]
            pipeline_permissions.grant(cloud, ground.project, endpoint["id"], number, ground.creator)
    for index, check in enumerate(section.checks):
        inside = f"{path}.checks[{index}]"
        estate_checks.plant(cloud, ground.names, organization, endpoint, check, ground.creator, inside)
    if section.last_used_days_ago is not None:
        user = _last_user(ground, section, path)
        execution_history.add_past_run(cloud, organization, user, endpoint["id"], section.last_used_days_ago)
    return application if section.application_gone else None


def _make(ground: Ground, section: ServiceConnection, path: str) -> tuple[Document, Document | None]:
    cloud, organization = ground.cloud, ground.organization
    tenant_id = _tenant(ground, section, path)
    endpoint = _described(ground, tenant_id, section, path)
    application: Document | None = None
    principal: Document | None = None
    if not section.automatic and section.scheme != OF_THE_AGENT:
        application, principal = estate_identities.by_hand(cloud, ground.names, tenant_id, section, path)
        endpoint["authorization"]["parameters"]["serviceprincipalid"] = principal["appId"]
        endpoint["data"]["creationMode"] = "Manual"
        endpoint["data"]["identityType"] = endpoint_rules.identity_type(cloud, endpoint)
        if section.scheme == estate_identities.SECRET:
            estate_identities.give_secret(cloud, endpoint, application, section, path)
    add(cloud, organization, ground.creator, endpoint, _references(ground, section, path))
    if section.failed is not None:
        endpoint["data"] |= {"creationMode": "Automatic", "identityType": "AppRegistrationAutomatic"}
        endpoint["authorization"]["parameters"]["serviceprincipalid"] = ""
        endpoint["isReady"] = False
        endpoint["operationStatus"] = {"state": "Failed", "statusMessage": section.failed}
    elif section.automatic:
        application = estate_identities.make(cloud, organization, endpoint, section, ground.creator_id)
    elif section.scheme == endpoint_rules.FEDERATED and principal is not None:
        as_it_was = estate_identities.as_it_was(endpoint, section)
        estate_identities.let_trust(cloud, organization, as_it_was, application, principal)
    endpoint["isDisabled"] = section.disabled
    service_connections.save(cloud, endpoint)
    return endpoint, application


def _described(ground: Ground, tenant_id: str, section: ServiceConnection, path: str) -> Document:
    data, scope = estate_places.describe(ground.cloud, ground.names, tenant_id, section, path)
    parameters: dict[str, Any] = {"tenantid": tenant_id}
    if scope is not None:
        parameters["scope"] = scope
    endpoint: Document = {
        "type": "azurerm",
        "url": section.server_url or ENVIRONMENTS[section.cloud],
        "owner": "library",
        "authorization": {"scheme": section.scheme, "parameters": parameters},
        "data": {"environment": section.cloud, **data},
    }
    if section.issuer:
        endpoint["issuerKind"] = section.issuer
    if section.id:
        endpoint["id"] = section.id
    return endpoint


def _references(ground: Ground, section: ServiceConnection, path: str) -> list[Document]:
    home = {"projectId": ground.project["id"], "name": section.name, "description": section.description}
    found = [home]
    for index, share in enumerate(section.shared_with):
        owner = ground.organization["name"]
        other = ground.names.find("projects", "name", share.project, organization=owner)
        if other is None:
            raise EstateError(
                f"{path}.sharedWith[{index}].project: the organization has no project {share.project}."
            )
        found.append({**home, "projectId": other["id"], "name": share.name or section.name})
    for reference in found:
        service_connections.check_name(ground.cloud, reference["projectId"], reference["name"])
    return found


def _tenant(ground: Ground, section: ServiceConnection, path: str) -> str:
    if section.tenant is None:
        return str(ground.organization["tenantId"])
    found = ground.names.find("tenants", "name", section.tenant)
    if found is None:
        raise EstateError(f"{path}.tenant: there is no tenant {section.tenant}; name one of `tenants`.")
    return str(found["id"])


def _made_by(ground: Ground, name: str, path: str) -> Ground:
    tenant_id = ground.organization["tenantId"]
    user = ground.names.find("users", "userPrincipalName", name, tenantId=tenant_id)
    if user is None:
        raise EstateError(f"{path}.owner: the tenant has no person {name}.")
    creator = identity_reference(
        ground.cloud, ground.organization, user["id"], user["displayName"], user["userPrincipalName"]
    )
    return replace(ground, creator=creator, creator_id=user["id"])


def _last_user(ground: Ground, section: ServiceConnection, path: str) -> Document:
    if section.last_used_by is not None:
        return _pipeline(ground, section.last_used_by, f"{path}.lastUsedBy")
    if section.pipelines and section.pipelines != "all":
        return _pipeline(ground, section.pipelines[0], f"{path}.pipelines")
    found = ground.cloud.store.one("pipelines", projectId=ground.project["id"])
    if found is None:
        name = ground.project["name"]
        raise EstateError(f"{path}.lastUsedDaysAgo: the project {name} has no pipeline that used it.")
    return found


def _pipeline(ground: Ground, name: str, path: str) -> Document:
    for held in ground.cloud.store.find("pipelines", projectId=ground.project["id"]):
        if str(held["name"]).casefold() == name.casefold():
            return held
    raise EstateError(f"{path}: the project {ground.project['name']} has no pipeline {name}.")
