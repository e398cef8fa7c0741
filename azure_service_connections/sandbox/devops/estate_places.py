"""What the service connections of an estate file are for: the scope, as a connection writes it."""

from azure_service_connections.sandbox.arm import management_group, resources, workspaces
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.endpoint_types import MANAGEMENT_GROUP, SUBSCRIPTION, WORKSPACE
from azure_service_connections.sandbox.devops.estate_names import Names
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.estate_connection_models import ServiceConnection
from azure_service_connections.sandbox.store import Document


def describe(
    cloud: Cloud, names: Names, tenant_id: str, section: ServiceConnection, path: str
) -> tuple[dict[str, str], str | None]:
    """The fields of a connection's data that name its scope, and its parameter `scope` where it has one.

    A subscription's id needs none that exists: the connection has then outlived its subscription.
    """
    if section.management_group is not None:
        group = management_group.find(cloud, tenant_id, section.management_group)
        if group is None:
            raise EstateError(
                f"{path}.managementGroup: the tenant has no management group {section.management_group}."
            )
        data = {"managementGroupId": group["name"], "managementGroupName": group["displayName"]}
        return {"scopeLevel": MANAGEMENT_GROUP, **data}, None
    subscription = _subscription(names, tenant_id, section, path)
    data = {"subscriptionId": subscription["id"], "subscriptionName": subscription["name"]}
    if section.resource_group is None:
        return {"scopeLevel": SUBSCRIPTION, **data}, None
    if section.workspace is None:
        scope = f"/subscriptions/{subscription['id']}/resourcegroups/{section.resource_group}"
        return {"scopeLevel": SUBSCRIPTION, **data}, scope
    identifier = workspaces.workspace_id(subscription["id"], section.resource_group, section.workspace)
    workspace = resources.find(cloud, identifier)
    if workspace is None:
        raise EstateError(f"{path}.workspace: {section.resource_group} has no workspace {section.workspace}.")
    return {
        "scopeLevel": WORKSPACE,
        **data,
        "resourceGroupName": section.resource_group,
        "mlWorkspaceName": workspace["name"],
        "mlWorkspaceLocation": workspace["location"],
    }, None


def _subscription(names: Names, tenant_id: str, section: ServiceConnection, path: str) -> Document:
    named = str(section.subscription)
    held = names.find("subscriptions", "name", named, tenantId=tenant_id)
    held = held or names.find("subscriptions", "id", named, tenantId=tenant_id)
    if held is not None:
        return held
    if len(named) == 36 and named.count("-") == 4:
        return {"id": named.lower(), "name": ""}
    raise EstateError(
        f"{path}.subscription: there is no subscription {named}; name one of the tenant's `subscriptions`."
    )
