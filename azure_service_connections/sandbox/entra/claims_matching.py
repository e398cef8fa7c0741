"""Flexible federated credentials: expressions over a token's claims in place of one subject.

`claims['sub'] matches 'repo:contoso/*:ref:refs/heads/main' and claims['repository_id'] eq '7'`: `eq` is
equality, in `matches` a `*` stands for any text and a `?` for one character (language version 1).
"""

import re
from collections.abc import Callable
from typing import Any

from azure_service_connections.sandbox.errors import ServiceError

Claims = dict[str, Any]

_CLAUSE = re.compile(r"\s*claims\['(\w+)'\]\s+(eq|matches)\s+'([^']*)'\s*")


def parse_expression(expression: Any, refuse: Callable[[str], ServiceError]) -> Callable[[Claims], bool]:
    """The test that `{"languageVersion": 1, "value": "…"}` stands for.

    Raises what `refuse` makes of the sentence that says where the expression is wrong.
    """
    if not isinstance(expression, dict) or expression.get("languageVersion") != 1:
        raise refuse("claimsMatchingExpression must have languageVersion 1 and a value.")
    tests: list[tuple[str, re.Pattern[str]]] = []
    for clause in re.split(r"\band\b(?=\s+claims\[)", str(expression.get("value") or "")):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise refuse(f"claimsMatchingExpression cannot be read at '{clause.strip()}'.")
        pattern = re.escape(match[3])
        if match[2] == "matches":
            pattern = pattern.replace(r"\*", ".*").replace(r"\?", ".")
        tests.append((match[1], re.compile(pattern, re.DOTALL)))
    if "sub" not in {claim for claim, _ in tests}:
        raise refuse("claimsMatchingExpression lacks the required claim 'sub'.")
    return lambda claims: all(pattern.fullmatch(str(claims.get(claim, ""))) for claim, pattern in tests)
