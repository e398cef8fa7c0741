"""The page that lists what `connections verify` can find."""

from azure_service_connections.lifecycle.diagnosis.kinds import KINDS, Kind
from reference.table import table

PATH = "docs/reference/findings.md"
_HEAD = (
    "# What `connections verify` finds\n"
    "Generated from the list that the command goes by. The code is what a pipeline, or `pulumi up`, is told "
    "by it or will be; where there is none, no sign-in fails.\n"
)
_PARTS = (
    ("any", "Of every connection"),
    ("stack", "Of a stack's connections"),
    ("before", "Before a stack is up (`--preflight`)"),
)


def text() -> str:
    """The page."""
    parts = [
        f"\n## {title}\n"
        + table(
            ("finding", "what is wrong", "code"),
            [_row(kind) for kind in KINDS.values() if kind.when == when],
        )
        for when, title in _PARTS
    ]
    return _HEAD + "".join(parts)


def _row(kind: Kind) -> tuple[str, str, str]:
    return f"`{kind.name}`", f"{kind.meaning}.", ", ".join(kind.codes)
