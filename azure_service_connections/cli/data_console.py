"""Where tables go: standard output, as wide as the terminal, and of one width where there is none."""

from typing import Final

from rich.console import Console

_PLAIN_WIDTH: Final = 120


def data_console() -> Console:
    """A console for data, made anew for each command: what standard output is may change between two."""
    console = Console()
    return console if console.is_terminal else Console(width=_PLAIN_WIDTH)
