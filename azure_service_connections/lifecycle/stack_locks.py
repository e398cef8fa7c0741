"""The locks that the engine puts on a stack, and whether who put them there is still at work."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_IN_WORDS = re.compile(r"created by (?P<user>[^@\s]*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<when>\S+)")


@dataclass(frozen=True)
class StackLock:
    """One lock."""

    pid: int
    host: str
    user: str
    when: str

    def held(self, host: str, running: Iterable[int]) -> bool:
        """Whether its process may still run: it is one of those that do here, or of another machine."""
        return self.host not in ("", host) or self.pid in running

    def __str__(self) -> str:
        """Who holds it, since when."""
        if not self.host:
            return "a process that was killed"
        return f"{self.user}@{self.host} (process {self.pid}) since {self.when}"


def locks_in_files(paths: Iterable[Path]) -> list[StackLock]:
    """The locks that files of a backend hold."""
    found = []
    for path in paths:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found.append(
                StackLock(
                    int(content["pid"]),
                    str(content["hostname"]),
                    str(content.get("username", "")),
                    str(content.get("timestamp", ""))[:19],
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            # Cut off while it was written, so its process was killed.
            found.append(StackLock(0, "", "", ""))
    return found


def locks_in_words(text: str) -> list[StackLock]:
    """The locks that the engine names when it refuses to work on a stack."""
    return [
        StackLock(int(each["pid"]), each["host"], each["user"], each["when"])
        for each in _IN_WORDS.finditer(text)
    ]
