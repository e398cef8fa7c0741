"""Passwords (client secrets) of applications and service principals."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.addressed_objects import object_to_write
from azure_service_connections.sandbox.entra.addresses import COLLECTIONS, read_body
from azure_service_connections.sandbox.entra.certificates import moment
from azure_service_connections.sandbox.entra.errors import bad_request
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

LIFETIME: Final = timedelta(days=730)
"""How long a password lives where the request does not say: two years."""


def add(cloud: Cloud, owner: Document, wanted: Document, secret: str | None = None) -> Document:
    """Add a password to an application or service principal (not yet stored); the new entry.

    `wanted` holds displayName, startDateTime and endDateTime, all optional; times are kept as written.
    `secret` is generated where it is not given.
    """
    now = cloud.clock.now()
    name = wanted.get("displayName")
    start = str(wanted.get("startDateTime") or now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    end = str(wanted.get("endDateTime") or (now + LIFETIME).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    if moment(end) <= moment(start):
        raise bad_request("Credential lifetime is invalid: endDateTime must be after startDateTime.")
    key_id = cloud.identifiers.guid("password", f"{owner['appId']}/{name}")
    text = secret or _secret(key_id)
    credential: Document = {
        "customKeyIdentifier": None,
        "displayName": name,
        "endDateTime": end,
        "hint": text[:3],
        "keyId": key_id,
        "secretText": text,
        "startDateTime": start,
    }
    owner["passwordCredentials"] = [*owner.get("passwordCredentials", []), credential]
    return credential


def life(cloud: Cloud, expires: date | None, expires_in_days: int | None, otherwise: timedelta) -> Document:
    """Start and end of a password that ends at a date, so many days from now, or (without both) after a span.

    One that has ended began as long before its end as the others live.
    """
    now = cloud.clock.now()
    end = now + otherwise
    if expires is not None:
        end = datetime(expires.year, expires.month, expires.day, tzinfo=UTC)
    elif expires_in_days is not None:
        end = now + timedelta(days=expires_in_days)
    start = min(now, end - otherwise)
    return {
        name: moment_.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for name, moment_ in (("startDateTime", start), ("endDateTime", end))
    }


def _secret(key_id: str) -> str:
    # The form of Entra's secrets, so that scanners and log filters know it: 40 characters with a tilde.
    digest = base64.urlsafe_b64encode(hashlib.sha256(key_id.encode()).digest()).decode().rstrip("=")
    return f"{digest[:3]}8Q~{digest[3:37]}"


def add_password(cloud: Cloud, request: Request, *, kind: str, version: str, key: str) -> Response:
    """Generate a password; only this answer holds its secret."""
    _, owner = object_to_write(cloud, request, COLLECTIONS[kind], key)
    wanted: Any = read_body(request).get("passwordCredential") if request.body.strip() else None
    if wanted is not None and not isinstance(wanted, dict):
        raise bad_request("The passwordCredential must be an object.")
    if owner.get("servicePrincipalType") == "ManagedIdentity":
        raise bad_request("A managed identity cannot hold a password.")
    credential = add(cloud, owner, wanted or {})
    cloud.store.put(COLLECTIONS[kind], owner["id"], owner)
    return Response(
        200,
        {
            "@odata.context": f"{cloud.url}/{version}/$metadata#microsoft.graph.passwordCredential",
            **credential,
        },
    )


def remove_password(cloud: Cloud, request: Request, *, kind: str, version: str, key: str) -> Response:
    """Remove a password by its key id."""
    _, owner = object_to_write(cloud, request, COLLECTIONS[kind], key)
    key_id = str(read_body(request).get("keyId") or "").lower()
    held = owner.get("passwordCredentials", [])
    kept = [credential for credential in held if credential["keyId"] != key_id]
    if len(kept) == len(held):
        raise bad_request(f"No password credential found with keyId '{key_id}'.")
    owner["passwordCredentials"] = kept
    cloud.store.put(COLLECTIONS[kind], owner["id"], owner)
    return Response(204)


for _kind in ("applications", "servicePrincipals"):
    ROUTES.post(f"/{{version}}/{_kind}/{{key}}/addPassword")(partial(add_password, kind=_kind))
    ROUTES.post(f"/{{version}}/{_kind}/{{key}}/removePassword")(partial(remove_password, kind=_kind))
