"""The files in which the engine keeps a stack when its backend is a folder, and what a kill does to them.

The engine replaces a stack's file at once, but writes the file of attributes beside it in place. Killed in
between it leaves attributes that are cut off, and from then on every command answers "EOF".
"""

import contextlib
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit


class BackendFiles:
    """The files of one stack in a backend that is a folder."""

    def __init__(self, folder: Path, project: str, stack: str) -> None:
        """`folder` is the backend's, `stack` a name without organization and project."""
        self._stacks = folder / ".pulumi" / "stacks" / project
        self._locks = folder / ".pulumi" / "locks" / "organization" / project / stack
        self._stack = stack

    @classmethod
    def of(cls, backend: str, project: str, stack: str) -> "BackendFiles | None":
        """The files in the backend with this address, or None where it is no folder."""
        address = urlsplit(backend)
        if address.scheme != "file":
            return None
        folder = Path(unquote(f"{address.netloc}{address.path}")).expanduser()
        return cls(folder, project, stack)

    @property
    def locks(self) -> list[Path]:
        """The files of the locks on the stack."""
        return sorted(self._locks.glob("*.json"))

    def mend(self) -> bool:
        """Repair what a killed engine left half-written; whether there was something.

        Only for a stack on which no engine is at work.
        """
        mended = False
        for path in self._attributes():
            if not _is_json(path.read_bytes()):
                path.unlink()
                mended = True
        for state in (self._stacks / f"{self._stack}.json", self._stacks / f"{self._stack}.json.gz"):
            before = state.with_name(f"{state.name}.bak")
            if state.is_file() and not _is_state(state) and before.is_file() and _is_state(before):
                temporary = state.with_name(f"{state.name}.mended")
                temporary.write_bytes(before.read_bytes())
                temporary.replace(state)
                mended = True
        return mended

    def _attributes(self) -> Iterator[Path]:
        yield from sorted(self._stacks.glob(f"{self._stack}.json*.attrs"))
        yield from sorted(self._locks.glob("*.attrs"))


def _is_state(path: Path) -> bool:
    with contextlib.suppress(OSError, EOFError):
        content = path.read_bytes()
        return _is_json(gzip.decompress(content) if ".gz" in path.suffixes else content)
    return False


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True
