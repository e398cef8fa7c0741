"""`ApplicationFlexibleFederatedIdentityCredential` of `azuread:index`: trust by an expression over claims.

Only the beta version of Graph knows the expression, so the published plugin uses it for every call.
"""

import re
from typing import Any, ClassVar, Final

from azure_service_connections.providers.azuread.application_credential import CredentialId
from azure_service_connections.providers.azuread.federated_credential import KIND, FederatedCredential
from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.property_table import Property, application_id, length
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties

FIRST_LOOK: Final = 10.0
"""Seconds between the creation and the first look at it."""
LOOKS: Final = 890
"""Looks a second apart: with the first wait, the published plugin's 15 minutes."""
_ID = re.compile(r"/applications/([^/]+)/federatedIdentityCredentials/([^/]+)")


def _not_blank(value: Any) -> str | None:
    return None if str(value).strip() else "is blank; write a value."


class ApplicationFlexibleFederatedCredential(FederatedCredential):
    """The trust of an application in those tokens of one issuer whose claims match an expression."""

    token = (
        "azuread:index/applicationFlexibleFederatedIdentityCredential:"
        "ApplicationFlexibleFederatedIdentityCredential"
    )
    version = "beta"
    properties: ClassVar[dict[str, Property]] = {
        "applicationId": Property(required=True, replaces=True, mistake=application_id),
        "audience": Property(required=True, mistake=length(1, 600)),
        "claimsMatchingExpression": Property(required=True, mistake=_not_blank),
        "credentialId": Property(output=True),
        "description": Property(mistake=length(0, 600)),
        "displayName": Property(required=True, replaces=True, mistake=length(1, 120)),
        "issuer": Property(required=True, mistake=_not_blank),
    }

    def credential_id(self, identifier: str) -> CredentialId:
        """From `/applications/{applicationObjectId}/federatedIdentityCredentials/{id}`."""
        parts = _ID.fullmatch(identifier)
        if parts is None:
            raise PluginError(
                f"{identifier!r} is not a flexible federated credential's id; write "
                "/applications/{objectId}/federatedIdentityCredentials/{id}."
            )
        return CredentialId(parts[1], KIND, parts[2])

    def identifier(self, credential: CredentialId) -> str:
        """`/applications/{applicationObjectId}/federatedIdentityCredentials/{id}`."""
        return f"{credential.application_id}/federatedIdentityCredentials/{credential.key}"

    def trusted(self, inputs: Properties) -> dict[str, Any]:
        """Audience and expression; no subject."""
        expression = {"languageVersion": 1, "value": inputs["claimsMatchingExpression"]}
        return {"audiences": [inputs["audience"]], "claimsMatchingExpression": expression}

    def trusted_outputs(self, found: dict[str, Any]) -> Properties:
        """Audience and expression."""
        audiences, expression = found.get("audiences") or [""], found.get("claimsMatchingExpression") or {}
        return {"audience": audiences[0], "claimsMatchingExpression": expression.get("value") or ""}

    def wait_until_made(self, graph: GraphClient, path: str, doing: str) -> None:
        """Ten seconds, then GETs a second apart until one finds it."""
        graph.pauses.wait(FIRST_LOOK)
        for _ in range(LOOKS):
            if graph.get(path, doing, version=self.version) is not None:
                return
            graph.pauses.wait(1.0)
        raise PluginError(f"federated credential {path} was not seen within 900 s; run the update again.")
