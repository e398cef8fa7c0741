"""The tree of management groups above the subscriptions: what a group is, where it lies, what lies in it.

A tenant has one root group, named by the tenant's id, whether or not the estate says so. A group's name is
its key in the whole sandbox: two tenants cannot both have a group of the same name, which in Azure they can.
"""

from azure_service_connections.sandbox.arm.errors import not_found
from azure_service_connections.sandbox.arm.scopes import management_group_id
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

COLLECTION = "management-groups"
KIND = "Microsoft.Management/managementGroups"


def find(cloud: Cloud, tenant_id: str, name: str) -> Document | None:
    """The management group of a tenant with this name, or None; the root group always exists."""
    held = cloud.store.get(COLLECTION, name.lower())
    if held is not None:
        return held if held["tenantId"] == tenant_id else None
    if name.lower() == tenant_id.lower():
        return document(tenant_id, tenant_id, "Tenant Root Group", None)
    return None


def required(cloud: Cloud, tenant_id: str, name: str) -> Document:
    """The management group of a tenant with this name. Raises 404 `NotFound`."""
    held = find(cloud, tenant_id, name)
    if held is None:
        raise not_found("NotFound", f"The management group '{name}' cannot be found.")
    return held


def create(cloud: Cloud, tenant_id: str, name: str, display_name: str, parent: str | None) -> Document:
    """Make a management group under its parent (None for the root group) and keep it."""
    above = None if name.lower() == tenant_id.lower() else (parent or tenant_id)
    made = document(tenant_id, name, display_name, above)
    cloud.store.put(COLLECTION, name.lower(), made)
    return made


def known(cloud: Cloud, tenant_id: str) -> list[Document]:
    """The management groups of a tenant, the root group first."""
    root = find(cloud, tenant_id, tenant_id)
    others = [
        each
        for each in cloud.store.find(COLLECTION, tenantId=tenant_id)
        if each["name"].lower() != tenant_id.lower()
    ]
    return [*([root] if root is not None else []), *others]


def presented(cloud: Cloud, group: Document, *, expand: bool = False, recurse: bool = False) -> Document:
    """A group as Azure shows it; `expand` adds what lies in it, `recurse` all that lies below."""
    parent = find(cloud, group["tenantId"], group["parent"]) if group["parent"] else None
    properties: Document = {
        "tenantId": group["tenantId"],
        "displayName": group["displayName"],
        "details": {
            "parent": None if parent is None else {key: parent[key] for key in ("id", "name", "displayName")},
        },
    }
    if expand:
        properties["children"] = children(cloud, group, recurse=recurse) or None
    return {"id": group["id"], "type": KIND, "name": group["name"], "properties": properties}


def document(tenant_id: str, name: str, display_name: str, parent: str | None) -> Document:
    """What is kept of a group; `parent` is the name of the one above, None for the root group."""
    return {
        "id": management_group_id(name),
        "name": name,
        "displayName": display_name,
        "tenantId": tenant_id,
        "parent": parent,
    }


def members(cloud: Cloud, group: Document) -> list[Document]:
    """The subscriptions that lie directly in a group."""
    tenant_id, name = group["tenantId"], group["name"].lower()
    return [
        each
        for each in cloud.store.find("subscriptions", tenantId=tenant_id)
        if (each.get("managementGroup") or tenant_id).lower() == name
    ]


def children(cloud: Cloud, group: Document, *, recurse: bool) -> list[Document]:
    """The groups and subscriptions in a group; with `recurse` the groups carry theirs in turn."""
    name = group["name"].lower()
    below = [each for each in known(cloud, group["tenantId"]) if (each["parent"] or "").lower() == name]
    found: list[Document] = []
    for each in below:
        child: Document = {key: each[key] for key in ("id", "name", "displayName")} | {"type": KIND}
        if recurse:
            child["children"] = children(cloud, each, recurse=True)
        found.append(child)
    found.extend(
        {
            "id": f"/subscriptions/{each['id']}",
            "type": "/subscriptions",
            "name": each["id"],
            "displayName": each["name"],
        }
        for each in members(cloud, group)
    )
    return found


def flat(tree: list[Document]) -> list[Document]:
    """What `children` gives, as one list in the form of descendants."""
    found: list[Document] = []
    for each in tree:
        found.append(
            {
                "id": each["id"],
                "type": each["type"],
                "name": each["name"],
                "properties": {"displayName": each["displayName"]},
            }
        )
        found.extend(flat(each.get("children", [])))
    return found


def membership(group: Document, subscription: Document) -> Document:
    """A subscription as a member of a group, as Azure shows it."""
    return {
        "id": f"{group['id']}/subscriptions/{subscription['id']}",
        "type": f"{KIND}/subscriptions",
        "name": subscription["id"],
        "properties": {
            "tenant": subscription["tenantId"],
            "displayName": subscription["name"],
            "parent": {"id": group["id"]},
            "state": "Active",
        },
    }
