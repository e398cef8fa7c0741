"""The azure-native package as the local cloud offers it: pulumi_azure_native 3.29.0, cut to a few kinds."""

from typing import Final

import httpx

from azure_service_connections.providers.azure_native.arm_client import ArmClient
from azure_service_connections.providers.azure_native.arm_resource import ArmResource
from azure_service_connections.providers.azure_native.functions import functions
from azure_service_connections.providers.azure_native.locations import ResourceGroupLocations
from azure_service_connections.providers.azure_native.resource_types import RESOURCE_TYPES
from azure_service_connections.providers.pauses import Pauses
from azure_service_connections.providers.plugin import Plugin
from azure_service_connections.providers.settings import Settings

_CONFIGURATION: Final = {
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


class AzureNativePlugin(Plugin[ArmClient]):
    """The plugin; it reads the cloud's endpoints when the engine configures it."""

    name = "azure-native"
    version = "3.29.0"
    configuration = _CONFIGURATION

    def __init__(self, pauses: Pauses | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """`pauses` are those of the environment, `transport` is the network, unless given."""
        super().__init__(pauses, transport)
        self._locations = ResourceGroupLocations(self.client)
        self.resources = {
            kind.token: ArmResource(kind, self.client, self._locations) for kind in RESOURCE_TYPES
        }
        self.functions = {function.token: function for function in functions(self.client)}

    def connect(self, settings: Settings, pauses: Pauses, transport: httpx.BaseTransport | None) -> ArmClient:
        """Read the metadata document; the first call signs in."""
        client = ArmClient(settings, pauses, transport)
        self._locations.configured = settings.text("location")
        return client
