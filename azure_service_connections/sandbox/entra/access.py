"""Who calls Graph, and what the caller may do there."""

from dataclasses import dataclass
from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.access_tokens import (
    DIRECTORY_ROLE_TEMPLATES,
    GRAPH_RESOURCES,
    bearer,
)
from azure_service_connections.sandbox.entra.errors import GraphError, denied
from azure_service_connections.sandbox.message import Request
from azure_service_connections.sandbox.store import Document

_READ_ALL: Final = {
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Global Administrator",
    "Global Reader",
    "Directory Readers",
    "Directory Writers",
    "Application Administrator",
    "Cloud Application Administrator",
}
_WRITE_APPLICATIONS: Final = {
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Global Administrator",
    "Application Administrator",
    "Cloud Application Administrator",
}
_WRITE_OWNED: Final = {"Application.ReadWrite.OwnedBy", "Application Developer"}
_READ: Final = {
    "applications": {"Application.Read.All", *_WRITE_APPLICATIONS, *_WRITE_OWNED},
    "users": {"User.Read.All", "User.ReadBasic.All", "User.ReadWrite.All"},
    "groups": {"Group.Read.All", "GroupMember.Read.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All"},
    "organization": {"Organization.Read.All", "Organization.ReadWrite.All"},
}
_WRITE_GROUPS: Final = {
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Global Administrator",
    "Directory Writers",
}


@dataclass(frozen=True)
class Caller:
    """The service principal that calls Graph, its tenant and its rights by name.

    A right is an application permission (from the token, so a new one needs a new token) or a directory role
    (looked up at each call).
    """

    principal_id: str
    tenant_id: str
    rights: frozenset[str]

    def read(self, kind: str) -> None:
        """Refuse a caller that may not read a kind: applications, users, groups or organization."""
        if not self.rights & (_READ_ALL | _READ[kind]):
            raise denied()

    def create_application(self) -> bool:
        """Refuse a caller that may not make applications; True where it may write only what it owns."""
        if self.rights & _WRITE_APPLICATIONS:
            return False
        if self.rights & _WRITE_OWNED:
            return True
        raise denied()

    def write(self, owned: Document) -> None:
        """Refuse a caller that may not write this application or service principal."""
        if self.create_application() and self.principal_id not in owned.get("owners", []):
            raise denied()

    def write_groups(self) -> None:
        """Refuse a caller that may not change the members of groups."""
        if not self.rights & _WRITE_GROUPS:
            raise denied()


def may_write(cloud: Cloud, principal_id: str, owned: Document) -> bool:
    """Whether a person or a service principal may change this application or service principal.

    A person may change what they own without any role; a service principal needs one for that, too.
    """
    person = cloud.store.get("users", principal_id)
    holder = person or cloud.store.get("service-principals", principal_id) or {}
    rights = set(holder.get("directoryRoles", []))
    owns = principal_id in owned.get("owners", [])
    return bool(rights & _WRITE_APPLICATIONS) or (
        owns and (person is not None or bool(rights & _WRITE_OWNED))
    )


def identify(cloud: Cloud, request: Request) -> Caller:
    """The caller of a request; refuses a token that is missing, expired or not for Graph."""
    claims = bearer(
        cloud,
        request,
        (cloud.url, *GRAPH_RESOURCES),
        lambda message: GraphError(401, "InvalidAuthenticationToken", message),
    )
    principal = cloud.store.get("service-principals", claims["oid"])
    if principal is None:
        raise GraphError(
            401,
            "Authorization_IdentityNotFound",
            "The identity of the calling application could not be established.",
        )
    roles = {right for right in principal.get("directoryRoles", []) if right in DIRECTORY_ROLE_TEMPLATES}
    return Caller(principal["id"], claims["tid"], frozenset(roles | set(claims.get("roles", []))))
