"""`azuread:index/applicationPassword:ApplicationPassword`."""

from typing import ClassVar

from azure_service_connections.providers.azuread.application_credential import (
    CredentialId,
    key_in,
    read_application,
)
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.azuread.property_table import Property, application_id, moment
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties

KIND = "password"


class ApplicationPassword(GraphResource):
    """A client secret that Graph makes; it is told once and never again."""

    importable = False

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

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """GET application, addPassword, five GETs of the application in a row that list it, read.

        `endDateRelative` never reaches Graph, as with the published plugin.
        """
        graph, doing = self._graph(), f"adding a password to {inputs['applicationId']}"
        with graph.lock(inputs["applicationId"]):
            application = read_application(graph, inputs["applicationId"], doing)
            path = f"/applications/{application['id']}"
            credential = {
                "displayName": inputs.get("displayName"),
                "startDateTime": inputs.get("startDate"),
                "endDateTime": inputs.get("endDate"),
            }
            sent = {name: value for name, value in credential.items() if value or name == "displayName"}
            made = graph.change("POST", f"{path}/addPassword", doing, {"passwordCredential": sent})
            key, secret = made.get("keyId"), made.get("secretText")
            if not key or not secret:
                raise PluginError(f"{doing}: Graph answered without a key id or a secret.")
            graph.until_stable(
                lambda: key_in(graph.get(path, doing), "passwordCredentials", key) is not None,
                1.0,
                300.0,
                f"password {key} of {path}",
            )
            identifier = str(CredentialId(application["id"], KIND, key))
            known = {**inputs, "value": secret}
            return identifier, self.finish(identifier, known, lambda: self.outputs_of(identifier, known))

    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """The key in the application's list; the secret is what is known of it."""
        credential = CredentialId.parse(identifier, KIND)
        application = self._graph().get(credential.application_id, f"reading password {identifier}")
        found = key_in(application, "passwordCredentials", credential.key)
        if found is None:
            return None
        outputs: Properties = {
            "id": identifier,
            "applicationId": credential.application_id,
            "displayName": found.get("displayName") or "",
            "endDate": found.get("endDateTime") or "",
            "keyId": credential.key,
            "startDate": found.get("startDateTime") or "",
        }
        for name in ("endDateRelative", "rotateWhenChanged", "value"):
            if name in known:
                outputs[name] = known[name]
        return outputs

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """Nothing of a password can change; each property replaces it."""
        return self.finish(
            identifier, {**olds, **news}, lambda: self.outputs_of(identifier, {**olds, **news})
        )

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """removePassword, then five GETs of the application that no longer list it."""
        graph, credential = self._graph(), CredentialId.parse(identifier, KIND)
        path, doing = credential.application_id, f"removing password {identifier}"
        with graph.lock(path):
            graph.change("POST", f"{path}/removePassword", doing, {"keyId": credential.key})
            graph.until_stable(
                lambda: key_in(graph.get(path, doing), "passwordCredentials", credential.key) is None,
                5.0,
                300.0,
                f"removal of password {identifier}",
            )
