"""Conditions of role assignments (attribute-based access control), version 2.0.

The language is that of Azure's documentation "Azure role assignment condition format and syntax". Decided
are action patterns and the attributes that a request for a role assignment has; anything else
(sub-operations, attributes of other resources, of principals or of the environment) is unknown. Unknown
stays unknown under `!`, and a condition that comes out unknown does not grant.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from azure_service_connections.sandbox.arm.patterns import matches

Attributes = Mapping[str, tuple[str, ...]]
"""Values by attribute in lower case: `request[microsoft.authorization/roleassignments:principaltype]`."""

Verdict = bool | None
"""True, False, or None for unknown."""

_Node = Callable[[str, Attributes], Verdict]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<attribute>@\w+\[[^\]]+\])|(?P<sign>&&|\|\||[(){},!])"
    r"|(?P<word>[\w.:/*-]+))"
)
_QUANTIFIERS: dict[str, tuple[Callable[..., bool], Callable[..., bool]]] = {
    "": (all, any),
    "foranyofanyvalues": (any, any),
    "forallofanyvalues": (all, any),
    "foranyofallvalues": (any, all),
    "forallofallvalues": (all, all),
}
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda left, right: left == right,
    "stringequalsignorecase": lambda left, right: left.lower() == right.lower(),
    "stringlike": lambda left, right: _like(right, left),
    "stringstartswith": lambda left, right: left.startswith(right),
    "guidequals": lambda left, right: left.lower() == right.lower(),
    "boolequals": lambda left, right: left.lower() == right.lower(),
}
_OPPOSITES = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "stringnotstartswith": "stringstartswith",
    "guidnotequals": "guidequals",
    "boolnotequals": "boolequals",
}


class ConditionError(ValueError):
    """A condition that cannot be read."""


def hold(condition: str | None, action: str, attributes: Attributes) -> bool:
    """Whether a condition is found true for an action; an absent one always is."""
    if not condition:
        return True
    try:
        return _compiled(condition)(action, attributes) is True
    except ConditionError:
        return False


def check(condition: str) -> None:
    """Raise `ConditionError` where a condition cannot be read."""
    _compiled(condition)


@lru_cache(maxsize=1024)
def _compiled(condition: str) -> _Node:
    return _Reader(condition).whole()


class _Reader:
    """Reads one condition; `OR` binds weaker than `AND`, `!` strongest."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                raise ConditionError(f"cannot read the condition from '{text[position : position + 20]}' on")
            self._tokens.append(match[0].strip())
            position = match.end()
        self._tokens.append("")
        self._next = 0

    def whole(self) -> _Node:
        node = self._either()
        if self._peek():
            raise ConditionError(f"'{self._peek()}' is not expected")
        return node

    def _peek(self) -> str:
        return self._tokens[self._next]

    def _take(self, *expected: str) -> str:
        token = self._peek()
        if expected and token.lower() not in expected:
            raise ConditionError(f"'{expected[0]}' is expected in place of '{token}'")
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _either(self) -> _Node:
        nodes = [self._all()]
        while self._peek().lower() in ("or", "||"):
            self._take()
            nodes.append(self._all())
        return nodes[0] if len(nodes) == 1 else lambda action, facts: _any(n(action, facts) for n in nodes)

    def _all(self) -> _Node:
        nodes = [self._one()]
        while self._peek().lower() in ("and", "&&"):
            self._take()
            nodes.append(self._one())
        return nodes[0] if len(nodes) == 1 else lambda action, facts: _every(n(action, facts) for n in nodes)

    def _one(self) -> _Node:
        token = self._take()
        word = token.lower()
        if word in ("!", "not"):
            node = self._one()
            return lambda action, facts: _not(node(action, facts))
        if word == "(":
            node = self._either()
            self._take(")")
            return node
        if word in ("actionmatches", "suboperationmatches"):
            self._take("{")
            pattern = self._value()
            self._take("}")
            if word == "suboperationmatches":
                return lambda action, facts: None
            return lambda action, facts: matches(pattern, action)
        if word == "exists":
            name = self._attribute(self._take())
            return lambda action, facts: True if name in facts else None
        return self._comparison(self._attribute(token))

    def _attribute(self, token: str) -> str:
        if not token.startswith("@"):
            raise ConditionError(f"an attribute is expected in place of '{token}'")
        return token[1:].lower()

    def _comparison(self, name: str) -> _Node:
        quantifier, _, operator = self._take().lower().rpartition(":")
        positive = _OPPOSITES.get(operator, operator)
        if quantifier not in _QUANTIFIERS or positive not in _COMPARISONS:
            raise ConditionError(f"'{operator}' is not an operator of conditions")
        outer, inner = _QUANTIFIERS[quantifier]
        compare, wanted = _COMPARISONS[positive], operator == positive
        values = self._values()

        def compared(action: str, facts: Attributes) -> Verdict:
            held = facts.get(name)
            if held is None:
                return None
            return outer(inner(compare(left, right) is wanted for right in values) for left in held)

        return compared

    def _values(self) -> list[str]:
        if self._peek() != "{":
            return [self._value()]
        self._take("{")
        values = [self._value()]
        while self._peek() == ",":
            self._take()
            values.append(self._value())
        self._take("}")
        return values

    def _value(self) -> str:
        token = self._take()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if not token or token in "(){},!" or token.startswith("@"):
            raise ConditionError(f"a value is expected in place of '{token}'")
        return token


def _any(verdicts: Iterable[Verdict]) -> Verdict:
    found = list(verdicts)
    return True if True in found else (None if None in found else False)


def _every(verdicts: Iterable[Verdict]) -> Verdict:
    found = list(verdicts)
    return False if False in found else (None if None in found else True)


def _not(verdict: Verdict) -> Verdict:
    return None if verdict is None else not verdict


def _like(pattern: str, value: str) -> bool:
    """`*` stands for any characters, `?` for one."""
    expression = "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None
