"""What a role is."""

from dataclasses import dataclass

from azure_service_connections.sandbox.store import Document


@dataclass(frozen=True)
class Role:
    """A role definition of Azure."""

    guid: str
    """In lower case."""
    name: str
    kind: str
    """`BuiltInRole` or `CustomRole`."""
    description: str
    assignable_scopes: tuple[str, ...]
    permissions: tuple[Document, ...]
    """Each with the lists `actions`, `notActions`, `dataActions` and `notDataActions`."""
