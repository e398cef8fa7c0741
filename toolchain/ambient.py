"""The first way: the Pulumi that the machine has."""

import re
import shutil
import subprocess
from pathlib import Path

from toolchain.cache import Cache
from toolchain.failure import EngineError
from toolchain.versions import PULUMI

Version = tuple[int, int, int]

#: Seconds that a `pulumi version` or a `go version` may take.
ANSWER_LIMIT = 20


def version_of(text: str) -> Version | None:
    """The first `1.2.3` (or `1.2`) in a text."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def answer_of(*command: str) -> str:
    """What a command prints, or nothing when it fails or does not end."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def pulumi_on_path(cache: Cache) -> Path:
    """The `pulumi` on PATH, if it is recent and has its Python language host.

    Raises `EngineError` with the reason why it is not good. An engine of this cache does not count: the
    sandbox puts it on PATH, and it may be an older one.
    """
    found = shutil.which("pulumi")
    if found is None:
        raise EngineError(f"pulumi is not on PATH; install Pulumi {PULUMI} or newer, or unset PULUMI_ENGINE.")
    pulumi = Path(found)
    if cache.holds(pulumi):
        raise EngineError(
            f"pulumi on PATH ({pulumi}) is this project's own; take it off PATH, or unset PULUMI_ENGINE."
        )
    version = version_of(answer_of(found, "version"))
    wanted = version_of(PULUMI)
    if version is None or wanted is None or version < wanted:
        seen = ".".join(map(str, version)) if version else "unknown"
        raise EngineError(
            f"pulumi on PATH ({pulumi}) has version {seen}; update it to {PULUMI} or newer, "
            "or unset PULUMI_ENGINE."
        )
    host = "pulumi-language-python"
    if not (shutil.which(host) or (pulumi.resolve().parent / host).is_file()):
        raise EngineError(
            f"pulumi on PATH ({pulumi}) has no {host} beside it; install Pulumi with its installer."
        )
    return pulumi
