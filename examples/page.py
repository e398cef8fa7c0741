"""The page of an example: what it says to type."""

import re
from pathlib import Path
from typing import NamedTuple, Self

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Page(NamedTuple):
    """The commands of a page."""

    start: str
    """Starts the sandbox: the first line of all."""
    up: str
    """Brings the example up."""
    down: str
    """Takes it down."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """The commands of the page at a path: a block that brings it up, and one that takes it down."""
        first, down = _BLOCK.findall(path.read_text("utf-8"))
        start, _, up = first.partition("\n")
        return cls(start, up, down)
