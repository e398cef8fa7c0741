"""The document that tells clients where the services of this cloud are; it needs no token."""

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Request, Response

_PATH = "/metadata/endpoints"


def asked_for(request: Request) -> bool:
    """Whether a request is for this document."""
    return request.method == "GET" and request.path.lower().rstrip("/") == _PATH


def document(cloud: Cloud) -> Response:
    """The document in the form of API version 2022-09-01, which Azure's Go clients read.

    All services are at one address. Suffixes of data services are those of the public cloud: the sandbox has
    no such services.
    """
    url = cloud.url
    return Response(
        200,
        {
            "name": "AzureSandbox",
            "portal": url,
            "authentication": {
                "loginEndpoint": url,
                "audiences": [url],
                "tenant": "common",
                "identityProvider": "AAD",
            },
            "resourceManager": url,
            "microsoftGraphResourceId": url,
            "graphAudience": url,
            "media": url,
            "batch": url,
            "gallery": url,
            "suffixes": {
                "storage": "core.windows.net",
                "keyVaultDns": "vault.azure.net",
                "acrLoginServer": "azurecr.io",
                "sqlServerHostname": "database.windows.net",
            },
        },
    )
