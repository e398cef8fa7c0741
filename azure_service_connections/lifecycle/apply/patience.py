"""How often something is tried that ends well by itself after a while, and how long is waited in between."""

import time
from collections.abc import Callable, Iterator
from typing import Final

ATTEMPTS: Final = 12
_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 15.0


class Patience:
    """Waits a second before the second try, then twice as long each time, and never over fifteen seconds.

    Twelve tries take about two minutes. A new credential is known everywhere in Entra ID after seconds or
    minutes (its documentation names no figure).
    """

    def __init__(self, attempts: int = ATTEMPTS, pause: Callable[[float], None] = time.sleep) -> None:
        """`pause` waits so many seconds."""
        self.attempts = attempts
        self.pause = pause

    def tries(self) -> Iterator[int]:
        """Numbers from 1 on, with a wait before each but the first."""
        seconds = _FIRST_PAUSE_SECONDS
        for number in range(1, self.attempts + 1):
            if number > 1:
                self.pause(seconds)
                seconds = min(2 * seconds, _LONGEST_PAUSE_SECONDS)
            yield number

    def __str__(self) -> str:
        """How long it is, for a sentence."""
        return f"after {self.attempts} looks"
