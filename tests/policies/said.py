"""What the engine prints of violations, taken apart."""

import re
from typing import NamedTuple

_VIOLATION = re.compile(
    r"- \[(?P<level>advisory|mandatory)\] (?:\[severity: \w+\])?\s+(?P<rule>[a-z-]+)\s+"
    r"\((?P<type>[\w:/-]+): (?P<name>[^)]*)\)\n(?P<text>(?:\s{10}.*\n)+)"
)


class Said(NamedTuple):
    """One violation."""

    level: str
    rule: str
    name: str
    """Name of the resource."""
    message: str
    """The sentence after the rule's own."""


def violations(output: str) -> list[Said]:
    """The violations that a command printed, each once."""
    found = []
    for each in _VIOLATION.finditer(output):
        lines = [line.strip() for line in each["text"].splitlines()]
        said = Said(each["level"], each["rule"], each["name"], " ".join(lines[1:]))
        if said not in found:
            found.append(said)
    return found
