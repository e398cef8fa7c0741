"""Roles: those that Azure brings along and those that a tenant made itself."""

from azure_service_connections.sandbox.arm.built_in_roles import built_in_roles
from azure_service_connections.sandbox.arm.role import Role
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

COLLECTION = "role-definitions"


def guid_of(reference: str) -> str:
    """The GUID at the end of a role definition id, in lower case: all forms of the id name the same role."""
    return reference.rstrip("/").rsplit("/", 1)[-1].lower()


def find(cloud: Cloud, tenant_id: str, reference: str) -> Role | None:
    """The role that an id or GUID names in a tenant, or None."""
    guid = guid_of(reference)
    built_in = built_in_roles().get(guid)
    if built_in is not None:
        return built_in
    document = cloud.store.get(COLLECTION, guid)
    return _custom(document) if document is not None and document["tenantId"] == tenant_id else None


def known(cloud: Cloud, tenant_id: str) -> list[Role]:
    """All roles of a tenant, the built-in ones first."""
    customs = cloud.store.find(COLLECTION, tenantId=tenant_id)
    return [*built_in_roles().values(), *(_custom(document) for document in customs)]


def named(cloud: Cloud, tenant_id: str, name: str) -> Role | None:
    """The role with this name, without regard to case, or None."""
    return next((role for role in known(cloud, tenant_id) if role.name.lower() == name.lower()), None)


def _custom(document: Document) -> Role:
    return Role(
        guid=document["id"],
        name=document["roleName"],
        kind="CustomRole",
        description=document["description"],
        assignable_scopes=tuple(document["assignableScopes"]),
        permissions=tuple(document["permissions"]),
    )
