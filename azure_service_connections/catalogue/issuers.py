"""The two issuers of a pipeline's assertion.

Entra ID issues it for connections made since 2025; Azure DevOps issued it before and is to stop on
2027-07-01 for single-tenant applications and managed identities of the public cloud. Source: Azure DevOps'
pages "Convert service connections" and "Troubleshoot workload identity service connections".
"""

from datetime import date
from enum import StrEnum
from typing import Final

DEVOPS_ISSUER_ENDS: Final = date(2027, 7, 1)
"""From this day on, Azure DevOps' own issuer is there only for what has to stay with it."""

_ENTRA = (
    "https://login.microsoftonline.com/",
    "https://login.microsoftonline.us/",
    "https://sts.windows.net/",
)
_DEVOPS = ("https://vstoken.dev.azure.com/", "https://app.vstoken.visualstudio.com")


class Issuer(StrEnum):
    """Who signs the assertion."""

    ENTRA = "entra"
    DEVOPS = "devops"


def issuer_kind(issuer: str) -> Issuer | None:
    """Which of the two an issuer is, by how it starts, or None for anything else."""
    if issuer.startswith(_ENTRA):
        return Issuer.ENTRA
    return Issuer.DEVOPS if issuer.startswith(_DEVOPS) else None
