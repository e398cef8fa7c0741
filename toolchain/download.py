"""The second way: the official release, checked against its published checksums."""

import hashlib
import os
import shutil
import tarfile
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import IO

from toolchain.failure import EngineError, NotReachableError
from toolchain.progress import Progress
from toolchain.versions import PULUMI

#: Where a release's archives and checksums are published (pulumi/pulumi, .goreleaser.yml and sign.yml).
ARCHIVES = "https://get.pulumi.com/releases/sdk"
CHECKSUMS = f"https://github.com/pulumi/pulumi/releases/download/v{PULUMI}"

#: Seconds until the first answer of a server. A machine that reaches only package registries waits as long.
FIRST_ANSWER = 6.0
#: Seconds between two pieces of an archive.
NEXT_PIECE = 30.0


def archive_name(system: str, machine: str) -> str:
    """The release archive for a machine, by the names of `os.uname()`."""
    systems = {"Linux": "linux", "Darwin": "darwin"}
    machines = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    if system not in systems or machine not in machines:
        raise EngineError(
            f"no engine is published for {system} on {machine}; install Pulumi {PULUMI} or newer by hand "
            "and put it on PATH."
        )
    return f"pulumi-v{PULUMI}-{systems[system]}-{machines[machine]}.tar.gz"


def fetch(target: Path, progress: Progress, environment: Mapping[str, str]) -> None:
    """Puts the release's binaries into `target`.

    Raises `NotReachableError` when a server does not answer in time or answers with an error, and
    `EngineError` when what it sends is not what was published.
    """
    mirror = environment.get("PULUMI_ENGINE_MIRROR", "").rstrip("/")
    machine = os.uname()
    name = archive_name(machine.sysname, machine.machine)
    with (
        progress.step(f"pulumi {PULUMI}: published checksums"),
        _open(f"{mirror or CHECKSUMS}/pulumi-{PULUMI}-checksums.txt") as answer,
    ):
        wanted = checksum_of(name, answer.read().decode("utf-8", "replace"))
    with tempfile.TemporaryDirectory(prefix="pulumi-", dir=target.parent) as folder:
        archive = Path(folder) / name
        with progress.step(f"pulumi {PULUMI}: download"), _open(f"{mirror or ARCHIVES}/{name}") as answer:
            seen = _save(answer, archive)
        if seen != wanted:
            raise EngineError(
                f"{name} does not have its published checksum, so it was thrown away; try again, "
                "or set PULUMI_ENGINE=build."
            )
        with progress.step(f"pulumi {PULUMI}: unpacking"):
            _unpack(archive, target)


def checksum_of(name: str, checksums: str) -> str:
    """The SHA-256 of a file, out of lines like `sha256sum` writes them."""
    for line in checksums.splitlines():
        digest, _, file = line.partition(" ")
        if file.strip().lstrip("*") == name and len(digest) == 64:
            return digest.lower()
    raise EngineError(f"the published checksums do not name {name}; set PULUMI_ENGINE=build.")


def _open(address: str) -> IO[bytes]:
    """Opens an address, or gives up after `FIRST_ANSWER` seconds, name look-up included."""
    outcome: list[IO[bytes] | Exception] = []

    def ask() -> None:
        try:
            outcome.append(urllib.request.urlopen(address, timeout=NEXT_PIECE))
        except Exception as error:
            outcome.append(error)

    # A silent name server holds the look-up far longer than any socket time-out and cannot be interrupted.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(FIRST_ANSWER)
    host = address.split("/")[2].rpartition("@")[2]
    if not outcome:
        raise NotReachableError(f"{host} did not answer within {FIRST_ANSWER:.0f} s.")
    answer = outcome[0]
    if isinstance(answer, urllib.error.HTTPError):
        raise NotReachableError(f"{host} answered {answer.code}.")
    if isinstance(answer, urllib.error.URLError):
        raise NotReachableError(f"{host} cannot be reached ({answer.reason}).")
    if isinstance(answer, Exception):
        raise NotReachableError(f"{host} cannot be reached ({answer}).")
    return answer


def _save(answer: IO[bytes], archive: Path) -> str:
    """Writes an answer into a file, and answers its SHA-256."""
    digest = hashlib.sha256()
    with answer, archive.open("wb") as file:
        while True:
            try:
                piece = answer.read(1 << 20)
            except (OSError, HTTPException) as error:
                raise NotReachableError(f"the download of {archive.name} broke off ({error}).") from error
            if not piece:
                return digest.hexdigest()
            digest.update(piece)
            file.write(piece)


def _unpack(archive: Path, target: Path) -> None:
    """Takes the binaries out of the archive's one folder, `pulumi/`."""
    with tarfile.open(archive) as members:
        for member in members:
            if member.isfile() and Path(member.name).parent.name == "pulumi":
                content = members.extractfile(member)
                if content is not None:
                    binary = target / Path(member.name).name
                    with content, binary.open("wb") as file:
                        shutil.copyfileobj(content, file)
                    binary.chmod(0o755)
    if not (target / "pulumi").is_file():
        raise EngineError(f"{archive.name} holds no pulumi; set PULUMI_ENGINE=build.")
