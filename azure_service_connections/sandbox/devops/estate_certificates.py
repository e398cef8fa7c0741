"""Certificates for the connections of an estate that sign in with one: made when the estate is planted."""

import base64
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import certificates
from azure_service_connections.sandbox.store import Document

_DAYS = 365


def add(cloud: Cloud, application: Document) -> str:
    """Give an application a certificate for a year; its private key and the certificate in PEM form.

    Unlike the ids of an estate the key is another one at each planting.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, application["displayName"][:64])])
    now = cloud.clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    held = [{"keyId": each["keyId"], "key": None} for each in application["keyCredentials"]]
    added = {"key": base64.b64encode(public.encode()).decode()}
    application["keyCredentials"] = certificates.merge(cloud, application, [*held, added])
    cloud.store.put("applications", application["id"], application)
    return private + public
