"""`azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential`."""

from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application_credential import (
    CredentialId,
    read_application,
)
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.azuread.property_table import Property, application_id, length
from azure_service_connections.providers.property_values import Properties

KIND = "federatedIdentityCredential"


def _one_audience(value: Any) -> str | None:
    if isinstance(value, list) and len(value) == 1 and value[0]:
        return None
    return "has to name one audience; write ['api://AzureADTokenExchange']."


class ApplicationFederatedCredential(GraphResource):
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

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """GET application, POST, five GETs in a row that find it, read; one at a time per application."""
        graph, doing = self._graph(), f"creating federated credential {inputs['displayName']!r}"
        with graph.lock(inputs["applicationId"]):
            application = read_application(graph, inputs["applicationId"], doing)
            path = f"/applications/{application['id']}/federatedIdentityCredentials"
            key = graph.change("POST", path, doing, _body(inputs))["id"]
            found = f"{path}/{key}"
            graph.until_stable(
                lambda: graph.get(found, doing) is not None, 1.0, 900.0, f"federated credential {found}"
            )
            identifier = str(CredentialId(application["id"], KIND, key))
            return identifier, self.finish(identifier, inputs, lambda: self.outputs_of(identifier, inputs))

    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """One GET."""
        credential = CredentialId.parse(identifier, KIND)
        found = self._graph().get(_path(credential), f"reading federated credential {identifier}")
        if found is None:
            return None
        return {
            "id": identifier,
            "applicationId": credential.application_id,
            "audiences": list(found.get("audiences") or []),
            "credentialId": credential.key,
            "description": found.get("description") or "",
            "displayName": found.get("name") or "",
            "issuer": found.get("issuer") or "",
            "subject": found.get("subject") or "",
        }

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """PATCH, read."""
        graph, credential = self._graph(), CredentialId.parse(identifier, KIND)
        with graph.lock(credential.application_id):
            body = _body(news) | {"id": credential.key}
            graph.change("PATCH", _path(credential), f"updating federated credential {identifier}", body)
            return self.finish(identifier, {**olds, **news}, lambda: self.outputs_of(identifier, news))

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """DELETE, then wait until Graph has forgotten it."""
        graph, credential = self._graph(), CredentialId.parse(identifier, KIND)
        with graph.lock(credential.application_id):
            graph.remove(_path(credential), f"federated credential {identifier}")


def _path(credential: CredentialId) -> str:
    return f"{credential.application_id}/federatedIdentityCredentials/{credential.key}"


def _body(inputs: Properties) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.federatedIdentityCredential",
        "audiences": list(inputs["audiences"]),
        "description": inputs.get("description") or "",
        "issuer": inputs["issuer"],
        "name": inputs["displayName"],
        "subject": inputs["subject"],
    }
