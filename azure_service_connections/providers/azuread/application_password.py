"""`azuread:index/applicationPassword:ApplicationPassword`."""

from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application_credential import CredentialId
from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.listed_credential import ListedCredential
from azure_service_connections.providers.azuread.property_table import Property, application_id, moment
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties


class ApplicationPassword(ListedCredential):
    """A client secret that Graph makes; it is told once and never again."""

    importable = False
    kind = "password"
    collection = "passwordCredentials"
    answered: ClassVar[dict[str, str]] = {
        "displayName": "displayName",
        "endDate": "endDateTime",
        "startDate": "startDateTime",
    }
    remembered = ("endDateRelative", "rotateWhenChanged", "value")

    token = "azuread:index/applicationPassword:ApplicationPassword"
    properties: ClassVar[dict[str, Property]] = {
        "applicationId": Property(required=True, replaces=True, mistake=application_id),
        "displayName": Property(computed=True, replaces=True),
        "endDate": Property(computed=True, replaces=True, mistake=moment, conflicts=("endDateRelative",)),
        "endDateRelative": Property(replaces=True),
        "keyId": Property(output=True),
        "rotateWhenChanged": Property("map", replaces=True),
        "startDate": Property(computed=True, replaces=True, mistake=moment),
        "value": Property(output=True, secret=True),
    }

    def add(
        self, graph: GraphClient, application: dict[str, Any], inputs: Properties, doing: str
    ) -> tuple[str, Properties]:
        """addPassword. `endDateRelative` never reaches Graph, as with the published plugin."""
        credential = {
            "displayName": inputs.get("displayName"),
            "startDateTime": inputs.get("startDate"),
            "endDateTime": inputs.get("endDate"),
        }
        sent = {name: value for name, value in credential.items() if value or name == "displayName"}
        path = f"/applications/{application['id']}/addPassword"
        made = graph.change("POST", path, doing, {"passwordCredential": sent})
        key, secret = made.get("keyId"), made.get("secretText")
        if not key or not secret:
            raise PluginError(f"{doing}: Graph answered without a key id or a secret.")
        return key, {**inputs, "value": secret}

    def take_out(self, graph: GraphClient, credential: CredentialId, doing: str) -> None:
        """removePassword."""
        path = f"{credential.application_id}/removePassword"
        graph.change("POST", path, doing, {"keyId": credential.key})
