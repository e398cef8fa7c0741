"""One connection of a stack with everything that its component is made from."""

from dataclasses import dataclass
from typing import Any

import pulumi


@dataclass(frozen=True)
class Declared:
    """One connection of a stack, ready to be made."""

    name: str
    """Its key in the stack, and the name of its component."""
    args: dict[str, Any]
    """Inputs of the component `ServiceConnection`, with ids in place of names."""
    providers: list[pulumi.ProviderResource]
    """Providers that its component needs beside the default ones."""
    known: dict[str, Any]
    """What the stack's output says of it besides, or in place of, the component's summary."""
    identity_key: str | None
    """What makes its identity the same as that of another connection, or None for one of its own."""
    former_keys: tuple[str, ...] = ()
    """Keys that it had before, under which the engine may still know it."""
