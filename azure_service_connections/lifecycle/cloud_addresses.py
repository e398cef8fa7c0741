"""Where the services of the cloud in use are."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from azure_service_connections.catalogue.clouds import CLOUDS
from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.errors import ServiceError, SettingError
from azure_service_connections.lifecycle.http_client import HttpClient

DEVOPS_RESOURCE = "499b84ac-1321-427f-aa17-267ca6975798"
"""What a token for Azure DevOps is made out to, in every cloud."""

_METADATA_VERSION = "2022-09-01"
_GRAPHS: Mapping[str, str] = MappingProxyType(
    {
        "AzureCloud": "https://graph.microsoft.com",
        "AzureUSGovernment": "https://graph.microsoft.us",
        "AzureChinaCloud": "https://microsoftgraph.chinacloudapi.cn",
    }
)
_ENVIRONMENTS: Mapping[str, str] = MappingProxyType(
    {
        "": "AzureCloud",
        "public": "AzureCloud",
        "usgovernment": "AzureUSGovernment",
        "china": "AzureChinaCloud",
        **{name.lower(): name for name in CLOUDS},
    }
)
"""The values of ARM_ENVIRONMENT, as the engine's plugins take them."""


@dataclass(frozen=True)
class CloudAddresses:
    """Addresses without a trailing slash."""

    login: str
    graph: str
    resource_manager: str
    audience: str
    """What a token for Azure Resource Manager is made out to."""

    @property
    def well_known(self) -> bool:
        """Whether the sign-in service is one that Microsoft's libraries know by themselves."""
        return self.login.removeprefix("https://") in {cloud.login for cloud in CLOUDS.values()}


def cloud_addresses(environment: Mapping[str, str], http: HttpClient) -> CloudAddresses:
    """The cloud that ARM_METADATA_HOSTNAME describes, else the one that ARM_ENVIRONMENT names.

    Without either it is the public cloud. Raises SettingError for an unknown name and ServiceError where the
    host does not describe a cloud.
    """
    if host := environment.get("ARM_METADATA_HOSTNAME") or environment.get("ARM_METADATA_HOST"):
        return _described(host, http)
    named = environment.get("ARM_ENVIRONMENT", "")
    cloud = CLOUDS.get(_ENVIRONMENTS.get(named.lower(), ""))
    if cloud is None:
        raise SettingError(
            f"ARM_ENVIRONMENT is {quoted(named)}, which is no cloud; write "
            f"{listed(['public', 'usgovernment', 'china'])}."
        )
    manager = cloud.resource_manager.rstrip("/")
    return CloudAddresses(f"https://{cloud.login}", _GRAPHS[cloud.environment], manager, manager)


def _described(host: str, http: HttpClient) -> CloudAddresses:
    answer = http.send(
        "GET", f"https://{host}/metadata/endpoints", parameters={"api-version": _METADATA_VERSION}
    )
    document = answer.document if answer.successful and isinstance(answer.document, dict) else {}
    authentication = document.get("authentication") or {}
    login, audiences = authentication.get("loginEndpoint"), authentication.get("audiences")
    graph, manager = document.get("microsoftGraphResourceId"), document.get("resourceManager")
    if not (isinstance(login, str) and isinstance(graph, str) and isinstance(manager, str)):
        raise ServiceError(
            f"ARM_METADATA_HOSTNAME names {quoted(host)}, which does not describe a cloud; "
            "give the host (with its port) of one that does.",
            answer.status,
        )
    audience = str(audiences[0]) if isinstance(audiences, list) and audiences else manager
    return CloudAddresses(login.rstrip("/"), graph.rstrip("/"), manager.rstrip("/"), audience.rstrip("/"))
