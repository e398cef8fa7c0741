"""What Azure DevOps Server cannot do, which runs on machines of one's own.

It issues no assertion that Entra ID trusts and makes no identity. Source: "Connect to Azure with an Azure
Resource Manager service connection", in its edition for Azure DevOps Server.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from azure_service_connections.configuration.mistakes import ConfigurationError, Mistake, path_to
from azure_service_connections.configuration.models import Connection

_IN_CLOUD = ("dev.azure.com", "127.0.0.1")
_NO_ISSUER = "Azure DevOps Server has no issuer that Entra ID trusts"


def is_server(url: str | None) -> bool:
    """Whether an organization's address is that of Azure DevOps Server.

    The address 127.0.0.1 is the sandbox, which stands for the services in the cloud.
    """
    host = (urlsplit(url).hostname or "") if url else ""
    in_cloud = host in ("dev.azure.com", "127.0.0.1") or host.endswith(
        (".dev.azure.com", ".visualstudio.com")
    )
    return bool(host) and not in_cloud


def refuse_what_no_server_can(connections: Mapping[str, Connection], organization: str | None) -> None:
    """Raise ConfigurationError for what a connection of Azure DevOps Server asks of it in vain.

    `organization` is the address that connections have which name none.
    """
    mistakes = [
        mistake
        for key, connection in connections.items()
        if is_server(connection.organization or organization)
        for mistake in _in_vain(key, connection)
    ]
    if mistakes:
        raise ConfigurationError(mistakes)


def _in_vain(key: str, connection: Connection) -> Iterator[Mistake]:
    if connection.automatic is not None:
        yield Mistake(
            path_to(key, "automatic"),
            "is not what Azure DevOps Server does; use appRegistration or servicePrincipal with a secret or "
            "a certificate",
        )
    elif connection.managed_identity is not None:
        yield Mistake(
            path_to(key, "managedIdentity"),
            f"signs in by federation only, and {_NO_ISSUER}; use agentIdentity, or appRegistration with a "
            "secret or a certificate",
        )
    elif connection.credential == "federated" and (
        connection.app_registration is not None or connection.service_principal is not None
    ):
        yield Mistake(
            path_to(key, "credential"),
            f"is federated unless you say otherwise, and {_NO_ISSUER}; write {{secret: …}} or "
            "{certificate: …}",
        )
    if connection.workspace is not None:
        yield Mistake(
            path_to(key, "workspace"),
            "is no scope of Azure DevOps Server; write subscription or managementGroup",
        )
