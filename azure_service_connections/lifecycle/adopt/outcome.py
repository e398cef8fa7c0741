"""What an adoption did, or would do: each connection with the reason where it is left out."""

from typing import Literal

from azure_service_connections.lifecycle.document import Document


class AdoptedConnection(Document):
    """A connection that a stack takes over with what belongs to it."""

    id: str
    address: str
    """Organization, project and name."""
    key: str
    """Its key under `connections:` of the stack."""
    identity: str
    """How the stack speaks of its identity: `appRegistration`, `managedIdentity`, `servicePrincipal`, …"""
    parts: int
    """How many objects of the services are taken over, the connection itself included."""
    notes: tuple[str, ...] = ()
    """What of it stays outside the stack and why, a sentence each."""
    terraform: tuple[str, ...] = ()
    """Addresses in the Terraform state that the stack takes over."""


class LeftOut(Document):
    """A connection that is not taken over."""

    id: str
    address: str
    reason: str
    """A sentence without its full stop."""
    already: bool = False
    """Whether the stack has it already, so that nothing is missing."""


class AdoptionReport(Document):
    """All of it."""

    stack: str
    stack_file: str
    result: Literal["adopted", "planned", "nothing"]
    adopted: tuple[AdoptedConnection, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    terraform_left: tuple[str, ...] = ()
    """Addresses of the Terraform state that stay with Terraform."""
