"""Plants the organizations of an estate file: tokens, projects, pipelines and service connections."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from azure_service_connections.sandbox import estate_models
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import agent_pools, estate_connections
from azure_service_connections.sandbox.devops.access import identity_reference
from azure_service_connections.sandbox.devops.estate_names import Names
from azure_service_connections.sandbox.devops.pipeline_templates import keep, template_at
from azure_service_connections.sandbox.devops.projects import DEFAULT_PROCESS
from azure_service_connections.sandbox.entra import deleted_items
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.store import Document


def plant(cloud: Cloud, organizations: Iterable[estate_models.Organization]) -> None:
    """Put the organizations of an estate into the cloud, after its tenants.

    Raises `EstateError` where a name in the file leads nowhere.
    """
    names = Names(cloud)
    deleted: dict[str, float] = {}
    for position, section in enumerate(organizations):
        deleted |= _plant_organization(cloud, names, section, f"organizations[{position}]")
    for identifier, days_ago in deleted.items():
        application = cloud.store.get("applications", identifier)
        if application is not None:
            at = cloud.clock.now() - timedelta(days=days_ago)
            deleted_items.delete_application(cloud, application, at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _plant_organization(
    cloud: Cloud, names: Names, section: estate_models.Organization, path: str
) -> dict[str, float]:
    """Plant an organization; the applications that are to be deleted, with the days since then."""
    tenant = names.find("tenants", "name", section.tenant) or names.find("tenants", "id", section.tenant)
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
        _plant_token(cloud, names, organization, token, f"{path}.personalAccessTokens[{index}]")
        for index, token in enumerate(section.personal_access_tokens)
    ]
    creator_id, creator = owners[0] if owners else _administrator(cloud, organization)
    projects = [
        _plant_project(cloud, names, organization, project, f"{path}.projects[{index}]")
        for index, project in enumerate(section.projects)
    ]
    deleted: dict[str, float] = {}
    for index, (held, project) in enumerate(zip(projects, section.projects, strict=True)):
        ground = estate_connections.Ground(cloud, names, organization, held, creator, creator_id)
        for position, connection in enumerate(project.service_connections):
            inside = f"{path}.projects[{index}].serviceConnections[{position}]"
            application = estate_connections.plant(ground, connection, inside)
            if application is not None:
                deleted[application["id"]] = connection.application_gone_days_ago
    return deleted


def _plant_token(
    cloud: Cloud, names: Names, organization: Document, section: estate_models.PersonalAccessToken, path: str
) -> tuple[str, dict[str, Any]]:
    """Plant a token; its owner by object id and as an identity."""
    user = names.find("users", "userPrincipalName", section.owner, tenantId=organization["tenantId"])
    if user is None:
        raise EstateError(
            f"{path}.owner: nobody has the user principal name {section.owner}; add them to `people` of the "
            "tenant."
        )
    held = {"organization": organization["name"], "owner": section.owner, "userId": user["id"]}
    first = cloud.store.get("personal-access-tokens", section.token)
    if first is not None:
        held = {**first, "elsewhere": [*first.get("elsewhere", []), held]}
    cloud.store.put("personal-access-tokens", section.token, held)
    identity = identity_reference(cloud, organization, user["id"], user["displayName"], section.owner)
    return user["id"], identity


def _plant_project(
    cloud: Cloud, names: Names, organization: Document, section: estate_models.Project, path: str
) -> Document:
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
    if section.endpoint_administrators is not None:
        project["endpointAdministrators"] = [
            _person(names, organization, each, f"{path}.endpointAdministrators[{index}]")
            for index, each in enumerate(section.endpoint_administrators)
        ]
    cloud.store.put("projects", project["id"], project)
    for template in section.templates:
        place = template_at("git", section.name, template.repository, template.ref, template.path)
        keep(cloud, place, template.yaml)
    taken = {int(key.rpartition("/")[2]) for key in cloud.store.keys("pipelines")}
    for pipeline in section.pipelines:
        number = pipeline.id or _free_number(cloud, organization, taken)
        cloud.store.put(
            "pipelines",
            f"{project['id']}/{number}",
            {"id": number, "name": pipeline.name, "projectId": project["id"], "yaml": pipeline.yaml},
        )
    return project


def _person(names: Names, organization: Document, name: str, path: str) -> str:
    """The object id of a person of the organization's tenant."""
    user = names.find("users", "userPrincipalName", name, tenantId=organization["tenantId"])
    if user is None:
        raise EstateError(
            f"{path}: nobody has the user principal name {name}; add them to `people` of the tenant."
        )
    return str(user["id"])


def _branch(name: str) -> str:
    return name if name.startswith("refs/") else f"refs/heads/{name}"


def _free_number(cloud: Cloud, organization: Document, taken: set[int]) -> int:
    """The next number of a pipeline; numbers are unique in an organization."""
    number = cloud.identifiers.number(f"pipeline/{organization['name'].lower()}")
    while number in taken:
        number = cloud.identifiers.number(f"pipeline/{organization['name'].lower()}")
    taken.add(number)
    return number


def _administrator(cloud: Cloud, organization: Document) -> tuple[str, dict[str, Any]]:
    identifier = cloud.identifiers.derived("administrator", organization["name"])
    identity = identity_reference(cloud, organization, identifier, "Administrator", "administrator")
    return identifier, identity
