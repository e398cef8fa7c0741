"""Which Azure DevOps organizations are meant: their addresses and names."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.lifecycle.errors import SettingError

HOSTED: Final = "https://dev.azure.com"
_OLD_HOST: Final = ".visualstudio.com"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


def organization_addresses(given: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses of organizations, each once and without a slash at the end.

    One is given by its address, or by its name where it is beside the one that AZDO_ORG_SERVICE_URL names
    (default: at https://dev.azure.com). None given: the one of AZDO_ORG_SERVICE_URL. SettingError where that
    is not set either and for what is no address and no name.
    """
    own = environment.get("AZDO_ORG_SERVICE_URL", "").rstrip("/")
    if not given and not own:
        raise SettingError(
            "No Azure DevOps organization is named; give --organization or set AZDO_ORG_SERVICE_URL to its "
            "address, such as https://dev.azure.com/contoso."
        )
    found: dict[str, str] = {}
    for each in given or (own,):
        address = _address(each.strip().rstrip("/"), own)
        found.setdefault(address.lower(), address)
    return tuple(found.values())


def organization_name(address: str) -> str:
    """The name of the organization at an address: `contoso` of `https://dev.azure.com/contoso`."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if host.endswith(_OLD_HOST):
        return host.removesuffix(_OLD_HOST)
    return parts.path.rstrip("/").rpartition("/")[2]


def token_variables(address: str) -> tuple[str, str]:
    """The variables that may hold a personal access token for an organization; the first one wins."""
    suffix = organization_name(address).upper().replace("-", "_")
    return f"AZDO_PERSONAL_ACCESS_TOKEN_{suffix}", "AZDO_PERSONAL_ACCESS_TOKEN"


def _address(given: str, own: str) -> str:
    if "://" in given:
        parts = urlsplit(given)
        if parts.scheme in ("http", "https") and parts.hostname and organization_name(given):
            return given
    elif _NAME.fullmatch(given):
        hosted = not own or (urlsplit(own).hostname or "").endswith(_OLD_HOST)
        return f"{HOSTED if hosted else own.rpartition('/')[0]}/{given}"
    raise SettingError(
        f"{quoted(given)} is no Azure DevOps organization; give its name or its address, such as "
        "https://dev.azure.com/contoso."
    )
