"""Where engines are kept: one for each content, made once, complete or not there."""

import errno
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from toolchain import cache
from toolchain.cache import Cache
from toolchain.failure import EngineError
from toolchain.progress import Progress

#: Holds a lock until it is killed.
HOLDER = """
import fcntl, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
input()
"""


@pytest.fixture
def talk(tmp_path):
    with (tmp_path / "talk").open("w+", encoding="utf-8") as stream:
        yield stream


@pytest.fixture
def sources(tmp_path):
    """A copy of the toolchain's sources."""
    return shutil.copytree(cache.TOOLCHAIN, tmp_path / "toolchain")


def binary(target: Path) -> None:
    (target / "pulumi").write_text("binary", encoding="utf-8")


def test_the_cache_is_where_the_environment_says():
    assert cache.home({"AZURE_SERVICE_CONNECTIONS_CACHE": "/a", "XDG_CACHE_HOME": "/b"}) == Path("/a")
    assert cache.home({"XDG_CACHE_HOME": "/b"}) == Path("/b/azure-service-connections")
    assert cache.home({}) == Path.home() / ".cache" / "azure-service-connections"


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "azuredevops/tokens.go", "versions.py", "build.py"])
def test_another_source_is_another_engine(sources, name):
    before = cache.content_hash("build", sources)
    with (sources / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert cache.content_hash("build", sources) != before


@pytest.mark.parametrize("name", ["README.md", "progress.py", "language_host/x_test.go"])
def test_what_is_not_built_changes_no_engine(sources, name):
    before = cache.content_hash("build", sources)
    with (sources / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert cache.content_hash("build", sources) == before


def test_a_moved_checkout_has_the_same_engine_and_another_way_has_not(sources):
    assert cache.content_hash("build", sources) == cache.content_hash("build")
    assert cache.content_hash("download", sources) != cache.content_hash("build")


def test_an_engine_is_there_only_when_it_is_complete(tmp_path, talk):
    kept = Cache(tmp_path / "cache")

    def fill(target: Path) -> None:
        binary(target)
        assert kept.found("build") is None

    place = kept.make("build", fill, Progress(talk))
    assert kept.found("build") == place
    assert (place / "pulumi").read_text(encoding="utf-8") == "binary"


def test_an_engine_that_fails_leaves_nothing(tmp_path, talk):
    def fill(target: Path) -> None:
        binary(target)
        raise EngineError("no.")

    kept = Cache(tmp_path / "cache")
    with pytest.raises(EngineError, match=r"no\."):
        kept.make("build", fill, Progress(talk))
    assert kept.found("build") is None
    assert [path.suffix for path in (tmp_path / "cache" / "engine").iterdir()] == [".lock"]


def test_what_a_killed_run_left_is_removed(tmp_path, talk):
    kept = Cache(tmp_path / "cache")
    remainder = kept.bin("build").parent.parent / f".{kept.bin('build').parent.name}.abc"
    remainder.mkdir(parents=True)
    kept.make("build", binary, Progress(talk))
    assert not remainder.exists()


def test_two_runs_at_once_make_one_engine(tmp_path, talk):
    made: list[Path] = []
    inside, go_on = threading.Event(), threading.Event()

    def fill(target: Path) -> None:
        made.append(target)
        inside.set()
        assert go_on.wait(10)
        binary(target)

    results: list[Path] = []

    def run() -> None:
        results.append(Cache(tmp_path / "cache").make("build", fill, Progress(talk)))

    first, second = threading.Thread(target=run), threading.Thread(target=run)
    first.start()
    assert inside.wait(10)
    second.start()
    second.join(0.2)
    assert second.is_alive()
    go_on.set()
    first.join(10)
    second.join(10)
    assert len(made) == 1
    assert results[0] == results[1]
    talk.seek(0)
    assert talk.read() == "another run is making this engine; waiting for it\n"


def test_a_run_that_was_killed_does_not_lock_the_next_one_out(tmp_path, talk):
    kept = Cache(tmp_path / "cache")
    lock = kept.bin("build").parent.with_suffix(".lock")
    lock.parent.mkdir(parents=True)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        holder.wait()
        assert kept.make("build", binary, Progress(talk)) == kept.bin("build")


def test_a_cache_that_cannot_be_written_is_named_with_a_way_out(tmp_path, talk):
    (tmp_path / "file").touch()
    with pytest.raises(EngineError) as error:
        Cache(tmp_path / "file" / "cache").make("build", binary, Progress(talk))
    assert str(error.value) == (
        f"the cache {tmp_path}/file/cache cannot be written (Not a directory); make it writable, "
        "or name another folder in AZURE_SERVICE_CONNECTIONS_CACHE."
    )


def test_a_full_disk_is_named_with_a_way_out(tmp_path, talk):
    def fill(target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(EngineError, match=r"is full; free 4 GB, or name another folder in AZURE_SERVICE"):
        Cache(tmp_path / "cache").make("build", fill, Progress(talk))


def test_a_mistake_of_the_code_is_not_called_a_full_disk(tmp_path, talk):
    def fill(target: Path) -> None:
        (target / "missing").read_text(encoding="utf-8")

    with pytest.raises(FileNotFoundError):
        Cache(tmp_path / "cache").make("build", fill, Progress(talk))
