"""Starts, finds and ends the server of a sandbox in the background."""

import os
import signal
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from azure_service_connections.sandbox.home import DEFAULT_PORT, Home, Running
from azure_service_connections.version import VERSION

END_SECONDS: Final = 5.0
"""How long a server has to end after SIGTERM, before it is killed."""

ANSWER_SECONDS: Final = 10.0


class SandboxError(Exception):
    """What keeps a sandbox from doing what was asked: one sentence with a way out."""


@dataclass(frozen=True)
class Started:
    """A server at work, and whether it was at work before it was asked for."""

    running: Running
    already: bool


def up(home: Home, *, port: int | None = None, estate: Path | None = None, fresh: bool = False) -> Started:
    """Start the server of a home and wait until it listens; one that is at work already stays.

    Without a port it takes the one that it had before, else SANDBOX_PORT, else 18443. `estate` is planted in
    an empty home, in place of the sample; `fresh` forgets what the home holds. Raises `SandboxError`.
    """
    running = home.running()
    if running is not None:
        _check_running(home, running, port, estate, fresh)
        return Started(running, already=True)
    if fresh:
        forget(home)
    return Started(_start(home, _port(home, port), estate), already=False)


def down(home: Home) -> Running | None:
    """End the server at work in a home; the one that was ended, or None where there was none."""
    running = home.running()
    if running is None:
        return None
    _signal(running.pid, signal.SIGTERM)
    if not _ended(home):
        _signal(running.pid, signal.SIGKILL)
        if not _ended(home):
            raise SandboxError(
                f"the server with process id {running.pid} does not end; end it with `kill -9 {running.pid}`"
            )
    return running


def required(home: Home) -> Running:
    """The server at work in a home. Raises `SandboxError` where there is none."""
    running = home.running()
    if running is None:
        raise SandboxError(
            f"no sandbox runs in {home.path}; start one with `connections sandbox up`, or name another "
            "folder with SANDBOX_HOME"
        )
    return running


def ask(home: Home, running: Running, method: str, path: str, content: bytes | None = None) -> Any:
    """The answer of the control API, from JSON. Raises `SandboxError` in the words of a refusal."""
    try:
        with httpx.Client(
            base_url=running.url,
            verify=ssl.create_default_context(cafile=home.authority),
            trust_env=False,
            timeout=ANSWER_SECONDS,
        ) as client:
            answer = client.request(method, f"/_sandbox/{path}", content=content)
    except (httpx.HTTPError, OSError) as error:
        raise SandboxError(
            f"the sandbox at {running.url} does not answer ({error}); run `connections sandbox down` and "
            "then `connections sandbox up`"
        ) from None
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        message = str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        message = f"the sandbox at {running.url} answered with status {answer.status_code}"
    raise SandboxError(message)


def forget(home: Home) -> None:
    """Remove the state of a home whose server is not at work; certificates and stacks stay.

    The stacks' own states under `backend/` speak of things that are gone then; a refresh removes them.
    """
    for suffix in ("", "-wal", "-shm"):
        home.database.with_name(home.database.name + suffix).unlink(missing_ok=True)


def _check_running(home: Home, running: Running, port: int | None, estate: Path | None, fresh: bool) -> None:
    if running.version != VERSION:
        raise SandboxError(
            f"the sandbox in {home.path} is of version {running.version} and this is {VERSION}; run "
            "`connections sandbox down` and then `connections sandbox up`"
        )
    if port not in (None, 0, running.port):
        raise SandboxError(
            f"the sandbox in {home.path} listens on port {running.port}; to move it to {port}, run "
            "`connections sandbox down` first"
        )
    if fresh:
        raise SandboxError(
            f"the sandbox in {home.path} is at work; run `connections sandbox down` before `--fresh`"
        )
    if estate is not None:
        raise SandboxError(
            f"the sandbox in {home.path} holds an estate already; replace it with `connections sandbox seed "
            f"{estate}`"
        )
    ask(home, running, "GET", "health")


def _port(home: Home, port: int | None) -> int:
    if port is not None:
        return port
    named = os.environ.get("SANDBOX_PORT")
    if named:
        if named.isdecimal() and int(named) <= 65535:
            return int(named)
        raise SandboxError(f"SANDBOX_PORT is '{named}'; write a number from 1024 to 65535, or 0 for any")
    before = home.noted()
    return before.port if before is not None else DEFAULT_PORT


def _start(home: Home, port: int, estate: Path | None) -> Running:
    try:
        home.path.mkdir(parents=True, exist_ok=True)
        log = home.log.open("w")
    except OSError as error:
        raise SandboxError(
            f"{home.path} cannot be written ({error.strerror}); name another folder with SANDBOX_HOME"
        ) from None
    ready, write = os.pipe()
    command = [sys.executable, "-m", "azure_service_connections.sandbox.server"]
    command += ["--home", str(home.path), "--port", str(port), "--ready-descriptor", str(write)]
    command += ["--estate", str(estate)] if estate is not None else []
    with log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[write],
            start_new_session=True,
        )
    os.close(write)
    with os.fdopen(ready, "rb") as stream:
        listens = stream.read() == b"ready\n"
    running = home.noted()
    if listens and running is not None and running.pid == process.pid:
        process.returncode = 0  # it outlives this process, which is not to warn of it
        return running
    process.wait()
    raise SandboxError(_last_words(home))


def _last_words(home: Home) -> str:
    """What the server said before it ended, as a sentence without its stop."""
    text = home.log.read_text("utf-8", "replace").strip()
    _, found, words = text.rpartition("error: ")
    if found:
        return words.rstrip(".")
    return f"the server ended before it listened; see {home.log}"


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise SandboxError(
            f"the server with process id {pid} belongs to another user; end it as that user"
        ) from None


def _ended(home: Home) -> bool:
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        if home.running() is None:
            return True
        time.sleep(0.02)
    return False
