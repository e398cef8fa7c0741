"""`azuread:index/applicationCertificate:ApplicationCertificate`."""

import base64
import binascii
import textwrap
import uuid
from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application_credential import CredentialId, read_application
from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.listed_credential import ListedCredential
from azure_service_connections.providers.azuread.property_table import (
    Property,
    application_id,
    guid,
    moment,
    one_of,
)
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties


class ApplicationCertificate(ListedCredential):
    """A certificate that an application may sign in with."""

    kind = "certificate"
    collection = "keyCredentials"
    answered: ClassVar[dict[str, str]] = {
        "endDate": "endDateTime",
        "startDate": "startDateTime",
        "type": "type",
    }
    remembered = ("encoding", "endDateRelative", "value")

    token = "azuread:index/applicationCertificate:ApplicationCertificate"
    properties: ClassVar[dict[str, Property]] = {
        "applicationId": Property(required=True, replaces=True, mistake=application_id),
        "encoding": Property(replaces=True, default="pem", mistake=one_of("base64", "hex", "pem")),
        "endDate": Property(computed=True, replaces=True, mistake=moment, conflicts=("endDateRelative",)),
        "endDateRelative": Property(replaces=True),
        "keyId": Property(computed=True, replaces=True, mistake=guid),
        "startDate": Property(computed=True, replaces=True, mistake=moment),
        "type": Property(replaces=True, mistake=one_of("AsymmetricX509Cert", "Symmetric")),
        "value": Property(required=True, replaces=True, secret=True),
    }

    def add(
        self, graph: GraphClient, application: dict[str, Any], inputs: Properties, doing: str
    ) -> tuple[str, Properties]:
        """PATCH of all the application's keys and the new one."""
        key = inputs.get("keyId") or str(uuid.uuid4())
        if self.listed(application, key):
            raise PluginError(f"{doing}: it has a certificate {key} already; import it or choose another id.")
        credential = {
            "key": base64.b64encode(_pem(inputs).encode()).decode(),
            "keyId": key,
            "type": inputs.get("type") or "AsymmetricX509Cert",
            "usage": "Verify",
            "startDateTime": inputs.get("startDate"),
            "endDateTime": inputs.get("endDate"),
        }
        new = {name: value for name, value in credential.items() if value is not None}
        keys = [*(application.get("keyCredentials") or []), new]
        body = _keys_body(application["id"], keys)
        graph.change("PATCH", f"/applications/{application['id']}", doing, body)
        return key, inputs

    def take_out(self, graph: GraphClient, credential: CredentialId, doing: str) -> None:
        """GET application, PATCH without the key."""
        application = read_application(graph, credential.application_id, doing)
        keys = [
            key
            for key in application.get("keyCredentials") or []
            if str(key.get("keyId", "")).lower() != credential.key.lower()
        ]
        body = _keys_body(credential.application, keys)
        graph.change("PATCH", credential.application_id, doing, body)


def _keys_body(object_id: str, keys: list[Any]) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.application", "id": object_id, "keyCredentials": keys}


def _pem(inputs: Properties) -> str:
    value, encoding = str(inputs["value"]), inputs.get("encoding") or "pem"
    if encoding == "pem":
        if "-----BEGIN" not in value:
            raise PluginError("value of the certificate is not in PEM form; set encoding to base64 or hex.")
        return value
    try:
        der = bytes.fromhex(value) if encoding == "hex" else base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise PluginError(f"value of the certificate is not in {encoding} form; correct encoding.") from None
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
