"""`python -m reference` writes what follows from the code; `--check` only says what is not up to date."""

import sys
from pathlib import Path

from reference import (
    component_reference,
    component_schema,
    finding_reference,
    sign_in_error_reference,
    stack_file_reference,
)

_WRITTEN = (
    component_schema,
    component_reference,
    stack_file_reference,
    sign_in_error_reference,
    finding_reference,
)


def main(arguments: list[str]) -> int:
    """Write or check the files; run from the top of the checkout."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m reference [--check]\n")
        return 2
    stale = [
        each.PATH
        for each in _WRITTEN
        if not Path(each.PATH).is_file() or Path(each.PATH).read_text(encoding="utf-8") != each.text()
    ]
    if not arguments:
        for each in _WRITTEN:
            Path(each.PATH).write_text(each.text(), encoding="utf-8")
        return 0
    for path in stale:
        sys.stderr.write(f"{path}: is not up to date; run python -m reference\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
