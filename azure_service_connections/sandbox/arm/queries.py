"""The `$filter` of lists, as far as Azure Resource Manager takes one."""

import re

_CLAUSE = re.compile(r"\s*([\w./]+)\s+eq\s+'((?:[^']|'')*)'\s*", re.IGNORECASE)
_CALLED = re.compile(r"\s*(\w+)\s*\(\s*(?:'((?:[^']|'')*)')?\s*\)\s*", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def clauses(text: str | None) -> list[tuple[str, str]]:
    """The clauses of a filter, joined by `and`.

    `name eq 'value'` comes out as `("name", "value")`, a function as `("atScope()", "")` or
    `("assignedTo()", "value")`, and what is neither as `(the text, "")`.
    """
    found: list[tuple[str, str]] = []
    for part in _AND.split(text or ""):
        if not part.strip():
            continue
        compared, called = _CLAUSE.fullmatch(part), _CALLED.fullmatch(part)
        if compared:
            found.append((compared[1], compared[2].replace("''", "'")))
        elif called:
            found.append((f"{called[1]}()", (called[2] or "").replace("''", "'")))
        else:
            found.append((part.strip(), ""))
    return found
