"""Where engines are kept: outside the checkout, one folder per content of the toolchain's sources and way."""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from toolchain.failure import EngineError
from toolchain.progress import Progress

TOOLCHAIN = Path(__file__).parent

#: What decides the contents of a built engine. Tests and documents do not.
SOURCES = ("go.mod", "go.sum", "**/*.go", "versions.py", "build.py")


def home(environment: Mapping[str, str]) -> Path:
    """The cache's folder.

    AZURE_SERVICE_CONNECTIONS_CACHE, else `azure-service-connections` in XDG_CACHE_HOME, else in ~/.cache.
    """
    if chosen := environment.get("AZURE_SERVICE_CONNECTIONS_CACHE"):
        return Path(chosen).expanduser().absolute()
    caches = environment.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "azure-service-connections"


def content_hash(way: str, folder: Path = TOOLCHAIN) -> str:
    """16 hexadecimal digits that change with the way, the machine's kind and every source that counts."""
    machine = os.uname()
    digest = hashlib.sha256(f"{way} {machine.sysname} {machine.machine}".encode())
    for path in sorted({path for pattern in SOURCES for path in folder.glob(pattern)}):
        if not path.name.endswith("_test.go"):
            digest.update(f"\0{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Cache:
    """The engines of one cache folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._engines = folder / "engine"

    def bin(self, way: str) -> Path:
        """The bin directory of that way's engine, there or not."""
        return self._engines / content_hash(way) / "bin"

    def found(self, way: str) -> Path | None:
        """The bin directory, if that engine is there. It is complete then: engines are moved into place."""
        place = self.bin(way)
        return place if place.is_dir() else None

    def holds(self, path: Path) -> bool:
        """Whether a path lies in this cache, links followed."""
        return path.resolve().is_relative_to(self.folder.resolve())

    def make(self, way: str, fill: Callable[[Path], None], progress: Progress) -> Path:
        """Lets `fill` put an engine into an empty folder, moves it into place and answers the bin directory.

        Two runs at once make one engine: the second waits for the first and takes its result. A run that was
        killed leaves no lock (the kernel drops it) and a folder that the next run removes.
        """
        place = self.bin(way).parent
        try:
            self._engines.mkdir(parents=True, exist_ok=True)
            lock = (self._engines / f"{place.name}.lock").open("w")
        except OSError as error:
            raise self._refused(error) from error
        with lock, _held(lock, progress):
            if found := self.found(way):
                return found
            for remainder in self._engines.glob(f".{place.name}.*"):
                shutil.rmtree(remainder, ignore_errors=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=self._engines))
            try:
                (draft / "bin").mkdir()
                fill(draft / "bin")
                draft.chmod(0o755)
                draft.rename(place)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
                    raise self._refused(error) from error
                raise
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        return place / "bin"

    def _refused(self, error: OSError) -> EngineError:
        """What the disk refused, in a sentence."""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        problem = "is full; free 4 GB" if full else f"cannot be written ({error.strerror}); make it writable"
        return EngineError(
            f"the cache {self.folder} {problem}, or name another folder in AZURE_SERVICE_CONNECTIONS_CACHE."
        )


@contextmanager
def _held(lock: TextIO, progress: Progress) -> Iterator[None]:
    """Holds a lock that ends with this process, or earlier."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        progress.say("another run is making this engine; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)
    yield
