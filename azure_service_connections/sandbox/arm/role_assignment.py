"""What a role assignment is: how it is made, kept, limited and shown."""

from azure_service_connections.sandbox.arm import roles
from azure_service_connections.sandbox.arm.scopes import ROOT, join, parse
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

COLLECTION = "role-assignments"
KIND = "Microsoft.Authorization/roleAssignments"
SUBSCRIPTION_LIMIT = 4000
"""How many assignments a subscription can have, with all that lies in it."""
MANAGEMENT_GROUP_LIMIT = 500
"""How many assignments a management group can have by itself."""

_SHOWN = (
    "roleDefinitionId",
    "principalId",
    "principalType",
    "scope",
    "condition",
    "conditionVersion",
    "createdOn",
    "updatedOn",
    "createdBy",
    "updatedBy",
    "delegatedManagedIdentityResourceId",
    "description",
)


def assignment_id(scope: str, name: str) -> str:
    """The id of an assignment at a scope."""
    return join(scope, "providers", KIND, name)


def role_id(scope: str, guid: str) -> str:
    """The id by which answers name a role: that of the subscription for what is at or below one."""
    subscription = parse(scope).subscription
    prefix = f"/subscriptions/{subscription}" if subscription is not None else ""
    return f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{guid}"


def make(
    cloud: Cloud,
    tenant_id: str,
    *,
    scope: str,
    name: str,
    role: str,
    principal_id: str,
    principal_type: str,
    made_by: str = "",
    condition: str | None = None,
    condition_version: str | None = None,
    description: str | None = None,
    delegated_identity: str | None = None,
) -> Document:
    """Make an assignment and keep it; what may not be made has been refused before."""
    place = ROOT if parse(scope).text == ROOT else parse(scope).text
    now = cloud.clock.text()
    document: Document = {
        "id": assignment_id(place, name),
        "name": name,
        "key": name.lower(),
        "tenantId": tenant_id,
        "scope": place,
        "roleDefinitionId": role_id(place, roles.guid_of(role)),
        "principalId": principal_id.lower(),
        "principalType": principal_type,
        "condition": condition,
        "conditionVersion": condition_version,
        "description": description,
        "delegatedManagedIdentityResourceId": delegated_identity,
        "createdOn": now,
        "updatedOn": now,
        "createdBy": made_by,
        "updatedBy": made_by,
    }
    keep(cloud, document)
    cloud.faults.created(COLLECTION, document["id"].lower())
    return document


def keep(cloud: Cloud, document: Document) -> None:
    """Create or replace an assignment."""
    cloud.store.put(COLLECTION, document["id"].lower(), document)


def full(cloud: Cloud, scope: str) -> int | None:
    """The limit of the subscription or management group of a scope where it is reached; None where not."""
    place = parse(scope)
    if place.subscription is not None:
        prefix = f"/subscriptions/{place.subscription.lower()}/"
        held = sum(key.startswith(prefix) for key in cloud.store.keys(COLLECTION))
        return SUBSCRIPTION_LIMIT if held >= SUBSCRIPTION_LIMIT else None
    if place.management_group is not None:
        prefix = f"{place.key}/providers/microsoft.authorization/"
        held = sum(key.startswith(prefix) for key in cloud.store.keys(COLLECTION))
        return MANAGEMENT_GROUP_LIMIT if held >= MANAGEMENT_GROUP_LIMIT else None
    return None


def presented(document: Document) -> Document:
    """An assignment as Azure Resource Manager shows it."""
    return {
        "properties": {key: document.get(key) for key in _SHOWN},
        "id": document["id"],
        "type": KIND,
        "name": document["name"],
    }
