"""The directory's principals, as the other services of the sandbox ask for them.

A principal is a service principal (of an application or of a managed identity), a person or a group.
"""

from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

PRINCIPAL_TYPES: Final = {"service-principals": "ServicePrincipal", "users": "User", "groups": "Group"}
"""The type that Azure gives to the members of each collection."""


def find_principal(cloud: Cloud, object_id: str, *, replicated: bool = False) -> Document | None:
    """The principal with this object id, with its type under `principalType`; None where there is none.

    With `replicated` a service principal that is not visible yet counts as absent, and the question counts as
    one of its reads in vain (Resource Manager refuses such a principal with PrincipalNotFound).
    """
    wanted = object_id.lower()
    for collection, principal_type in PRINCIPAL_TYPES.items():
        document = cloud.store.get(collection, wanted)
        if document is None:
            continue
        if replicated and not cloud.faults.visible(collection, wanted):
            return None
        return {**document, "principalType": principal_type}
    return None


def groups_of(cloud: Cloud, principal_id: str) -> set[str]:
    """The ids of the groups that hold this principal, directly or through other groups."""
    holders: dict[str, list[str]] = {}
    for group in cloud.store.find("groups"):
        for member in group.get("members", []):
            holders.setdefault(member, []).append(group["id"])
    found: set[str] = set()
    waiting = [principal_id.lower()]
    while waiting:
        for group_id in holders.get(waiting.pop(), []):
            if group_id not in found:
                found.add(group_id)
                waiting.append(group_id)
    return found


def create_managed_identity(
    cloud: Cloud,
    tenant_id: str,
    name: str,
    resource_id: str,
    principal_id: str | None = None,
    client_id: str | None = None,
) -> tuple[str, str]:
    """Make the service principal of a user-assigned managed identity; its principal id and client id.

    An identity that exists keeps both, as a repeated PUT of the same resource does in Azure.
    """
    resource = resource_id.lower()
    existing = managed_identity(cloud, resource)
    if existing is not None:
        return existing["id"], existing["appId"]
    principal_id = principal_id or cloud.identifiers.guid("managed-identity-principal", resource)
    client_id = client_id or cloud.identifiers.guid("managed-identity-client", resource)
    cloud.store.put(
        "service-principals",
        principal_id,
        {
            "id": principal_id,
            "appId": client_id,
            "tenantId": tenant_id,
            "resourceId": resource,
            "displayName": name,
            "appDisplayName": None,
            "appOwnerOrganizationId": None,
            "accountEnabled": True,
            "alternativeNames": ["isExplicit=True", resource_id],
            "servicePrincipalType": "ManagedIdentity",
            "servicePrincipalNames": [client_id, f"https://identity.azure.net/{client_id}"],
            "createdDateTime": cloud.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tags": [],
            "owners": [],
            "directoryRoles": [],
        },
    )
    cloud.faults.created("service-principals", principal_id)
    _join_groups(cloud, tenant_id, name.lower(), principal_id)
    return principal_id, client_id


def _join_groups(cloud: Cloud, tenant_id: str, name: str, principal_id: str) -> None:
    # An estate names identities as members of groups before Resource Manager has made them.
    for group in cloud.store.find("groups", tenantId=tenant_id):
        if name in group.get("expectedMembers", []):
            group["expectedMembers"].remove(name)
            group["members"].append(principal_id)
            cloud.store.put("groups", group["id"], group)


def managed_identity(cloud: Cloud, resource_id: str) -> Document | None:
    """The service principal of the managed identity with this Resource Manager id, or None."""
    return cloud.store.one("service-principals", resourceId=resource_id.lower())


def remove_managed_identity(cloud: Cloud, resource_id: str) -> None:
    """Remove the service principal of a managed identity and its federated credentials.

    Groups and owners that name it need no change: who reads them skips what is gone. Role assignments stay,
    as they do in Azure.
    """
    resource = resource_id.lower()
    principal = managed_identity(cloud, resource)
    if principal is None:
        return
    for credential in cloud.store.find("federated-credentials", parent=resource):
        cloud.store.remove("federated-credentials", credential["id"])
    cloud.store.remove("service-principals", principal["id"])
