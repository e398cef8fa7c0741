"""Certificates of an application: what a PATCH of `keyCredentials` may say and what is kept of it."""

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.errors import GraphError, bad_request, invalid_value
from azure_service_connections.sandbox.store import Document


def merge(cloud: Cloud, owner: Document, wanted: Any) -> list[Document]:
    """The certificates that an object holds after a PATCH.

    An entry with a known `keyId` and no `key` keeps what is there: readers never get a key, so they send back
    null. An entry that is left out is removed.
    """
    known = {credential["keyId"]: credential for credential in owner["keyCredentials"]}
    kept: list[Document] = []
    for entry in wanted or []:
        if not isinstance(entry, dict):
            raise invalid_value("keyCredentials", "Application")
        key_id = str(entry.get("keyId") or "").lower()
        if entry.get("key") is None:
            if key_id not in known:
                raise bad_request(f"The key credential with keyId '{key_id}' has no key value.")
            kept.append(known[key_id])
        else:
            kept.append(_read(cloud, owner, entry, key_id))
    return kept


def load(key: str) -> x509.Certificate:
    """The certificate in a `key` value: base64 of its PEM text or of its DER bytes. Raises ValueError."""
    content = base64.b64decode(key, validate=True)
    if content.lstrip().startswith(b"-----BEGIN"):
        return x509.load_pem_x509_certificate(content)
    return x509.load_der_x509_certificate(content)


def thumbprint(certificate: x509.Certificate, algorithm: str) -> bytes:
    """The digest of a certificate's DER bytes by sha1 or sha256."""
    return hashlib.new(algorithm, certificate.public_bytes(Encoding.DER), usedforsecurity=False).digest()


def _read(cloud: Cloud, owner: Document, entry: Document, key_id: str) -> Document:
    try:
        certificate = load(str(entry["key"]))
    except (ValueError, binascii.Error) as error:
        raise invalid_value("keyCredentials", "Application") from error
    if (
        entry.get("type", "AsymmetricX509Cert") != "AsymmetricX509Cert"
        or entry.get("usage", "Verify") != "Verify"
    ):
        raise invalid_value("keyCredentials", "Application")
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    start = str(entry.get("startDateTime") or _text(first))
    end = str(entry.get("endDateTime") or _text(last))
    if not first <= moment(start) <= last:
        raise GraphError(400, "KeyCredentialsInvalidStartDate", "Key credential start date is invalid.")
    if not moment(start) <= moment(end) <= last:
        raise GraphError(400, "KeyCredentialsInvalidEndDate", "Key credential end date is invalid.")
    print_ = base64.b64encode(thumbprint(certificate, "sha1")).decode()
    return {
        "customKeyIdentifier": entry.get("customKeyIdentifier") or print_,
        "displayName": entry.get("displayName") or certificate.subject.rfc4514_string(),
        "endDateTime": end,
        "key": entry["key"],
        "keyId": key_id or cloud.identifiers.guid("certificate", f"{owner['id']}/{print_}"),
        "startDateTime": start,
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def moment(text: str) -> datetime:
    """A point in time out of a Graph property; one without a zone is UTC. Raises Graph's 400."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(
            f"Cannot convert the literal '{text}' to the expected type 'Edm.DateTimeOffset'."
        ) from error
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _text(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
