"""Template expressions of pipeline YAML: what stands between `${{` and `}}`.

Values, property paths and the common functions; comparisons of texts disregard case, as the service's do.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)|(?P<mark>[.,()\[\]]))"
)
_EMBEDDED: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


class ExpressionError(Exception):
    """An expression that the service would not understand; the message says which part."""


def evaluate(expression: str, values: Mapping[str, Any]) -> Any:
    """The value of one expression. Raises `ExpressionError`."""
    reader = _Reader(expression, values)
    value = reader.value()
    if not reader.at_end():
        raise ExpressionError(
            f"Unexpected symbol: '{reader.peek()}'. Located within expression: {expression}"
        )
    return value


def expand_text(text: str, values: Mapping[str, Any]) -> Any:
    """A text with its expressions replaced; a text that is one expression keeps the type of its value."""
    whole = _EMBEDDED.fullmatch(text.strip())
    if whole and "}}" not in whole[1]:
        return evaluate(whole[1].strip(), values)
    return _EMBEDDED.sub(lambda match: as_text(evaluate(match[1].strip(), values)), text)


def as_text(value: Any) -> str:
    """A value as it is written into a text: `True`, `False`, and nothing for null."""
    return "" if value is None else str(value)


def is_true(value: Any) -> bool:
    """Whether a value counts as true: not null, not false, not 0, not an empty text."""
    return value not in (None, False, 0, "")


class _Reader:
    def __init__(self, expression: str, values: Mapping[str, Any]) -> None:
        self._expression = expression
        self._values = values
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while expression[position:].strip():
            match = _TOKEN.match(expression, position)
            if match is None:
                raise ExpressionError(
                    f"Unexpected symbol: '{expression[position:].strip()[0]}'. Located at position "
                    f"{position + 1} within expression: {expression}"
                )
            self._tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            position = match.end()
        self._position = 0

    def at_end(self) -> bool:
        return self._position >= len(self._tokens)

    def peek(self) -> str:
        return "" if self.at_end() else self._tokens[self._position][1]

    def value(self) -> Any:
        if self.at_end():
            raise ExpressionError(f"An expression is missing. Located within expression: {self._expression}")
        kind, token = self._tokens[self._position]
        self._position += 1
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "number":
            return float(token) if "." in token else int(token)
        if kind == "name" and self.peek() == "(":
            return self._call(token)
        if kind == "name" and token.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token.lower()]
        if kind == "name" and _lookup(self._values, token)[0]:
            return self._path(_lookup(self._values, token)[1])
        raise ExpressionError(f"Unrecognized value: '{token}'. Located within expression: {self._expression}")

    def _path(self, value: Any) -> Any:
        while self.peek() in (".", "["):
            bracket = self._take() == "["
            key = self.value() if bracket else self._take()
            if bracket:
                self._expect("]")
            if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
                value = value[key]
            else:
                value = _lookup(value, as_text(key))[1]
        return value

    def _call(self, name: str) -> Any:
        self._expect("(")
        arguments: list[Any] = []
        while self.peek() != ")":
            arguments.append(self.value())
            if self.peek() != ")":
                self._expect(",")
        self._expect(")")
        function = _FUNCTIONS.get(name.lower())
        if function is None:
            raise ExpressionError(
                f"Unrecognized function: '{name}'. Located within expression: {self._expression}"
            )
        try:
            return function(*arguments)
        except (TypeError, IndexError) as error:
            raise ExpressionError(
                f"The arguments of the function '{name}' do not fit. Located within expression: "
                f"{self._expression}"
            ) from error

    def _take(self) -> str:
        token = self.peek()
        self._position += 1
        return token

    def _expect(self, mark: str) -> None:
        if self._take() != mark:
            raise ExpressionError(f"'{mark}' is missing. Located within expression: {self._expression}")


def _lookup(value: Any, name: str) -> tuple[bool, Any]:
    if isinstance(value, Mapping):
        for key, found in value.items():
            if str(key).lower() == name.lower():
                return True, found
    return False, None


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) and isinstance(right, str):
        return str(left).lower() == right.lower()
    if isinstance(left, str) or isinstance(right, str):
        return as_text(left).casefold() == as_text(right).casefold()
    return bool(left == right)


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(each, what) for each in where)
    return as_text(what).casefold() in as_text(where).casefold()


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "eq": _equal,
    "ne": lambda left, right: not _equal(left, right),
    "and": lambda *each: all(map(is_true, each)),
    "or": lambda *each: any(map(is_true, each)),
    "not": lambda value: not is_true(value),
    "in": lambda value, *each: any(_equal(value, one) for one in each),
    "notin": lambda value, *each: not any(_equal(value, one) for one in each),
    "contains": _contains,
    "containsvalue": _contains,
    "startswith": lambda text, start: as_text(text).casefold().startswith(as_text(start).casefold()),
    "endswith": lambda text, end: as_text(text).casefold().endswith(as_text(end).casefold()),
    "coalesce": lambda *each: next((one for one in each if one not in (None, "")), None),
    "iif": lambda test, yes, no: yes if is_true(test) else no,
    "lower": lambda text: as_text(text).lower(),
    "upper": lambda text: as_text(text).upper(),
    "length": len,
    "join": lambda mark, each: as_text(mark).join(map(as_text, each)),
    "replace": lambda text, old, new: as_text(text).replace(as_text(old), as_text(new)),
    "format": lambda text, *each: re.sub(r"\{(\d+)\}", lambda match: as_text(each[int(match[1])]), text),
}
