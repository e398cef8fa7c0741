"""The part of OData's `$filter` that Graph's directory objects understand.

`eq`, `ne`, `in`, `startsWith`, `endsWith`, `any`, `and`, `or`, `not` and parentheses. Text is compared
without regard to case, as the directory does.
"""

import re
from collections.abc import Callable
from typing import Any

from azure_service_connections.sandbox.entra.errors import GraphError
from azure_service_connections.sandbox.store import Document

Scope = dict[str, Any]
Test = Callable[[Scope], bool]

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([(),:])|([^\s(),:']+))")
_SOLE_APP_ID = re.compile(r"\s*appId\s+eq\s+'([^']*)'\s*", re.IGNORECASE)


def parse(text: str) -> Callable[[Document], bool]:
    """The test that a filter stands for. Raises Graph's 400 where it cannot be read."""
    test = _Parser(text).whole()
    return lambda document: test({"": document})


def sole_app_id(text: str) -> str | None:
    """The application id that a filter asks for and nothing else, so that it can be looked up; or None."""
    match = _SOLE_APP_ID.fullmatch(text)
    return match[1] if match else None


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._error()
            self._tokens.append(match[0].strip())
            position = match.end()

    def whole(self) -> Test:
        test = self._or()
        if self._tokens:
            raise self._error()
        return test

    def _error(self) -> GraphError:
        return GraphError(400, "BadRequest", f"Invalid filter clause: {self._text}")

    def _next(self, expected: str | None = None) -> str:
        if not self._tokens or (expected is not None and self._tokens[0].lower() != expected):
            raise self._error()
        return self._tokens.pop(0)

    def _follows(self, word: str) -> bool:
        if self._tokens and self._tokens[0].lower() == word:
            self._tokens.pop(0)
            return True
        return False

    def _or(self) -> Test:
        tests = [self._and()]
        while self._follows("or"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda scope: any(test(scope) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._follows("and"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda scope: all(test(scope) for test in tests)

    def _not(self) -> Test:
        if self._follows("not"):
            test = self._not()
            return lambda scope: not test(scope)
        if self._follows("("):
            test = self._or()
            self._next(")")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        path = self._next()
        if self._follows("("):
            return self._function(path)
        operator = self._next().lower()
        if operator == "in":
            self._next("(")
            wanted = [self._literal()]
            while self._follows(","):
                wanted.append(self._literal())
            self._next(")")
            return lambda scope: any(_equal(_value(scope, path), each) for each in wanted)
        if operator not in ("eq", "ne"):
            raise GraphError(400, "Request_UnsupportedQuery", "Unsupported Query.")
        literal = self._literal()
        if operator == "ne":
            return lambda scope: not _equal(_value(scope, path), literal)
        return lambda scope: _equal(_value(scope, path), literal)

    def _function(self, name: str) -> Test:
        collection, _, operation = name.rpartition("/")
        if operation.lower() == "any":
            variable = self._next()
            self._next(":")
            test = self._or()
            self._next(")")
            return lambda scope: any(
                test({**scope, variable: element}) for element in _value(scope, collection) or []
            )
        if name.lower() not in ("startswith", "endswith"):
            raise GraphError(400, "Request_UnsupportedQuery", "Unsupported Query.")
        path = self._next()
        self._next(",")
        part = self._literal()
        self._next(")")
        if not isinstance(part, str):
            raise self._error()
        wanted = part.casefold()
        if name.lower() == "startswith":
            return lambda scope: str(_value(scope, path) or "").casefold().startswith(wanted)
        return lambda scope: str(_value(scope, path) or "").casefold().endswith(wanted)

    def _literal(self) -> str | bool | None:
        token = self._next()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in ("(", ")", ",", ":"):
            raise self._error()
        return {"true": True, "false": False, "null": None}.get(token.lower(), token)


def _value(scope: Scope, path: str) -> Any:
    first, _, rest = path.partition("/")
    if first in scope:
        value = scope[first]
    else:
        if first not in scope[""]:
            raise GraphError(400, "BadRequest", f"Could not find a property named '{first}'.")
        value = scope[""][first]
    for name in rest.split("/") if rest else []:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _equal(value: Any, literal: str | bool | None) -> bool:
    if isinstance(value, str) and isinstance(literal, str):
        return value.casefold() == literal.casefold()
    if isinstance(value, bool) or isinstance(literal, bool) or literal is None:
        return value is literal
    return bool(value == literal)
