"""An engine built by the toolchain, projects that run on it, and a machine on which everything is made up."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from process_table import Family, eventually, processes

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

#: Variables of this machine that would change what a test sees.
LEAKING = ("PULUMI_", "AZDO_", "ARM_", "AZURE_SERVICE_CONNECTIONS_", "VIRTUAL_ENV")


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(LEAKING)}


@dataclass
class Project:
    """A Pulumi project in a folder of its own, with its own backend."""

    folder: Path
    environment: dict[str, str]

    def write(self, **files: str) -> "Project":
        """Writes files; in the names, `__` at an end stays and `_yaml`, `_py` become suffixes."""
        for name, text in files.items():
            stem, _, suffix = name.rpartition("_")
            (self.folder / f"{stem}.{suffix}").write_text(dedent(text), encoding="utf-8")
        return self

    def command(self, *arguments: str) -> list[str]:
        return ["pulumi", *arguments, "--non-interactive"]

    def run(self, *arguments: str, fails: bool = False, **environment: str) -> str:
        """What `pulumi ARGUMENTS` prints. It must succeed, or fail if that is expected."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        output = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, output
        return output

    def stack(self) -> "Project":
        self.run("stack", "init", "test")
        return self

    def outputs(self) -> Any:
        return json.loads(self.run("stack", "output", "--json", "--show-secrets"))


@pytest.fixture(scope="session")
def engine_bin() -> Path:
    """The binaries that this checkout's toolchain builds; made once, and then taken from the cache."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "toolchain" / "engine.py")],
        env={**os.environ, "PULUMI_ENGINE": "build"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


@pytest.fixture
def project(engine_bin: Path, tmp_path: Path) -> Callable[..., Project]:
    """Makes a project of the given files; programs run with the interpreter that runs the tests."""
    backend = tmp_path / "backend"
    backend.mkdir()
    environment = {
        **clean_environment(),
        "PATH": f"{engine_bin}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": sys.prefix,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }

    def make(name: str, **files: str) -> Project:
        folder = tmp_path / name
        folder.mkdir()
        return Project(folder, dict(environment)).write(**files)

    return make


@pytest.fixture
def family() -> Callable[[int], Family]:
    return Family


@pytest.fixture(name="processes")
def _processes() -> Callable[[], dict[int, tuple[int, str]]]:
    return processes


@pytest.fixture
def soon() -> Callable[..., bool]:
    return eventually


@dataclass
class Site:
    """A web server on loopback that answers from a table and remembers what it was asked."""

    address: str
    answers: dict[str, tuple[int, bytes]]
    asked: list[str]


@pytest.fixture
def site() -> Iterator[Site]:
    answers: dict[str, tuple[int, bytes]] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            asked.append(f"{self.command} {path}")
            status, body = answers.get(f"{self.command} {path}") or answers.get(path) or (404, b"")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_OPTIONS = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(f"http://127.0.0.1:{server.server_port}", answers, asked)
    server.shutdown()
    server.server_close()


#: What Azure DevOps answers about a project, and about the process it was made from.
PROCESS = {"id": "0a0b0c0d-0000-4000-8000-000000000002", "name": "Agile"}
PAYMENTS = {
    "id": "0a0b0c0d-0000-4000-8000-000000000001",
    "name": "Payments",
    "visibility": "private",
    "state": "wellFormed",
    "capabilities": {
        "versioncontrol": {"sourceControlType": "Git"},
        "processTemplate": {"templateTypeId": PROCESS["id"]},
    },
}

#: Where its clients find things: identity, area, resource, route, resource version.
LOCATIONS = [
    ("e81700f7-3be2-46de-8624-2eb35882fcaa", "Location", "ResourceAreas", "_apis/{resource}/{areaId}", 1),
    ("603fe2ac-9723-48b9-88ad-09305aa6c6e1", "core", "projects", "_apis/{resource}/{*projectId}", 4),
    ("93878975-88c5-4e6a-8abb-7ddd77a8a7d8", "core", "processes", "_apis/process/{resource}/{*processId}", 1),
    (
        "2b4486ad-122b-400c-ae65-17b6672c1f9d",
        "FeatureManagement",
        "FeatureStatesQuery",
        "_apis/{area}/{resource}",
        1,
    ),
]


@pytest.fixture
def organization(project: Callable[..., Project], site: Site) -> Callable[..., Project]:
    """Makes a project whose environment names a made-up organization, which has one project, Payments."""

    def make(**files: str) -> Project:
        names = ("id", "area", "resourceName", "routeTemplate", "resourceVersion")
        versions = {"minVersion": "1.0", "maxVersion": "7.2", "releasedVersion": "7.1"}
        locations = [{**dict(zip(names, row, strict=True)), **versions} for row in LOCATIONS]
        features = {"featureStates": {}, "featureIds": []}
        for question, answer in {
            "OPTIONS /org/_apis": {"count": len(locations), "value": locations},
            "/org/_apis/ResourceAreas": {"count": 0, "value": []},
            "/org/_apis/projects/Payments": PAYMENTS,
            f"/org/_apis/process/processes/{PROCESS['id']}": PROCESS,
            "/org/_apis/FeatureManagement/FeatureStatesQuery": features,
        }.items():
            site.answers[question] = (200, json.dumps(answer).encode())
        made = project("devops", **files).stack()
        made.environment |= {
            "AZDO_ORG_SERVICE_URL": f"{site.address}/org",
            "AZDO_PERSONAL_ACCESS_TOKEN": "personal-access-token",
        }
        return made

    return make


@dataclass
class Machine:
    """A machine whose PATH holds only what a test puts there, and whose cache is empty."""

    folder: Path
    environment: dict[str, str]

    @property
    def cache(self) -> Path:
        return Path(self.environment["AZURE_SERVICE_CONNECTIONS_CACHE"])

    def has(self, name: str, script: str, folder: str = "bin") -> Path:
        """Puts a shell script on PATH (or elsewhere)."""
        file = self.folder / folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{dedent(script)}", encoding="utf-8")
        file.chmod(0o755)
        return file

    def has_pulumi(self, version: str, folder: str = "bin") -> Path:
        self.has("pulumi-language-python", "exit 0", folder)
        return self.has("pulumi", f"echo v{version}", folder)

    def engine(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "toolchain" / "engine.py"), *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Also what code sees that runs in this process."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cat", "echo", "sleep", "mkdir", "cp", "chmod", "touch"):
        (tools / name).symlink_to(
            next(p for p in (Path("/bin"), Path("/usr/bin")) if (p / name).exists()) / name
        )
    environment: Mapping[str, str] = {
        **{name: value for name, value in clean_environment().items() if name not in ("GOFLAGS", "PATH")},
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{tools}",
        "HOME": str(tmp_path),
        "AZURE_SERVICE_CONNECTIONS_CACHE": str(tmp_path / "cache"),
        # Nobody answers there, whatever this machine is set to.
        "PULUMI_ENGINE_MIRROR": "http://127.0.0.1:9",
        "GOPROXY": "off",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path),
    }
    for name in os.environ:
        if name.startswith(LEAKING):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Machine(tmp_path, dict(environment))
