"""The identity that a connection signs in as, as Entra ID and Azure show it."""

from datetime import datetime
from typing import Literal

from azure_service_connections.lifecycle.document import Document


class Secret(Document):
    """A secret or a certificate of an application. Its value is known to nobody here."""

    kind: Literal["secret", "certificate"]
    key_id: str
    name: str = ""
    hint: str = ""
    """The first characters of a secret, as Entra ID shows them; empty for a certificate."""
    expires: datetime | None = None


class Trust(Document):
    """A federated credential."""

    id: str
    """Object id in Entra ID, or the full id in Azure for a managed identity's."""
    name: str
    issuer: str
    subject: str
    """Empty for a flexible credential, which has an expression in its place."""
    audiences: tuple[str, ...]
    expression: str = ""
    description: str = ""


class Identity(Document):
    """An application with its service principal, or a managed identity."""

    state: Literal["present", "disabled", "deleted", "missing", "notVisible"]
    """`deleted`: in its thirty days; `missing`: the tenant has none of this client id; `notVisible`: the
    operator may not look, or it is in a tenant that the operator is not signed in to."""
    kind: Literal["application", "managedIdentity", "unknown"] = "unknown"
    client_id: str = ""
    name: str = ""
    object_id: str = ""
    """Object id of the application; empty for a managed identity."""
    resource_id: str = ""
    """Full id of the managed identity in Azure; empty for an application."""
    principal_id: str = ""
    """Object id of the service principal."""
    multi_tenant: bool = False
    owners: tuple[str, ...] = ()
    """Names of the application's owners: user principal names, or names of applications."""
    secrets: tuple[Secret, ...] = ()
    trusts: tuple[Trust, ...] = ()
    shared_by: int = 1
    """How many of the connections that were read sign in as this identity."""


class HeldRole(Document):
    """A role assignment of a connection's identity."""

    assignment_id: str
    role: str
    """The role's name."""
    role_definition_id: str
    scope: str
    condition: str = ""
    description: str = ""
    principal_id: str
    """Whom it is for: the identity's principal, or a group that it is in."""
