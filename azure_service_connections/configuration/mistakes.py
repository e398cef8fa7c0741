"""The one error of the configuration, and how places in it are written."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

ROOT = "connections"


class Mistake(NamedTuple):
    """One mistake in a stack's configuration."""

    path: str
    """Where: keys joined by dots, positions in brackets."""
    problem: str
    """What is wrong and what to write."""

    def __str__(self) -> str:
        """One sentence."""
        return f"{self.path}: {self.problem}"


class ConfigurationError(Exception):
    """Every mistake that was found in a stack's configuration. Nothing has been registered."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Say all of them, one a line, in the order of their places in the stack."""
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        heading = (
            f"{count} mistake{'' if count == 1 else 's'} in the stack's connections, nothing was changed:"
        )
        super().__init__("\n".join([heading, *(f"  {mistake}" for mistake in self.mistakes)]))


def path_to(*parts: str | int) -> str:
    """The place of a value below `connections`: `connections.payments.pipelines[1]`.

    A key that holds anything but letters, digits, dashes and underscores stands in brackets and quotes.
    """
    path = ROOT
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part and part.replace("-", "").replace("_", "").isalnum():
            path += f".{part}"
        else:
            path += f'["{part}"]'
    return path


def without_repeats(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """The same mistakes, each said once."""
    return list(dict.fromkeys(mistakes))
