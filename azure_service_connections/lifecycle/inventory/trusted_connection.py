"""Which service connection a federated credential is for, as its issuer and subject tell."""

import re
from typing import Final, NamedTuple

from azure_service_connections.catalogue.issuers import Issuer, issuer_kind
from azure_service_connections.lifecycle.inventory.identity import Trust

_BY_ID: Final = re.compile(r"/eid1/c/[^/]+/t/[^/]+/a/[^/]+/sc/([0-9a-f-]{36})/([0-9a-f-]{36})", re.IGNORECASE)
_BY_NAME: Final = re.compile(r"sc://([^/]+)/([^/]+)/(.+)")
_OF_ORGANIZATION: Final = re.compile(r"https://vstoken\.dev\.azure\.com/([0-9a-f-]{36})/?", re.IGNORECASE)


class TrustedConnection(NamedTuple):
    """A connection as a subject names it: by its id, or by the names of its project and of itself."""

    organization_id: str
    """In lower case; empty where the issuer does not tell it."""
    organization: str
    """The organization's name in lower case; empty where the subject does not tell it."""
    id: str = ""
    project: str = ""
    name: str = ""

    def __str__(self) -> str:
        """What a person calls it."""
        return f"{self.project}/{self.name}" if self.name else self.id


def trusted_connection(trust: Trust) -> TrustedConnection | None:
    """The connection that a credential is for, or None where it is for something else."""
    kind = issuer_kind(trust.issuer)
    if kind is Issuer.ENTRA and (found := _BY_ID.fullmatch(trust.subject)):
        return TrustedConnection(found[1].lower(), "", id=found[2].lower())
    if kind is Issuer.DEVOPS and (found := _BY_NAME.fullmatch(trust.subject)):
        organization = _OF_ORGANIZATION.fullmatch(trust.issuer)
        return TrustedConnection(
            organization[1].lower() if organization else "",
            found[1].lower(),
            project=found[2],
            name=found[3],
        )
    return None
