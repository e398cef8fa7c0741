"""How an address of the sign-in service names a tenant."""

import re
from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.errors import SignInError
from azure_service_connections.sandbox.store import Document

SHARED: Final = ("common", "organizations", "consumers")
"""Names in a tenant's place that stand for any tenant; an application cannot sign in there by itself."""

_NAME = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z]{2,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def find_tenant(cloud: Cloud, name: str, error: str = "invalid_request") -> Document:
    """The tenant with this id or domain. Raises AADSTS900023 or AADSTS90002 under the given `error`."""
    wanted = name.lower()
    tenant = cloud.store.get("tenants", wanted) or cloud.store.one("tenants", domain=wanted)
    if tenant is not None:
        return tenant
    if not _NAME.fullmatch(name):
        raise SignInError(
            900023,
            error,
            f"Specified tenant identifier '{name}' is neither a valid DNS name, nor a valid external domain.",
        )
    raise SignInError(
        90002,
        error,
        f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
    )
