"""Where a cloud's services are, from its metadata document.

`GET https://{host}/metadata/endpoints?api-version=2022-09-01`, the one document that both published plugins
read.
"""

from dataclasses import dataclass
from typing import Final

from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.rest_client import RestClient
from azure_service_connections.providers.settings import Settings

API_VERSION: Final = "2022-09-01"


@dataclass(frozen=True)
class CloudEndpoints:
    """Addresses without a trailing slash."""

    login: str
    graph: str
    resource_manager: str
    audience: str


def metadata_host(settings: Settings) -> str:
    """The host that a provider is configured with, as it is written; PluginError where it names none."""
    host = settings.text("metadataHost", "ARM_METADATA_HOSTNAME")
    if not host:
        raise PluginError(
            f"this {settings.package} plugin speaks to the local cloud only; set ARM_METADATA_HOSTNAME as "
            "`connections sandbox env` prints it."
        )
    return host


def read_endpoints(client: RestClient, host: str) -> CloudEndpoints:
    """The endpoints of the cloud at `host` (`host[:port]`); PluginError when it does not tell them."""
    address = f"https://{host}/metadata/endpoints?api-version={API_VERSION}"
    answer = client.send("GET", address, headers={"Accept": "application/json"})
    if answer.status != 200:
        raise PluginError(f"metadata host {host} answered {answer.reason} to {address}; give a cloud's host.")
    document = answer.document
    authentication = document.get("authentication")
    login = authentication.get("loginEndpoint") if isinstance(authentication, dict) else None
    audiences = authentication.get("audiences") if isinstance(authentication, dict) else None
    graph, manager = document.get("microsoftGraphResourceId"), document.get("resourceManager")
    if not (isinstance(login, str) and isinstance(graph, str) and isinstance(manager, str)):
        raise PluginError(f"metadata host {host} names no login, Graph or resource manager address.")
    audience = audiences[0] if isinstance(audiences, list) and audiences else manager
    return CloudEndpoints(
        login.rstrip("/"), graph.rstrip("/"), manager.rstrip("/"), str(audience).rstrip("/")
    )
