"""Scopes of Azure: how their ids are read, compared and inherited."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from azure_service_connections.sandbox.cloud import Cloud

ROOT = "/"
_MANAGEMENT_GROUP = re.compile(r"/providers/microsoft\.management/managementgroups/([^/]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Scope:
    """A scope taken apart. Names keep the spelling that was given; `text` has no slash at its end."""

    text: str
    subscription: str | None = None
    resource_group: str | None = None
    management_group: str | None = None

    @property
    def key(self) -> str:
        """The scope in lower case, which is how scopes are compared."""
        return self.text.lower()

    @property
    def group_text(self) -> str:
        """The id of the resource group that the scope is or lies in."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"

    @property
    def is_resource(self) -> bool:
        """Whether the scope is a resource, and not one of the levels that hold resources."""
        parts = segments(self.text)
        if self.management_group is not None:
            return len(parts) > 4
        if self.resource_group is not None:
            return len(parts) > 4
        if self.subscription is not None:
            return len(parts) > 2
        return len(parts) > 0


def segments(path: str) -> list[str]:
    """The parts of a path, decoded."""
    return [unquote(part) for part in path.strip("/").split("/") if part]


def join(*parts: str) -> str:
    """The path made of these parts."""
    return "/" + "/".join(part.strip("/") for part in parts if part.strip("/"))


def parse(text: str) -> Scope:
    """Take a scope apart."""
    text = join(text)
    parts = segments(text)
    lower = [part.lower() for part in parts]
    if lower[:1] == ["subscriptions"] and len(parts) > 1:
        group = parts[3] if len(parts) > 3 and lower[2] == "resourcegroups" else None
        return Scope(text, subscription=parts[1], resource_group=group)
    match = _MANAGEMENT_GROUP.match(text)
    return Scope(text, management_group=match[1] if match else None)


def management_group_id(name: str) -> str:
    """The id of a management group."""
    return f"/providers/Microsoft.Management/managementGroups/{name}"


def lineage(cloud: Cloud, tenant_id: str, text: str) -> tuple[str, ...]:
    """The scope and everything that it inherits from, nearest first, in lower case; ends with `/`.

    A resource inherits from the resource that it lies in, its resource group, its subscription, the
    subscription's management group, that group's parents up to the tenant's root group, and from `/`.
    Empty where the scope is a subscription or management group of another tenant: nothing reaches it.
    """
    scope = parse(text)
    chain: list[str] = []
    if scope.subscription is not None:
        subscription = cloud.store.get("subscriptions", scope.subscription.lower())
        if subscription is not None and subscription["tenantId"] != tenant_id:
            return ()
        chain += _within_subscription(scope)
        chain += _groups_above(cloud, tenant_id, (subscription or {}).get("managementGroup") or tenant_id)
    elif scope.management_group is not None:
        group = cloud.store.get("management-groups", scope.management_group.lower())
        if group is not None and group["tenantId"] != tenant_id:
            return ()
        if scope.is_resource:
            chain.append(scope.key)
        chain += _groups_above(cloud, tenant_id, scope.management_group)
    elif scope.key != ROOT:
        chain.append(scope.key)
    return (*chain, ROOT)


def covers(cloud: Cloud, tenant_id: str, outer: str, inner: str) -> bool:
    """Whether what is granted at `outer` holds at `inner`."""
    return parse(outer).key in lineage(cloud, tenant_id, inner)


def _within_subscription(scope: Scope) -> list[str]:
    """The ids from a resource up to its subscription; `providers/{namespace}` is no scope of its own."""
    parts = segments(scope.key)
    chain: list[str] = []
    floor = 4 if scope.resource_group is not None else 2
    while len(parts) > floor:
        chain.append(join(*parts))
        parts = parts[:-2]
        if len(parts) >= 2 and parts[-2] == "providers":
            parts = parts[:-2]
    if floor == 4:
        chain.append(join(*parts[:4]))
    chain.append(join(*segments(scope.key)[:2]))
    return chain


def _groups_above(cloud: Cloud, tenant_id: str, name: str) -> list[str]:
    chain: list[str] = []
    current: str | None = name
    while current is not None:
        key = management_group_id(current).lower()
        if key in chain:
            break
        chain.append(key)
        document = cloud.store.get("management-groups", current.lower())
        if document is None or current.lower() == tenant_id.lower():
            current = None
        else:
            current = document.get("parent") or tenant_id
    return chain
