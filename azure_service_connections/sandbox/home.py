"""The folder in which a sandbox keeps its state, and who is at work in it."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

DEFAULT_PORT: Final = 18443


@dataclass(frozen=True)
class Running:
    """A server that is or was at work, as it noted itself."""

    pid: int
    port: int
    url: str
    version: str


@dataclass(frozen=True)
class Home:
    """The folder `.sandbox/` of a checkout, or the one that SANDBOX_HOME names."""

    path: Path

    @classmethod
    def chosen(cls) -> "Home":
        """The folder that the environment names, or `.sandbox` in the working directory."""
        return cls(Path(os.environ.get("SANDBOX_HOME") or ".sandbox").absolute())

    @property
    def database(self) -> Path:
        """The state."""
        return self.path / "state.db"

    @property
    def authority(self) -> Path:
        """The certificate that clients trust."""
        return self.path / "ca.pem"

    @property
    def log(self) -> Path:
        """What the server had to say."""
        return self.path / "sandbox.log"

    @property
    def trust(self) -> Path:
        """That certificate together with the public ones."""
        return self.path / "trust.pem"

    @property
    def pulumi(self) -> Path:
        """The Pulumi home of the sandbox's stacks, with their plugins."""
        return self.path / "pulumi"

    @property
    def backend(self) -> Path:
        """Where Pulumi keeps the states of the sandbox's stacks."""
        return self.path / "backend"

    @property
    def note_file(self) -> Path:
        """Where the server notes itself."""
        return self.path / "sandbox.json"

    def lock(self) -> IO[str] | None:
        """Take the folder for this process until the file is closed; None where another process has it.

        The operating system gives it free when the process ends, however that happens; so what a killed
        process, another machine or an earlier boot left behind is never taken for a running server.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        stream = (self.path / "server.lock").open("a")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.close()
            return None
        return stream

    def running(self) -> Running | None:
        """The server at work here, or None."""
        if not self.path.is_dir():
            return None
        stream = self.lock()
        if stream is None:
            return self.noted()
        stream.close()
        return None

    def noted(self) -> Running | None:
        """The server that last noted itself, at work or not; None where the note is missing or unreadable."""
        try:
            content = json.loads(self.note_file.read_text("utf-8"))
            return Running(
                int(content["pid"]), int(content["port"]), str(content["url"]), str(content["version"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def note(self, running: Running) -> None:
        """Note a server."""
        temporary = self.note_file.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(running)) + "\n", "utf-8")
        temporary.replace(self.note_file)
