"""A connection that is looked at, with what a stack says of it."""

from dataclasses import dataclass

from azure_service_connections.catalogue.clouds import CLOUDS, PUBLIC
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.stack_output import Connection

BY_STACK = "run `pulumi up --refresh`"
"""What undoes a change by hand to something that a stack made."""


@dataclass(frozen=True)
class Case:
    """One connection."""

    live: ExistingConnection
    """As the services hold it."""
    declared: Connection | None = None
    """As a stack's output says it, where one is looked at."""

    @property
    def name(self) -> str:
        """What findings call it."""
        return self.declared.key if self.declared else self.live.address

    @property
    def audience(self) -> str:
        """What its assertions are made out to."""
        return CLOUDS.get(self.live.cloud, PUBLIC).audience

    @property
    def principal_id(self) -> str:
        """Object id of its identity's service principal; empty where nobody says it."""
        return self.live.identity.principal_id or (self.declared.principal_id if self.declared else "")

    def found(self, kind: str, what: str, fix: str, code: str = "") -> Finding:
        """A finding about it."""
        return Finding(connection=self.name, kind=kind, what=what, code=code, fix=fix)

    def mended(self, by_hand: str) -> str:
        """What undoes a change to something that the stack makes, or else is done by hand."""
        return BY_STACK if self.declared else by_hand

    def hidden(self, *words: str) -> bool:
        """Whether the operator could not read something that is called by one of these words."""
        return any(word in sentence for sentence in self.live.unseen for word in words)
