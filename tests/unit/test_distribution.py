"""What is built for others to install: everything that is needed, and nothing of the checkout besides."""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from azure_service_connections.version import VERSION
from tests.repository_copy import copy_repository

ROOT = Path(__file__).resolve().parents[2]
_BUILD = "from setuptools import build_meta; import sys; build_meta.{}(sys.argv[1])"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is in the repository: a build leaves folders behind."""
    return copy_repository(tmp_path_factory.mktemp("checkout"))


def build(kind: str, source: Path, target: Path) -> Path:
    target.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _BUILD.format(kind), str(target)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (built,) = target.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build("build_wheel", checkout, tmp_path_factory.mktemp("built") / "wheel"))


def sources() -> set[str]:
    """The files of the package and of the components, as they are installed."""
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "azure_service_connections").rglob("*")
        if path.suffix in (".py", ".yaml", ".json") or path.name == "py.typed"
    }
    return found | {
        f"azure_service_connections/components/{path.name}"
        for path in (ROOT / "components").iterdir()
        if path.suffix in (".py", ".json")
    }


def test_the_wheel_holds_every_module_and_every_file_that_one_reads(wheel: zipfile.ZipFile) -> None:
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == sources()


def test_the_wheel_puts_one_package_into_the_environment_and_two_commands(wheel: zipfile.ZipFile) -> None:
    information = f"azure_service_connections-{VERSION}.dist-info"
    assert {name.partition("/")[0] for name in wheel.namelist()} == {"azure_service_connections", information}
    commands = wheel.read(f"{information}/entry_points.txt").decode()
    assert commands.splitlines() == [
        "[console_scripts]",
        "connections = azure_service_connections.cli.main:main",
        "pulumi-resource-azure-service-connections = azure_service_connections.components.package:serve",
    ]


def test_the_components_of_an_unpacked_wheel_are_a_package_with_the_kept_components(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    wheel.extractall(tmp_path)
    code = "from azure_service_connections.components.package import Package; print(Package().schema)"
    read = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    kept = (tmp_path / "azure_service_connections" / "components" / "schema.json").read_text()
    answered, schema = json.loads(read.stdout), json.loads(kept)
    for part in ("name", "version"):
        assert answered[part] == schema[part]
    for part in ("resources", "types"):
        assert list(answered[part]) == list(schema[part])


def test_the_source_distribution_builds_the_same_wheel(
    checkout: Path, wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    with tarfile.open(build("build_sdist", checkout, tmp_path / "sdist")) as archive:
        # Python 3.11.4 and newer want to be told that it holds data; older ones have no word for it.
        archive.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    unpacked = tmp_path / f"azure_service_connections-{VERSION}"
    again = zipfile.ZipFile(build("build_wheel", unpacked, tmp_path / "wheel"))
    assert sorted(again.namelist()) == sorted(wheel.namelist())
    tops = {path.name for path in unpacked.iterdir() if path.is_dir()} - {"build"}
    assert tops == {"azure_service_connections", "azure_service_connections.egg-info", "components"}
