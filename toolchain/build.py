"""The third way: the engine and its plugins, built from the Go module in this folder."""

import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from toolchain import golang
from toolchain.ambient import answer_of, version_of
from toolchain.cache import TOOLCHAIN
from toolchain.failure import EngineError, NotReachableError
from toolchain.progress import Progress
from toolchain.versions import PULUMI

CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
YAML_HOST = "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
SDK = "github.com/pulumi/pulumi/sdk/v3"

#: As the published CLI is built (pulumi/pulumi, .goreleaser.yml).
FLAGS = (
    "-trimpath", "-buildvcs=false", "-tags=osusergo,grpcnotrace",
    f"-ldflags=-s -w -X {SDK}/go/common/version.Version=v{PULUMI}",
)  # fmt: skip

#: Steps that `build` announces.
STEPS = 5
#: Seconds without a sign of life from the module proxy, and seconds for one build.
SILENCE_LIMIT = 120.0
BUILD_LIMIT = 1800.0


def build(target: Path, cache: Path, progress: Progress, environment: Mapping[str, str]) -> None:
    """Builds the engine's binaries into `target`. `cache` keeps a Go that had to be fetched, and the log."""
    with progress.step(f"Go {golang.wanted_version()} or newer"):
        go = golang.find(cache)
    compiler = _Compiler(go, cache, environment)
    with progress.step("Go modules"):
        compiler.fetch_modules()
    with progress.step(f"pulumi CLI {PULUMI}"):
        compiler.compile(target / "pulumi", CLI)
    with progress.step("language hosts of Python and YAML"):
        compiler.compile(target / "pulumi-language-python", "./language_host")
        compiler.compile(target / "pulumi-language-yaml", YAML_HOST)
        executor = target / "pulumi-language-python-exec"
        shutil.copyfile(compiler.module_folder(SDK) / "python" / "cmd" / executor.name, executor)
        executor.chmod(0o755)
    with progress.step("azuredevops plugin"):
        compiler.compile(target / "pulumi-resource-azuredevops", "./azuredevops")
    if version_of(answer_of(str(target / "pulumi"), "version")) != version_of(PULUMI):
        raise EngineError(
            f"the pulumi that was built does not run on this machine; install Pulumi {PULUMI} by hand."
        )


class _Compiler:
    """Runs `go` in this folder's module."""

    def __init__(self, go: Path, cache: Path, environment: Mapping[str, str]) -> None:
        self._go = go
        self._log = cache / "engine" / "build.log"
        self._log.write_text("", encoding="utf-8")
        self._environment = {
            **{name: value for name, value in environment.items() if name not in ("GOFLAGS", "GOROOT")},
            # No machine is asked for a C compiler, and a Go that is too old must
            # not fetch another one behind our back.
            "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off",
        }  # fmt: skip
        if not environment.get("HOME"):
            self._environment |= {"GOPATH": str(cache / "gopath"), "GOCACHE": str(cache / "gocache")}

    def fetch_modules(self) -> None:
        """Downloads the modules that the builds need, and no others."""
        packages = [CLI, YAML_HOST, "./language_host", "./azuredevops"]
        output = self._run(["list", "-deps", "-f", "", *FLAGS[2:3], *packages], silence=SILENCE_LIMIT)
        if output is not None:
            raise NotReachableError(
                f"the Go module proxy does not deliver what go.mod asks for ({output}); check the network "
                "and GOPROXY."
            )

    def compile(self, binary: Path, package: str) -> None:
        output = self._run(["build", *FLAGS, "-o", str(binary), package], limit=BUILD_LIMIT)
        if output is None:
            return
        if "no space left on device" in self._log.read_text(encoding="utf-8", errors="replace"):
            raise EngineError("the disk is full; free 4 GB, or move Go's cache with GOCACHE.")
        raise EngineError(f"{binary.name} cannot be built ({output}); the whole output is in {self._log}.")

    def module_folder(self, module: str) -> Path:
        done = subprocess.run(
            [self._go, "list", "-m", "-f", "{{.Dir}}", module],
            cwd=TOOLCHAIN, env=self._environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return Path(done.stdout.strip())

    def _run(
        self, arguments: list[str], silence: float = BUILD_LIMIT, limit: float = BUILD_LIMIT
    ) -> str | None:
        """Runs `go`. Answers nothing when it worked, else the last line that it wrote or what time ran out.

        `silence` and `limit` are the seconds that it may write nothing, and run at all.
        """
        process = subprocess.Popen(
            [self._go, *arguments],
            cwd=TOOLCHAIN,
            env=self._environment,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        ends = time.monotonic() + limit
        last = "no output"
        try:
            while True:
                try:
                    line = lines.get(timeout=max(0.0, min(silence, ends - time.monotonic())))
                except queue.Empty:
                    return f"nothing happened for {min(silence, limit):.0f} s"
                if line is None:
                    return last if process.wait() else None
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(line)
                last = line.strip() or last
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    """Passes on what a process writes to its standard error, then that it has ended."""
    if process.stderr is not None:
        with process.stderr as stream:
            for line in stream:
                lines.put(line)
    lines.put(None)
