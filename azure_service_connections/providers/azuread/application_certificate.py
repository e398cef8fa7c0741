"""`azuread:index/applicationCertificate:ApplicationCertificate`."""

import base64
import binascii
import textwrap
import uuid
from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application_credential import (
    CredentialId,
    key_in,
    read_application,
)
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.azuread.property_table import (
    Property,
    application_id,
    guid,
    moment,
    one_of,
)
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties

KIND = "certificate"


class ApplicationCertificate(GraphResource):
    """A certificate that an application may sign in with."""

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

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """GET application, PATCH of all its keys and the new one, five GETs that list it, read."""
        graph, doing = self._graph(), f"adding a certificate to {inputs['applicationId']}"
        with graph.lock(inputs["applicationId"]):
            application = read_application(graph, inputs["applicationId"], doing)
            path, key = f"/applications/{application['id']}", inputs.get("keyId") or str(uuid.uuid4())
            if key_in(application, "keyCredentials", key):
                raise PluginError(
                    f"{doing}: it has a certificate {key} already; import it or choose another id."
                )
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
            graph.change("PATCH", path, doing, _keys_body(application["id"], keys))
            graph.until_stable(
                lambda: key_in(graph.get(path, doing), "keyCredentials", key) is not None,
                1.0,
                300.0,
                f"certificate {key} of {path}",
            )
            identifier = str(CredentialId(application["id"], KIND, key))
            return identifier, self.finish(identifier, inputs, lambda: self.outputs_of(identifier, inputs))

    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """The key in the application's list; the certificate is what is known of it."""
        credential = CredentialId.parse(identifier, KIND)
        application = self._graph().get(credential.application_id, f"reading certificate {identifier}")
        found = key_in(application, "keyCredentials", credential.key)
        if found is None:
            return None
        outputs: Properties = {
            "id": identifier,
            "applicationId": credential.application_id,
            "endDate": found.get("endDateTime") or "",
            "keyId": credential.key,
            "startDate": found.get("startDateTime") or "",
            "type": found.get("type") or "",
        }
        for name in ("encoding", "endDateRelative", "value"):
            if name in known:
                outputs[name] = known[name]
        return outputs

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """Nothing of a certificate can change; each property replaces it."""
        return self.finish(
            identifier, {**olds, **news}, lambda: self.outputs_of(identifier, {**olds, **news})
        )

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """GET application, PATCH without the key, five GETs that no longer list it."""
        graph, credential = self._graph(), CredentialId.parse(identifier, KIND)
        path, doing = credential.application_id, f"removing certificate {identifier}"
        with graph.lock(path):
            application = read_application(graph, path, doing)
            keys = [
                key
                for key in application.get("keyCredentials") or []
                if str(key.get("keyId", "")).lower() != credential.key.lower()
            ]
            graph.change("PATCH", path, doing, _keys_body(credential.application, keys))
            graph.until_stable(
                lambda: key_in(graph.get(path, doing), "keyCredentials", credential.key) is None,
                5.0,
                300.0,
                f"removal of certificate {identifier}",
            )


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
