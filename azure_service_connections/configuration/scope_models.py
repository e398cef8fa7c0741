"""What a stack may write about what a connection reaches: a cloud and a scope in it."""

from azure_service_connections.configuration.strictness import Model
from azure_service_connections.configuration.values import (
    Environment,
    Guid,
    ManagementGroupName,
    NotBlank,
    ResourceGroupName,
    ServerUrl,
    WorkspaceName,
)


class Cloud(Model):
    """A cloud."""

    environment: Environment
    """AzureCloud, AzureUSGovernment, AzureChinaCloud or AzureStack."""
    server_url: ServerUrl | None = None
    """Address of the Resource Manager of an Azure Stack; the others have one that is known."""


class Subscription(Model):
    """A whole subscription."""

    id: Guid
    """Id of the subscription."""
    name: NotBlank
    """Name of the subscription, as Azure DevOps is to show it."""


class ResourceGroup(Model):
    """One resource group."""

    subscription_id: Guid
    """Id of the subscription that holds it."""
    subscription_name: NotBlank
    """Name of the subscription, as Azure DevOps is to show it."""
    name: ResourceGroupName
    """Name of the resource group."""


class ManagementGroup(Model):
    """A management group and everything below it."""

    id: ManagementGroupName
    """Its id: the last part of its full id."""
    name: NotBlank
    """Its name, as Azure DevOps is to show it."""


class Workspace(Model):
    """One Azure Machine Learning workspace."""

    subscription_id: Guid
    """Id of the subscription that holds it."""
    subscription_name: NotBlank
    """Name of the subscription, as Azure DevOps is to show it."""
    resource_group: ResourceGroupName
    """Name of the resource group that holds it."""
    name: WorkspaceName
    """Name of the workspace."""
    location: NotBlank
    """Azure region of the workspace, such as westeurope."""
