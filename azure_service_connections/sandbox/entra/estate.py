"""Plants the directories of an estate: tenants with their people, applications and groups."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import (
    applications,
    certificates,
    federated_credentials,
    passwords,
    service_principals,
)
from azure_service_connections.sandbox.entra.errors import GraphError
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.estate_mistakes import path_to
from azure_service_connections.sandbox.estate_tenant_models import Application, Tenant
from azure_service_connections.sandbox.store import Document


def plant(cloud: Cloud, tenants: list[Tenant]) -> None:
    """Put tenants into an empty directory. Raises `EstateError` for what Graph itself would refuse."""
    for index, tenant in enumerate(tenants):
        _plant_tenant(cloud, index, tenant)


def _plant_tenant(cloud: Cloud, index: int, tenant: Tenant) -> None:
    tenant_id = tenant.id or cloud.identifiers.guid("tenant", tenant.name)
    document = {
        "id": tenant_id,
        "name": tenant.name,
        "domain": tenant.domain.lower(),
        "serviceManagementReferenceRequired": False,
        "federationBlocked": tenant.federation_blocked,
    }
    cloud.store.put("tenants", tenant_id, document)
    principals = _plant_people(cloud, tenant_id, tenant)
    registered = []
    for position, application in enumerate(tenant.applications):
        with _named("tenants", index, "applications", position):
            made = _plant_application(cloud, tenant_id, application)
        registered.append(made)
        principals[application.name.lower()] = made[1]["id"]
    for application, (registration, principal) in zip(tenant.applications, registered, strict=True):
        owner_ids = [principals[owner.lower()] for owner in application.owners]
        if owner_ids:
            for collection, owned in (("applications", registration), ("service-principals", principal)):
                cloud.store.put(collection, owned["id"], {**owned, "owners": owner_ids})
    _plant_groups(cloud, tenant_id, tenant, principals)
    # Only now: the applications of an estate are older than the tenant's rule.
    document["serviceManagementReferenceRequired"] = tenant.service_management_reference_required
    cloud.store.put("tenants", tenant_id, document)


def _plant_people(cloud: Cloud, tenant_id: str, tenant: Tenant) -> dict[str, str]:
    planted: dict[str, str] = {}
    for person in tenant.people:
        name = person.user_principal_name.lower()
        user_id = person.id or cloud.identifiers.guid("user", f"{tenant_id}/{name}")
        user = {
            "id": user_id,
            "tenantId": tenant_id,
            "displayName": person.name,
            "userPrincipalName": person.user_principal_name,
            "mail": person.user_principal_name,
            "mailNickname": person.user_principal_name.partition("@")[0],
            "directoryRoles": list(person.directory_roles),
        }
        cloud.store.put("users", user_id, user)
        planted[name] = user_id
    return planted


def _plant_application(cloud: Cloud, tenant_id: str, application: Application) -> tuple[Document, Document]:
    registration = applications.register(
        cloud,
        tenant_id,
        {
            "displayName": application.name,
            "signInAudience": "AzureADMultipleOrgs" if application.multi_tenant else "AzureADMyOrg",
        },
        object_id=application.id,
        client_id=application.client_id,
    )
    if application.secret is not None:
        life = passwords.life(
            cloud, application.secret_expires, application.secret_expires_in_days, passwords.LIFETIME
        )
        passwords.add(cloud, registration, {"displayName": "secret", **life}, application.secret)
    registration["keyCredentials"] = certificates.merge(
        cloud,
        registration,
        [{"key": base64.b64encode(text.encode()).decode()} for text in application.certificates],
    )
    cloud.store.put("applications", registration["id"], registration)
    principal = service_principals.register(
        cloud, tenant_id, registration["appId"], object_id=application.principal_id
    )
    principal["directoryRoles"] = list(application.directory_roles)
    principal["accountEnabled"] = not application.disabled
    cloud.store.put("service-principals", principal["id"], principal)
    for credential in application.federated_credentials:
        values = {**credential.model_dump(), "audiences": list(credential.audiences)}
        federated_credentials.add(cloud, registration, values)
    return registration, principal


def _plant_groups(cloud: Cloud, tenant_id: str, tenant: Tenant, principals: dict[str, str]) -> None:
    identifiers = {
        group.name.lower(): group.id or cloud.identifiers.guid("group", f"{tenant_id}/{group.name.lower()}")
        for group in tenant.groups
    }
    known = {**principals, **identifiers}
    for group in tenant.groups:
        names = [member.lower() for member in group.members]
        group_id = identifiers[group.name.lower()]
        document: Document = {
            "id": group_id,
            "tenantId": tenant_id,
            "displayName": group.name,
            "mailNickname": group.name,
            "members": [known[name] for name in names if name in known],
            # Managed identities, which Resource Manager makes later.
            "expectedMembers": [name for name in names if name not in known],
        }
        cloud.store.put("groups", group_id, document)


@contextmanager
def _named(*place: str | int) -> Iterator[None]:
    try:
        yield
    except GraphError as error:
        raise EstateError(f"{path_to(*place)}: {error.message}") from error
