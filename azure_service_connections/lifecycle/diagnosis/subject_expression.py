"""The expression of a flexible federated credential, as far as it is about the subject.

Source: Entra ID's page "Flexible federated identity credentials": clauses joined by `and`, each a claim with
`eq` or `matches`, where `*` stands for any text and `?` for one character.
"""

import re
from typing import Final

_CLAUSE: Final = re.compile(r"\s*claims\['(\w+)'\]\s+(eq|matches)\s+'([^']*)'\s*")
_SUBJECT: Final = "sub"


def takes(expression: str, subject: str) -> bool | None:
    """Whether an expression takes a subject; None where other claims decide, or it cannot be read."""
    certain = True
    for clause in re.split(r"\band\b(?=\s+claims\[)", expression):
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            return None
        if found[1] != _SUBJECT:
            certain = False
            continue
        pattern = re.escape(found[3])
        if found[2] == "matches":
            pattern = pattern.replace(r"\*", ".*").replace(r"\?", ".")
        if not re.fullmatch(pattern, subject, re.DOTALL):
            return False
    return True if certain else None
