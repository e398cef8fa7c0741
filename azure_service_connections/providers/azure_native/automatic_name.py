"""Names that the plugin makes up: the same for the same seed, kept from run to run."""

import hashlib
import secrets
import uuid

from azure_service_connections.providers.azure_native.resource_types import AutomaticName
from azure_service_connections.providers.resource_type import CheckRequest, NamingMode

CREATE_BEFORE_DELETE = "__createBeforeDelete"
"""The input that marks a made-up name: such a resource is replaced by making the new one first."""


def automatic_name(request: CheckRequest, name: str, kind: AutomaticName) -> tuple[str, bool] | None:
    """The name of input `name` and whether it was made up anew; None where automatic names are turned off."""
    if name in request.olds:
        return str(request.olds[name]), bool(request.olds.get(CREATE_BEFORE_DELETE))
    if request.naming_mode is NamingMode.DISABLE:
        return None
    proposed = request.naming_mode is NamingMode.ENFORCE or (
        request.naming_mode is NamingMode.PROPOSE and kind is not AutomaticName.GUID
    )
    if proposed:
        return request.proposed_name, True
    if kind is AutomaticName.COPY:
        return request.name, False
    if kind is AutomaticName.RANDOM:
        return request.name + _hexadecimal(request.random_seed, request.name)[:8], True
    return str(uuid.UUID(_hexadecimal(request.random_seed, ""))), True


def _hexadecimal(seed: bytes, prefix: str) -> str:
    if not seed:
        return secrets.token_hex(16)
    return hashlib.sha256(seed + prefix.encode()).hexdigest()[:32]
