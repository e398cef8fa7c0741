"""`azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential`."""

from abc import abstractmethod
from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application_credential import (
    CredentialId,
    read_application,
)
from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.azuread.property_table import Property, application_id, length
from azure_service_connections.providers.property_values import Properties

KIND = "federatedIdentityCredential"


class FederatedCredential(GraphResource):
    """The trust of an application in tokens of one issuer; subclasses say in which of them."""

    version: ClassVar[str] = "v1.0"
    """The version of Graph that knows this kind."""

    @abstractmethod
    def credential_id(self, identifier: str) -> CredentialId:
        """From its id in state; PluginError for another form."""

    @abstractmethod
    def identifier(self, credential: CredentialId) -> str:
        """Its id in state."""

    @abstractmethod
    def trusted(self, inputs: Properties) -> dict[str, Any]:
        """Which tokens it trusts, as Graph is told."""

    @abstractmethod
    def trusted_outputs(self, found: dict[str, Any]) -> Properties:
        """Which tokens it trusts, as Graph tells it."""

    @abstractmethod
    def wait_until_made(self, graph: GraphClient, path: str, doing: str) -> None:
        """Wait until a new one is there to be read; PluginError where it does not appear."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """GET application, POST, GET until it is there, read; one at a time per application."""
        graph, doing = self._graph(), f"creating federated credential {inputs['displayName']!r}"
        with graph.lock(inputs["applicationId"]):
            application = read_application(graph, inputs["applicationId"], doing, version=self.version)
            path = f"/applications/{application['id']}/federatedIdentityCredentials"
            key = graph.change("POST", path, doing, self._body(inputs), version=self.version)["id"]
            self.wait_until_made(graph, f"{path}/{key}", doing)
            identifier = self.identifier(CredentialId(application["id"], KIND, key))
            return identifier, self.finish(identifier, inputs, lambda: self.outputs_of(identifier, inputs))

    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """One GET."""
        credential = self.credential_id(identifier)
        found = self._graph().get(
            _path(credential), f"reading federated credential {identifier}", version=self.version
        )
        if found is None:
            return None
        return {
            "id": identifier,
            "applicationId": credential.application_id,
            "credentialId": credential.key,
            "description": found.get("description") or "",
            "displayName": found.get("name") or "",
            "issuer": found.get("issuer") or "",
            **self.trusted_outputs(found),
        }

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """PATCH, read."""
        graph, credential = self._graph(), self.credential_id(identifier)
        with graph.lock(credential.application_id):
            body = self._body(news) | {"id": credential.key}
            doing = f"updating federated credential {identifier}"
            graph.change("PATCH", _path(credential), doing, body, version=self.version)
            return self.finish(identifier, {**olds, **news}, lambda: self.outputs_of(identifier, news))

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """DELETE, then wait until Graph has forgotten it."""
        graph, credential = self._graph(), self.credential_id(identifier)
        with graph.lock(credential.application_id):
            graph.remove(_path(credential), f"federated credential {identifier}", version=self.version)

    def _body(self, inputs: Properties) -> dict[str, Any]:
        return {
            "@odata.type": "#microsoft.graph.federatedIdentityCredential",
            "description": inputs.get("description") or "",
            "issuer": inputs["issuer"],
            "name": inputs["displayName"],
            **self.trusted(inputs),
        }


def _one_audience(value: Any) -> str | None:
    if isinstance(value, list) and len(value) == 1 and value[0]:
        return None
    return "has to name one audience; write ['api://AzureADTokenExchange']."


class ApplicationFederatedCredential(FederatedCredential):
    """The trust of an application in the tokens of one issuer for one subject."""

    token = "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
    properties: ClassVar[dict[str, Property]] = {
        "applicationId": Property(required=True, replaces=True, mistake=application_id),
        "audiences": Property("strings", required=True, mistake=_one_audience),
        "credentialId": Property(output=True),
        "description": Property(),
        "displayName": Property(required=True, replaces=True, mistake=length(1, 120)),
        "issuer": Property(required=True),
        "subject": Property(required=True),
    }

    def credential_id(self, identifier: str) -> CredentialId:
        """From `{applicationObjectId}/federatedIdentityCredential/{id}`."""
        return CredentialId.parse(identifier, KIND)

    def identifier(self, credential: CredentialId) -> str:
        """`{applicationObjectId}/federatedIdentityCredential/{id}`."""
        return str(credential)

    def trusted(self, inputs: Properties) -> dict[str, Any]:
        """Audience and subject."""
        return {"audiences": list(inputs["audiences"]), "subject": inputs["subject"]}

    def trusted_outputs(self, found: dict[str, Any]) -> Properties:
        """Audience and subject."""
        return {"audiences": list(found.get("audiences") or []), "subject": found.get("subject") or ""}

    def wait_until_made(self, graph: GraphClient, path: str, doing: str) -> None:
        """Five GETs in a row that find it, a second apart."""
        graph.until_stable(
            lambda: graph.get(path, doing) is not None, 1.0, 900.0, f"federated credential {path}"
        )


def _path(credential: CredentialId) -> str:
    return f"{credential.application_id}/federatedIdentityCredentials/{credential.key}"
