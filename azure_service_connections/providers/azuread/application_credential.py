"""What an application's credentials share: ids in state, and the application that they belong to."""

from typing import Any

from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.object_path import application_path
from azure_service_connections.providers.errors import PluginError


class CredentialId:
    """`{applicationObjectId}/{kind}/{keyId}`, as the published plugin writes it."""

    def __init__(self, application: str, kind: str, key: str) -> None:
        self.application = application
        self.kind = kind
        self.key = key

    @classmethod
    def parse(cls, identifier: str, kind: str) -> "CredentialId":
        """From its text; PluginError for another form."""
        parts = identifier.split("/")
        if len(parts) != 3 or parts[1] != kind or not parts[0] or not parts[2]:
            raise PluginError(
                f"{identifier!r} is not a credential's id; write {{objectId}}/{kind}/{{keyId}}."
            )
        return cls(parts[0], kind, parts[2])

    @property
    def application_id(self) -> str:
        """The application's own id, which is also its path."""
        return f"/applications/{self.application}"

    def __str__(self) -> str:
        return f"{self.application}/{self.kind}/{self.key}"


def read_application(
    graph: GraphClient, application_id: str, doing: str, *, version: str = "v1.0"
) -> dict[str, Any]:
    """The application that a credential is added to; PluginError where there is none."""
    path = application_path(application_id)
    found = graph.get(path, doing, version=version)
    if found is None:
        raise PluginError(f"{doing}: application {path} was not found; give the id of one that exists.")
    return found
