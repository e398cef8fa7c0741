"""The resources that the sandbox holds, whatever their type: how they are found, kept and shown.

A resource keeps the spelling of its names that it was made with; it is found without regard to case.
"""

from azure_service_connections.sandbox.arm.errors import (
    conflict,
    not_found,
    resource_group_not_found,
    resource_not_found,
)
from azure_service_connections.sandbox.arm.scopes import join, parse, segments
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import principals
from azure_service_connections.sandbox.store import Document

COLLECTION = "resources"
GROUP_KIND = "Microsoft.Resources/resourceGroups"
IDENTITY_KIND = "Microsoft.ManagedIdentity/userAssignedIdentities"
_HIDDEN = ("tenantId",)


def group_id(subscription: str, group: str) -> str:
    """The id of a resource group."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def resource_id(subscription: str, group: str, kind: str, name: str) -> str:
    """The id of a resource that lies in a resource group itself."""
    return f"{group_id(subscription, group)}/providers/{kind}/{name}"


def find(cloud: Cloud, identifier: str) -> Document | None:
    """The resource with this id, or None."""
    return cloud.store.get(COLLECTION, parse(identifier).key)


def group_of(cloud: Cloud, subscription: str, group: str) -> Document:
    """A resource group. Raises 404 `ResourceGroupNotFound`."""
    document = find(cloud, group_id(subscription, group))
    if document is None:
        raise resource_group_not_found(group)
    return document


def required(cloud: Cloud, identifier: str, kind: str, name: str) -> Document:
    """The resource with this id. Raises 404 `ResourceGroupNotFound` or `ResourceNotFound`."""
    document = find(cloud, identifier)
    if document is None:
        scope = parse(identifier)
        if scope.subscription is not None and scope.resource_group is not None:
            group_of(cloud, scope.subscription, scope.resource_group)
        raise resource_not_found(kind, name, scope.resource_group or "")
    return document


def keep(cloud: Cloud, document: Document) -> None:
    """Create or replace a resource."""
    cloud.store.put(COLLECTION, document["id"].lower(), document)


def new(cloud: Cloud, identifier: str, kind: str) -> Document:
    """A resource to be filled and kept: what it lies in spelled as that is, the tenant its subscription's."""
    scope = parse(identifier)
    parts = segments(identifier)
    subscription = cloud.store.get("subscriptions", (scope.subscription or "").lower()) or {}
    if scope.resource_group is not None and len(parts) > 4:
        parent = find(cloud, scope.group_text)
        if parent is not None:
            parts[:4] = segments(parent["id"])
    elif scope.subscription is not None:
        parts[1] = subscription.get("id", scope.subscription)
    return {"id": join(*parts), "name": parts[-1], "type": kind, "tenantId": subscription.get("tenantId")}


def presented(document: Document) -> Document:
    """A resource as Azure Resource Manager shows it."""
    return {key: value for key, value in document.items() if key not in _HIDDEN}


def below(cloud: Cloud, scope: str) -> list[Document]:
    """The resources that lie below a scope (not the scope itself), in order of creation."""
    prefix = f"{parse(scope).key.rstrip('/')}/"
    found = [
        cloud.store.get(COLLECTION, key) for key in cloud.store.keys(COLLECTION) if key.startswith(prefix)
    ]
    return [document for document in found if document is not None]


def remove(cloud: Cloud, identifier: str) -> None:
    """Remove a resource with all that hangs on it.

    That is what lies below it, the service principals of the managed identities among them with their
    federated credentials, and the role assignments made at these scopes. Role assignments elsewhere that name
    such a principal stay, as they really do.
    """
    prefix = parse(identifier).key
    own = find(cloud, identifier)
    for document in [*below(cloud, identifier), *([own] if own is not None else [])]:
        if document["type"] == IDENTITY_KIND:
            principals.remove_managed_identity(cloud, document["id"])
        cloud.store.remove(COLLECTION, document["id"].lower())
    for key in cloud.store.keys("role-assignments"):
        if key.startswith(f"{prefix}/"):
            cloud.store.remove("role-assignments", key)


def removed(cloud: Cloud, identifier: str) -> bool:
    """Remove a resource as `remove` does; False where there was none."""
    if find(cloud, identifier) is None:
        return False
    remove(cloud, identifier)
    return True


def same_location(existing: Document, location: str, group: str) -> None:
    """Raise 409 `InvalidResourceLocation` where a resource exists in another region: it cannot move."""
    if existing["location"] != location:
        raise conflict(
            "InvalidResourceLocation",
            f"The resource '{existing['name']}' already exists in location '{existing['location']}' in "
            f"resource group '{group}'. A resource with the same name cannot be created in location "
            f"'{location}'. Please select a new resource name.",
        )


def parent_exists(cloud: Cloud, identifier: str) -> None:
    """Raise 404 `ParentResourceNotFound` where a nested resource has nothing to lie in."""
    parts = segments(identifier)
    if len(parts) < 4 or parts[-4].lower() == "providers":
        return
    parent = join(*parts[:-2])
    if find(cloud, parent) is None:
        raise not_found(
            "ParentResourceNotFound",
            "Failed to perform 'write' on resource(s) of type "
            f"'{'/'.join(parts[-4::2])}', because the parent resource '{parent}' could not be found.",
        )
