"""Started by the engine as `pulumi-resource-azure-native`."""

from azure_service_connections.providers.azure_native.package import AzureNativePlugin
from azure_service_connections.providers.server import serve

if __name__ == "__main__":
    serve(AzureNativePlugin)
