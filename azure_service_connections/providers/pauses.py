"""How long a plugin waits between two requests for the same thing.

The published plugins wait 1 s, 5 s, 10 s or 30 s between consistency reads and up to minutes before a retry.
Here every such wait is multiplied by `SANDBOX_PROVIDER_PAUSE` (default 0.02; 1 gives the published plugins'
times). A `Retry-After` of the service is the service's own word and is waited out in full.
"""

import os
import threading
from typing import Final

from azure_service_connections.providers.errors import PluginError

VARIABLE: Final = "SANDBOX_PROVIDER_PAUSE"
DEFAULT_FACTOR: Final = 0.02


class Pauses:
    """Waits that end at once when the operation is cancelled."""

    def __init__(self, factor: float = DEFAULT_FACTOR) -> None:
        self.factor = factor
        self._cancelled = threading.Event()

    @classmethod
    def from_environment(cls) -> "Pauses":
        """The factor of `SANDBOX_PROVIDER_PAUSE`; PluginError when it is not a number from 0."""
        text = os.environ.get(VARIABLE, "")
        try:
            factor = float(text) if text else DEFAULT_FACTOR
        except ValueError:
            factor = -1.0
        if not 0 <= factor < float("inf"):
            raise PluginError(
                f"{VARIABLE} is {text!r}; write a number from 0, such as {DEFAULT_FACTOR} or 1."
            )
        return cls(factor)

    def wait(self, seconds: float) -> None:
        """Wait as long as the published plugin would, times the factor."""
        self.wait_fully(seconds * self.factor)

    def wait_fully(self, seconds: float) -> None:
        """Wait that many seconds; PluginError when the operation is cancelled meanwhile."""
        if self._cancelled.wait(seconds):
            raise PluginError("the operation was cancelled.")

    def cancel(self) -> None:
        """End all waits, present and to come."""
        self._cancelled.set()
