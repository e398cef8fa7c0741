"""What a stack may write about the identity of a connection."""

from pydantic import Field

from azure_service_connections.configuration.strictness import Model
from azure_service_connections.configuration.values import (
    DisplayName,
    Guid,
    LongText,
    ManagedIdentityId,
    ManagedIdentityName,
    NotBlank,
    Owner,
    ResourceGroupName,
    SecretText,
    Tagged,
    WebAppId,
)


class AppRegistration(Model):
    """An application in Entra ID that is made for the connection."""

    display_name: DisplayName | None = None
    """Its name in the directory. Default: the connection's name."""
    owners: list[Owner] = Field(default=[])
    """Who may administer it: user principal names or object ids."""
    notes: LongText | None = None
    """What the directory's administrators should know about it."""
    tags: list[Tagged] = Field(default=[])
    """Its tags, beside the one that says which resource it is."""
    service_management_reference: NotBlank | None = None
    """Its id in the organization's service catalogue, which some tenants require."""
    adopted: bool | None = None
    """True for one that existed before: no tag is added, and what no key says of it stays as it is."""


class ManagedIdentity(Model):
    """A user-assigned managed identity: `resourceId` of one that exists, or `name` and `resourceGroup`."""

    resource_id: ManagedIdentityId | None = None
    """Id in Azure of one that exists."""
    name: ManagedIdentityName | None = None
    """Name of the one to make."""
    resource_group: ResourceGroupName | None = None
    """Name of the resource group to make it in."""
    subscription_id: Guid | None = None
    """Id of the subscription to make it in. Default: the one that the connection reaches."""
    location: NotBlank | None = None
    """Azure region of the one to make, such as westeurope. Default: that of the resource group."""


class ServicePrincipal(Model):
    """An application with a service principal that exist already."""

    client_id: Guid
    """Client id (application id) of the application."""
    tenant_id: Guid
    """Id of the tenant."""
    principal_id: Guid | None = None
    """Object id of the service principal. Default: it is looked up."""


class Automatic(Model):
    """An application that Azure DevOps makes, with its trust or its secret and Contributor on the scope."""

    tenant_id: Guid | None = None
    """Id of the tenant to make it in. Default: the one that the azuread provider works in."""


class AgentIdentity(Model):
    """The managed identity of the machine that runs the job: an agent of one's own in Azure."""

    principal_id: Guid | None = None
    """Object id of the identity's service principal, which roles are given to."""
    tenant_id: Guid | None = None
    """Id of its tenant. Default: the one that the azuread provider works in."""


class WebApp(Model):
    """One App Service with its publish profile. Experimental."""

    resource_id: WebAppId
    """Id of the App Service in Azure."""
    publish_profile: SecretText
    """Its publish profile."""
    tenant_id: Guid | None = None
    """Id of its tenant. Default: the one that the azuread provider works in."""
