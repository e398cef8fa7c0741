"""The sandbox's own certificate authority and the certificate of its server, kept in the sandbox's home."""

import os
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature

NAMES: Final = ("127.0.0.1", "localhost", "::1")
"""Whom the server's certificate is for."""

AUTHORITY_FILE: Final = "ca.pem"
SERVER_FILE: Final = "server.pem"
SPARE: Final = timedelta(days=7)
"""A certificate that ends sooner than this is made anew, with its authority."""

LIFETIME: Final = timedelta(days=365)


def ensure(home: Path) -> tuple[Path, Path]:
    """The files of the authority's certificate and of the server's key and certificate; made where needed.

    The authority's own key is not kept: nobody can make another certificate that its clients trust.
    """
    authority_file, server_file = home / AUTHORITY_FILE, home / SERVER_FILE
    if not _good(authority_file, server_file):
        home.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA(organization_name="azure-service-connections sandbox")
        server = authority.issue_cert(*NAMES, not_after=datetime.now(UTC) + LIFETIME)
        _write(server_file, server.private_key_and_cert_chain_pem.bytes())
        _write(authority_file, authority.cert_pem.bytes())
    return authority_file, server_file


def _good(authority_file: Path, server_file: Path) -> bool:
    try:
        authority = x509.load_pem_x509_certificate(authority_file.read_bytes())
        chain = x509.load_pem_x509_certificates(server_file.read_bytes())
        names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        chain[0].verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, IndexError, x509.ExtensionNotFound, InvalidSignature):
        return False
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    known = {*addresses, *names.get_values_for_type(x509.DNSName)}
    lasts = chain[0].not_valid_after_utc > datetime.now(UTC) + SPARE
    return lasts and {_plain(name) for name in NAMES} <= known


def _plain(name: str) -> str:
    try:
        return str(ip_address(name))
    except ValueError:
        return name


def _write(file: Path, content: bytes) -> None:
    """Write a file that only its owner may read, all of it or nothing."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    temporary.replace(file)
