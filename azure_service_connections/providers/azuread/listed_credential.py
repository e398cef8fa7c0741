"""Passwords and certificates: credentials that an application's own body lists.

Graph tells that one was added or removed only by the application, so both are waited for there, and one that
exists cannot be changed.
"""

from abc import abstractmethod
from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application_credential import CredentialId, read_application
from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.property_values import Properties


class ListedCredential(GraphResource):
    """One credential in a list of its application; subclasses say how it gets into the list and out."""

    kind: ClassVar[str]
    """What it is called in ids and in sentences."""
    collection: ClassVar[str]
    """The application's list that holds it."""
    answered: ClassVar[dict[str, str]]
    """Outputs that Graph answers, by their names in the list."""
    remembered: ClassVar[tuple[str, ...]]
    """Outputs that Graph does not tell, or not again."""

    @abstractmethod
    def add(
        self, graph: GraphClient, application: dict[str, Any], inputs: Properties, doing: str
    ) -> tuple[str, Properties]:
        """Add it to the application; its key id, and what is known of it from now on."""

    @abstractmethod
    def take_out(self, graph: GraphClient, credential: CredentialId, doing: str) -> None:
        """Remove it from the application."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """GET application, the addition, five GETs of the application in a row that list it, read."""
        graph, doing = self._graph(), f"adding a {self.kind} to {inputs['applicationId']}"
        with graph.lock(inputs["applicationId"]):
            application = read_application(graph, inputs["applicationId"], doing)
            path = f"/applications/{application['id']}"
            key, known = self.add(graph, application, inputs, doing)
            graph.until_stable(
                lambda: self.listed(graph.get(path, doing), key) is not None,
                1.0,
                300.0,
                f"{self.kind} {key} of {path}",
            )
            identifier = str(CredentialId(application["id"], self.kind, key))
            return identifier, self.finish(identifier, known, lambda: self.outputs_of(identifier, known))

    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """The key in the application's list; the secret or certificate is what is known of it."""
        credential = CredentialId.parse(identifier, self.kind)
        application = self._graph().get(credential.application_id, f"reading {self.kind} {identifier}")
        found = self.listed(application, credential.key)
        if found is None:
            return None
        outputs: Properties = {
            "id": identifier,
            "applicationId": credential.application_id,
            "keyId": credential.key,
        }
        outputs |= {name: found.get(listed) or "" for name, listed in self.answered.items()}
        outputs |= {name: known[name] for name in self.remembered if name in known}
        return outputs

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """Nothing of it can change; each property replaces it."""
        known = {**olds, **news}
        return self.finish(identifier, known, lambda: self.outputs_of(identifier, known))

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """The removal, then five GETs of the application that no longer list it."""
        graph, credential = self._graph(), CredentialId.parse(identifier, self.kind)
        path, doing = credential.application_id, f"removing {self.kind} {identifier}"
        with graph.lock(path):
            self.take_out(graph, credential, doing)
            graph.until_stable(
                lambda: self.listed(graph.get(path, doing), credential.key) is None,
                5.0,
                300.0,
                f"removal of {self.kind} {identifier}",
            )

    def listed(self, application: dict[str, Any] | None, key: str) -> dict[str, Any] | None:
        """The entry of that key id in the application's list, or None."""
        for credential in (application or {}).get(self.collection) or []:
            if str(credential.get("keyId", "")).lower() == key.lower():
                return dict(credential)
        return None
