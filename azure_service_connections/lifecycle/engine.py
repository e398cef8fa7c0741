"""The engine's command line, as far as the lifecycle needs it."""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from azure_service_connections.lifecycle.errors import EngineError

_NO_STACK = re.compile(r"no stack named|stack '.*' not found|not find stack", re.IGNORECASE)
_LOCKED = re.compile(r"currently locked|another update is currently in progress", re.IGNORECASE)
_NO_PROJECT = re.compile(r"no Pulumi\.yaml project file found", re.IGNORECASE)
_NO_SELECTION = re.compile(r"no stack selected|--stack", re.IGNORECASE)

_MESSAGE_OF_ERROR = re.compile(r'"message": ("(?:[^"\\]|\\.)*"),\s*"severity": "error"')
_COLORS = re.compile(r"<\{%.*?%\}>")
"""How the engine marks colours where it writes JSON."""
PREVIEW_SECONDS: Final = 300.0
"""How long a preview may take."""
_CHANGES: Final = ("update", "destroy")
_REMEMBERED: Final = 20
"""How many entries of a stack's history are looked through for its last change."""


class NoSuchStackError(EngineError):
    """The stack does not exist."""


class StackLockedError(EngineError):
    """Another operation holds the stack, or one that was killed left its lock; `said` is all that it said."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message)
        self.said = said


class Run(Protocol):
    """Runs one command and answers its exit code, output and talk."""

    def __call__(
        self,
        command: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        given: str | None,
        seconds: float | None = None,
    ) -> "Finished": ...


class Finished:
    """A command that has ended."""

    def __init__(self, code: int, output: str = "", talk: str = "") -> None:
        self.code = code
        self.output = output
        self.talk = talk


def run_command(
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    given: str | None,
    seconds: float | None = None,
) -> Finished:
    """Run a command to its end, for `seconds` at most; EngineError where there is no such program."""
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env=dict(environment),
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            f"`{' '.join(command[:2])}` has not ended after {seconds:.0f} seconds; see what keeps it and run "
            "the command again."
        ) from error
    except FileNotFoundError as error:
        raise EngineError(
            'pulumi is not on PATH; run `make engine`, then `eval "$(connections sandbox env)"`, or install '
            "Pulumi."
        ) from error
    return Finished(done.returncode, done.stdout, done.stderr)


class Engine:
    """Runs `pulumi` for one stack of the project in a directory."""

    def __init__(
        self,
        stack: str | None = None,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        run: Run = run_command,
    ) -> None:
        """`stack` is the selected one unless given, directory and environment those of the process."""
        self.stack = stack
        self.directory = directory or Path.cwd()
        self._environment = {
            **(os.environ if environment is None else environment),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        self._run = run

    @property
    def project_file(self) -> Path:
        """The project's Pulumi.yaml, in the directory or above it; EngineError where there is none."""
        for folder in (self.directory, *self.directory.parents):
            for name in ("Pulumi.yaml", "Pulumi.yml"):
                if (folder / name).is_file():
                    return folder / name
        raise EngineError(
            f"{self.directory} has no Pulumi project; run the command in the folder of Pulumi.yaml."
        )

    def select(self) -> str:
        """The name of the stack that commands work on; NoSuchStackError where there is none."""
        if self.stack is None:
            self.stack = self._pulumi(["stack", "--show-name"]).strip()
        return self.stack

    def backend(self) -> str:
        """The address of the backend that keeps the state, such as `file:///srv/state`."""
        return str(json.loads(self._pulumi(["whoami", "--verbose", "--json"])).get("url", ""))

    def outputs(self) -> dict[str, Any]:
        """The outputs of the stack; secret ones come as `[secret]`."""
        text = self._pulumi(["stack", "output", "--json", *self._of_stack()])
        found = json.loads(text or "{}")
        return found if isinstance(found, dict) else {}

    def setting(self, key: str) -> str | None:
        """A value of the stack's configuration, as `azuredevops:orgServiceUrl`; None without one."""
        try:
            return self._pulumi(["config", "get", key, *self._of_stack()]).strip()
        except EngineError as error:
            if f"configuration key '{key}' not found" in str(error):
                return None
            raise

    def export(self, show_secrets: bool = False) -> dict[str, Any]:
        """The state of the stack, with secrets in the clear where they are asked for."""
        more = ["--show-secrets"] if show_secrets else []
        exported: dict[str, Any] = json.loads(self._pulumi(["stack", "export", *more, *self._of_stack()]))
        return exported

    def last_change(self) -> tuple[str, bool]:
        """What the last run that could change the stack was, `update` or `destroy`, and whether it succeeded.

        An empty word where there was none yet.
        """
        words = ["stack", "history", "--json", "--page-size", str(_REMEMBERED), "--page", "1"]
        entries = json.loads(self._pulumi([*words, *self._of_stack()]) or "null")
        for each in entries or ():
            if each.get("kind") in _CHANGES:
                return str(each["kind"]), each.get("result") == "succeeded"
        return "", True

    def preview(self, seconds: float = PREVIEW_SECONDS, show_secrets: bool = False) -> list[dict[str, Any]]:
        """The steps that an update would take; EngineError where it cannot be told within `seconds`."""
        more = ["--show-secrets"] if show_secrets else []
        text = self._pulumi(["preview", "--json", *more, *self._of_stack()], seconds=seconds)
        steps: list[dict[str, Any]] = json.loads(text).get("steps") or []
        return steps

    def create(self) -> None:
        """Make the stack, without anything in it."""
        self._pulumi(["stack", "init", *self._of_stack()])

    def remove(self) -> None:
        """Forget a stack that has nothing in it, with its file."""
        self._pulumi(["stack", "rm", "--yes", *self._of_stack()])

    def put(self, state: Mapping[str, Any]) -> None:
        """Replace the state of the stack with an edited export."""
        self._pulumi(["stack", "import", *self._of_stack()], json.dumps(state))

    def import_resources(self, path: Path, checkpoints: bool = True) -> None:
        """Take the objects that a file lists into the state, without protecting them.

        Without `checkpoints` the state is written once, at the end: each writes all of it, which takes more
        than everything else where there are thousands of objects.
        """
        self._pulumi(
            [
                *("import", "--file", str(path), "--protect=false", "--generate-code=false"),
                *("--yes", "--skip-preview", "--suppress-outputs", *self._of_stack()),
            ],
            more={} if checkpoints else {"PULUMI_SKIP_CHECKPOINTS": "true"},
        )

    def refresh(self, urns: Sequence[str]) -> None:
        """Ask the services what has become of some resources and note it in the state."""
        targets = [part for urn in urns for part in ("--target", urn)]
        self._pulumi(
            ["refresh", "--yes", "--skip-preview", "--suppress-outputs", *targets, *self._of_stack()]
        )

    def cancel(self) -> None:
        """Take the lock off the stack."""
        self._pulumi(["cancel", "--yes", *([self.stack] if self.stack else [])])

    def _of_stack(self) -> list[str]:
        return ["--stack", self.stack] if self.stack else []

    def _pulumi(
        self,
        arguments: Sequence[str],
        given: str | None = None,
        seconds: float | None = None,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        done = self._run(command, self.directory, {**self._environment, **more}, given, seconds)
        if done.code == 0:
            return done.output
        said = f"{done.talk}\n{done.output}"
        verb = " ".join(part for part in arguments[:2] if not part.startswith("-"))
        if _NO_STACK.search(said):
            raise NoSuchStackError(
                f"There is no stack {self.stack!r} here; bring it up with `pulumi up`, or name another one "
                "with --stack."
            )
        if _NO_PROJECT.search(said):
            raise EngineError(
                f"{self.directory} has no Pulumi project; run the command in the folder of Pulumi.yaml."
            )
        if _LOCKED.search(said):
            raise StackLockedError(f"`pulumi {verb}` found the stack locked: {_reason(said)}", said)
        if not self.stack and _NO_SELECTION.search(said):
            raise NoSuchStackError("No stack is selected; name one with --stack.")
        raise EngineError(f"`pulumi {verb}` failed: {_reason(said)}")


def _reason(said: str) -> str:
    """The engine's first error on one line, without its prefix."""
    # With --json, errors are values of a document.
    if told := _MESSAGE_OF_ERROR.search(said):
        said = f"error: {_COLORS.sub('', json.loads(told[1])).strip()}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for position, line in enumerate(lines):
        found = re.search(r"error: ?(.*)", line)
        if found:
            text = found[1] or (lines[position + 1] if position + 1 < len(lines) else "")
            if text.endswith("occurred:"):
                text = f"{text} {' '.join(lines[position + 1 :])}"
            return text.rstrip(".") + "."
    return (lines[-1].rstrip(".") if lines else "no reason is given") + "."
