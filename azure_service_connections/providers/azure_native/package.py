"""The azure-native package as the local cloud offers it: pulumi_azure_native 3.29.0, cut to a few kinds."""

from collections.abc import Mapping
from typing import Final

import httpx

from azure_service_connections.providers.azure_native.arm_client import ArmClient
from azure_service_connections.providers.azure_native.arm_resource import ArmResource
from azure_service_connections.providers.azure_native.functions import functions
from azure_service_connections.providers.azure_native.locations import ResourceGroupLocations
from azure_service_connections.providers.azure_native.resource_types import RESOURCE_TYPES
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.package_schema import package_schema
from azure_service_connections.providers.pauses import Pauses
from azure_service_connections.providers.settings import Settings

CONFIGURATION: Final = {
    **dict.fromkeys(
        (
            *(
                "clientCertificatePassword",
                "clientCertificatePath",
                "clientId",
                "clientSecret",
                "environment",
            ),
            *("location", "metadataHost", "msiEndpoint", "oidcRequestToken", "oidcRequestUrl", "oidcToken"),
            *("oidcTokenFilePath", "partnerId", "subscriptionId", "tenantId"),
        ),
        "string",
    ),
    **dict.fromkeys(
        (
            *("disableInstanceDiscovery", "disablePulumiPartnerId", "useDefaultAzureCredential", "useMsi"),
            "useOidc",
        ),
        "boolean",
    ),
    "auxiliaryTenantIds": "strings",
}
_SECRET_CONFIGURATION: Final = frozenset(("clientId", "clientSecret", "clientCertificatePassword"))


class AzureNativePlugin:
    """The plugin; it reads the cloud's endpoints when the engine configures it."""

    name = "azure-native"
    version = "3.29.0"

    def __init__(self, pauses: Pauses | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """`pauses` are those of the environment, `transport` is the network, unless given."""
        self._transport = transport
        self._pauses = pauses or Pauses.from_environment()
        self._client: ArmClient | None = None
        self._locations = ResourceGroupLocations(self._arm)
        self.resources = {
            kind.token: ArmResource(kind, self._arm, self._locations) for kind in RESOURCE_TYPES
        }
        self.functions = {function.token: function for function in functions(self._arm)}

    def schema(self) -> str:
        """The package schema as JSON."""
        return package_schema(
            self.name,
            self.version,
            CONFIGURATION,
            _SECRET_CONFIGURATION,
            self.resources.values(),
            self.functions.values(),
        )

    def configure(self, variables: Mapping[str, str]) -> None:
        """Read the metadata document; the first call signs in."""
        settings = Settings(self.name, variables)
        self._client = ArmClient(settings, self._pauses, self._transport)
        self._locations.configured = settings.text("location")

    def cancel(self) -> None:
        """End the waits of running operations."""
        self._pauses.cancel()

    def _arm(self) -> ArmClient:
        if self._client is None:
            raise PluginError(
                "the azure-native plugin is not configured; the engine has to configure it first."
            )
        return self._client
