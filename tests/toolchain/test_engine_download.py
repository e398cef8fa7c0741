"""The official release: fetched with a bounded wait, and never used unless it is what was published."""

import hashlib
import io
import os
import socket
import tarfile
import threading
from contextlib import AbstractContextManager, nullcontext

import pytest

from toolchain import download
from toolchain.failure import EngineError, NotReachableError
from toolchain.versions import PULUMI

CHECKSUMS = f"/pulumi-{PULUMI}-checksums.txt"


@pytest.fixture
def archive(machine):
    """Name of this machine's archive."""
    return download.archive_name(os.uname().sysname, os.uname().machine)


def release(**binaries: str) -> bytes:
    """An archive as published: one folder, and an entry that wants out of it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as members:
        for name, text in {**binaries, "../../escaped": "bad"}.items():
            entry = tarfile.TarInfo(f"pulumi/{name}")
            entry.size = len(text)
            entry.mode = 0o755
            members.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


@pytest.fixture
def published(site, archive, machine):
    """A mirror that has the release."""
    content = release(pulumi="#!/bin/sh\necho v99.0.0\n", **{"pulumi-language-python": "#!/bin/sh\n"})
    digest = hashlib.sha256(content).hexdigest()
    site.answers[CHECKSUMS] = (200, f"{'0' * 64}  other.tar.gz\n{digest}  {archive}\n".encode())
    site.answers[f"/{archive}"] = (200, content)
    machine.environment["PULUMI_ENGINE_MIRROR"] = f"{site.address}/"
    return site


def test_the_release_is_fetched_checked_and_unpacked(published, machine, archive):
    done = machine.engine()
    place = machine.cache / "engine"
    assert done.returncode == 0, done.stderr
    assert published.asked == [f"GET {CHECKSUMS}", f"GET /{archive}"]
    [made] = place.glob("*/bin")
    assert done.stdout == f"{made}\n"
    assert sorted(file.name for file in made.iterdir()) == ["pulumi", "pulumi-language-python"]
    assert (made / "pulumi").stat().st_mode & 0o111
    assert not list(machine.folder.rglob("escaped"))
    assert "building" not in done.stderr


def test_a_fetched_engine_is_not_fetched_again(published, machine):
    first = machine.engine()
    published.answers.clear()
    assert machine.engine().stdout == first.stdout


def test_another_content_than_published_is_thrown_away_and_nothing_else_is_tried(published, machine, archive):
    published.answers[f"/{archive}"] = (200, release(pulumi="#!/bin/sh\necho evil\n"))
    done = machine.engine()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"engine: {archive} does not have its published checksum, so it was thrown away; try again, "
        "or set PULUMI_ENGINE=build."
    )
    assert not list((machine.cache / "engine").glob("*/bin"))
    assert "building" not in done.stderr


def test_an_archive_that_the_checksums_do_not_name_is_not_fetched(published, machine):
    published.answers[CHECKSUMS] = (200, b"nothing here\n")
    done = machine.engine()
    assert done.returncode == 1
    assert "the published checksums do not name" in done.stderr
    assert published.asked == [f"GET {CHECKSUMS}"]


def test_a_server_that_has_no_release_leads_to_the_next_way(published, machine, archive):
    machine.has("go", "exit 1")
    del published.answers[f"/{archive}"]
    done = machine.engine()
    assert "engine: 127.0.0.1" in done.stderr
    assert "answered 404." in done.stderr
    assert "engine: building it from Go modules" in done.stderr


def test_a_silent_server_is_given_up_in_time(machine, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "FIRST_ANSWER", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NotReachableError, match=r"did not answer within 0 s"):
            download.fetch(tmp_path, Quiet(), {"PULUMI_ENGINE_MIRROR": address})


def test_a_download_that_breaks_off_leads_to_the_next_way(published, machine, archive, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def half() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")

        thread = threading.Thread(target=half, daemon=True)
        thread.start()
        with download._open(f"http://127.0.0.1:{server.getsockname()[1]}/{archive}") as answer:
            seen = download._save(answer, tmp_path / archive)
        thread.join()
    assert seen != hashlib.sha256(release(pulumi="")).hexdigest()


@pytest.mark.parametrize(
    ("system", "machine_name", "name"),
    [
        ("Linux", "x86_64", f"pulumi-v{PULUMI}-linux-x64.tar.gz"),
        ("Linux", "aarch64", f"pulumi-v{PULUMI}-linux-arm64.tar.gz"),
        ("Darwin", "arm64", f"pulumi-v{PULUMI}-darwin-arm64.tar.gz"),
    ],
)
def test_each_machine_has_its_archive(system, machine_name, name):
    assert download.archive_name(system, machine_name) == name


def test_a_machine_without_a_release_is_told_what_to_do():
    with pytest.raises(EngineError, match=r"no engine is published for SunOS on sparc; install Pulumi"):
        download.archive_name("SunOS", "sparc")


def test_the_checksum_of_a_file_is_found_in_the_published_form():
    digest = "ab" * 32
    assert download.checksum_of("a.tar.gz", f"{'0' * 64}  aa.tar.gz\n{digest} *a.tar.gz\n") == digest


class Quiet:
    def step(self, text: str) -> AbstractContextManager[None]:
        return nullcontext()
