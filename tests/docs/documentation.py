"""The pages of the documentation, taken apart."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        return [line for line in self.text.splitlines() if line and not line.startswith("#")]


def pages() -> list[Path]:
    """Every tracked page."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines()]


def blocks(page: str, language: str) -> list[Block]:
    """The blocks of one language on one page, from the top."""
    text = (ROOT / page).read_text("utf-8")
    return [Block(page, found[1], found[2]) for found in _FENCE.finditer(text) if found[1] == language]


def links(page: Path) -> list[str]:
    """Where a page points to inside the repository."""
    return [link for link in _LINK.findall(page.read_text("utf-8")) if "://" not in link]
