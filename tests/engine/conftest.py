"""Fixtures of the tests on the real engine."""

import os
import shlex
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from engine_stack import LEAKING, ROOT, Sandbox, Stack, run


@pytest.fixture(scope="session")
def engine_path() -> str:
    """PATH with the engine and the commands of this environment first."""
    done = run([sys.executable, str(ROOT / "toolchain" / "engine.py")], dict(os.environ))
    assert done.returncode == 0, done.stderr
    folders = [done.stdout.strip(), str(Path(sys.executable).parent), os.environ["PATH"]]
    return os.pathsep.join(folder for folder in folders if folder)


@pytest.fixture(scope="module")
def sandbox(engine_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox for the tests of one module."""
    home = tmp_path_factory.mktemp("sandbox")
    base = {key: value for key, value in os.environ.items() if not key.startswith(LEAKING)}
    base |= {"PATH": engine_path, "SANDBOX_HOME": str(home / "home")}
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    done = run(["connections", "sandbox", "up", "--port", str(port)], base)
    assert done.returncode == 0, done.stderr
    exports = run(["connections", "sandbox", "env"], base)
    assert exports.returncode == 0, exports.stderr
    variables = dict(
        word.split("=", 1)
        for line in exports.stdout.splitlines()
        for word in shlex.split(line.removeprefix("export "))
        if "=" in word
    )
    path = variables.pop("PATH").replace("$PATH", engine_path).replace("${PATH}", engine_path)
    yield Sandbox({**base, **variables, "PATH": path})
    run(["connections", "sandbox", "down"], base)


@pytest.fixture(scope="module")
def make_stack(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Stack]:
    """Makes a stack of the program; each has a backend of its own and is left to the test to destroy."""

    def make(name: str = "test") -> Stack:
        folder = tmp_path_factory.mktemp(name)
        (folder / "stacks").mkdir()
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
        project["runtime"]["options"]["virtualenv"] = sys.prefix
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        shutil.copy(ROOT / "__main__.py", folder)
        shutil.copytree(ROOT / "components", folder / "components")
        backend = folder / "backend"
        backend.mkdir()
        environment = {**sandbox.environment, "PULUMI_BACKEND_URL": f"file://{backend}"}
        return Stack(folder, environment, name)

    return make
