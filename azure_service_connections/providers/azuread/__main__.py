"""Started by the engine as `pulumi-resource-azuread`."""

from azure_service_connections.providers.azuread.package import AzureadPlugin
from azure_service_connections.providers.server import serve

if __name__ == "__main__":
    serve(AzureadPlugin)
