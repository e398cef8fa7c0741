"""The clouds that a service connection can point at.

Source: the environments of Azure DevOps' Azure Resource Manager endpoint type, and Microsoft's pages on
national clouds and on workload identity federation (the audience differs by cloud).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Cloud:
    """One cloud and its addresses."""

    environment: str
    """What Azure DevOps calls it."""
    resource_manager: str
    """The URL that Azure DevOps stores with a connection to it."""
    login: str
    """The host that issues tokens for it."""
    audience: str
    """What the assertion of a pipeline is made out to; Entra compares it with regard to case."""


PUBLIC = Cloud(
    "AzureCloud", "https://management.azure.com/", "login.microsoftonline.com", "api://AzureADTokenExchange"
)

STACK = "AzureStack"
"""The environment whose address only its owner knows."""

CLOUDS: Mapping[str, Cloud] = MappingProxyType(
    {
        cloud.environment: cloud
        for cloud in (
            PUBLIC,
            Cloud(
                "AzureUSGovernment",
                "https://management.usgovcloudapi.net/",
                "login.microsoftonline.us",
                "api://AzureADTokenExchangeUSGov",
            ),
            Cloud(
                "AzureChinaCloud",
                "https://management.chinacloudapi.cn/",
                "login.partner.microsoftonline.cn",
                "api://AzureADTokenExchangeChina",
            ),
        )
    }
)
"""The clouds with fixed addresses, by environment."""

ENVIRONMENTS = (*CLOUDS, STACK)
"""Every environment that a connection may name."""
