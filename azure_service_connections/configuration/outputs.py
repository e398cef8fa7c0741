"""What the program says of its connections when it is done."""

from typing import Any, Protocol

from azure_service_connections.configuration.declared import Declared


class Made(Protocol):
    """A connection that was made."""

    summary: dict[str, Any]


def output_of(declared: Declared, made: Made) -> dict[str, Any]:
    """One entry of the stack's output `connections`: what the component says, with the stack's own names."""
    return {**made.summary, **declared.known}
