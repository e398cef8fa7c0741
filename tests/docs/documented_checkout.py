"""A copy of the checkout in which documented commands are run."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Checkout:
    """A copy of the checkout with the environment of this one and a sandbox of its own."""

    folder: Path
    environment: dict[str, str]

    def run(self, script: str, given: str = "") -> str:
        """What a shell script prints; it must succeed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        return output

    def make(self, command: str) -> str:
        """Run a make command as documented; the virtual environment is the one that runs the tests."""
        return self.run(command.replace("make ", "make --assume-old=.venv/.installed ", 1))

    def sandboxed(self, command: str) -> str:
        """What a shell script prints that finds the sandbox, which is started where it is not running."""
        return self.run(
            "source scripts/environment\n"
            "connections sandbox status >/dev/null 2>&1 || connections sandbox up >/dev/null\n"
            f'eval "$(connections sandbox env)"\n{command}'
        )
