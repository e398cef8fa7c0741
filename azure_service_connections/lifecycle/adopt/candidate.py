"""A connection that a stack is to take over: what the stack says of it and where its parts live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection


@dataclass
class Candidate:
    """What is to be written about one connection, and imported."""

    connection: ExistingConnection
    key: str
    identity: str = ""
    """What the stack calls the kind of its identity."""
    entry: dict[str, Any] = field(default_factory=dict)
    """The value under its key."""
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    """The id that each part is imported by, by type and name of the resource."""
    values: dict[str, Any] = field(default_factory=dict)
    """What inputs of its components are, where a preview cannot know them before the parts are imported."""
    authorization: Mapping[str, str] = field(default_factory=dict)
    """Authorization of a shared connection or one for a workspace, which no service tells again."""
    pipeline_names: dict[str, str] = field(default_factory=dict)
    """Names of its pipelines by what the entry says of each, for whoever reads the file."""
    notes: list[str] = field(default_factory=list)
    """What of it stays outside the stack and why."""


def by_key(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """The candidates by their keys."""
    return {each.key: each for each in candidates}
