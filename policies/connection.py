"""A service connection to Azure, whichever of the provider's resources makes it.

Source of the defaults: the azuredevops provider's documentation of both resources.
"""

from dataclasses import dataclass
from typing import Any

from policies.resource import UNKNOWN, Resource, Unknown
from policies.resource_types import AZURERM_CONNECTION, GENERIC_CONNECTION

FEDERATED = "WorkloadIdentityFederation"
AS_AGENT = "ManagedServiceIdentity"
WITH_SECRET = "ServicePrincipal"
PUBLIC_CLOUD = "AzureCloud"
_GROUP = "/providers/Microsoft.Management/managementGroups/"


@dataclass(frozen=True)
class Connection:
    """What a connection says of itself, from the inputs or the outputs of its resource."""

    resource: Resource

    @property
    def generic(self) -> bool:
        """Whether it is the resource that can say every field."""
        return self.resource.type == GENERIC_CONNECTION

    @property
    def name(self) -> str | Unknown:
        """Its name in Azure DevOps."""
        return self.resource.text("name" if self.generic else "serviceEndpointName")

    @property
    def id(self) -> str | Unknown:
        """Its id in Azure DevOps; empty among inputs."""
        return self.resource.text("id")

    @property
    def scheme(self) -> str | Unknown:
        """How it signs in; the provider's default is a secret."""
        key = "authorizationScheme" if self.generic else "serviceEndpointAuthenticationScheme"
        return self.resource.text(key) or WITH_SECRET

    @property
    def environment(self) -> str | Unknown:
        """The cloud that it points at."""
        path = ("parameters", "environment") if self.generic else ("environment",)
        return self.resource.text(*path) or PUBLIC_CLOUD

    @property
    def client_id(self) -> str | Unknown:
        """The client id of its identity; empty where it names none."""
        holder = "authorizationParameters" if self.generic else "credentials"
        return self.resource.text(holder, "serviceprincipalid")

    @property
    def identity_property(self) -> str:
        """The property that names its identity."""
        return "authorizationParameters" if self.generic else "credentials"

    @property
    def automatic(self) -> bool:
        """Whether Azure DevOps makes its identity, as far as that is known."""
        if self.scheme not in (FEDERATED, WITH_SECRET):
            return False
        if self.generic:
            return self.resource.text("parameters", "creationMode") == "Automatic"
        return self.resource.get("credentials") is None

    @property
    def management_group(self) -> str | Unknown:
        """The name of the management group that it points at; empty for any other scope."""
        path = ("parameters", "managementGroupId") if self.generic else ("azurermManagementGroupId",)
        return self.resource.text(*path)

    @property
    def scope(self) -> str | Unknown:
        """The full id of what it points at; empty where that cannot be told."""
        group = self.management_group
        if group is UNKNOWN or group:
            return UNKNOWN if group is UNKNOWN else f"{_GROUP}{group}"
        path = ("parameters", "subscriptionId") if self.generic else ("azurermSubscriptionId",)
        inner = ("parameters", "resourceGroupName") if self.generic else ("resourceGroup",)
        subscription, resource_group = self.resource.text(*path), self.resource.text(*inner)
        if subscription is UNKNOWN or resource_group is UNKNOWN:
            return UNKNOWN
        if not subscription:
            return ""
        inside = f"/resourceGroups/{resource_group}" if resource_group else ""
        return f"/subscriptions/{subscription}{inside}"

    @property
    def issuer(self) -> str | Unknown:
        """Whom its assertions come from, among outputs; empty where the resource does not tell."""
        return self.resource.text("workloadIdentityFederationIssuer")

    @property
    def subject(self) -> str | Unknown:
        """The subject of its assertions, among outputs; empty where the resource does not tell."""
        return self.resource.text("workloadIdentityFederationSubject")

    @property
    def shared_with(self) -> list[Any] | Unknown:
        """The ids of further projects that have it."""
        return self.resource.items("sharedProjectIds") if self.generic else []


def is_connection(resource: Resource) -> bool:
    """Whether a resource is a service connection to Azure: the generic one can be of any kind."""
    if resource.type == GENERIC_CONNECTION:
        return resource.text("type") == "azurerm"
    return resource.type == AZURERM_CONNECTION
