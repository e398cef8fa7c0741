"""Checks inputs before a component registers, and collects every mistake before it speaks."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pulumi

from azure_service_connections.catalogue import wording

from .errors import InputError, Mistake
from .shapes import Field, fields, is_hidden, schema_name

Value = TypeVar("Value")
Rules = Mapping[str, tuple[Callable[[Any], str | None], ...]]


def is_plain(value: Any) -> bool:
    """Whether a value is known now: neither an output nor something to wait for."""
    return not isinstance(value, pulumi.Output) and not inspect.isawaitable(value)


class InputCheck:
    """The mistakes found so far in the inputs of one component.

    Plain values are checked at once. An output is checked when its value is known, in the same words.
    """

    def __init__(self, component: str, name: str) -> None:
        """Start without a mistake for the component of this class and name."""
        self._component = component
        self._name = name
        self._mistakes: list[Mistake] = []

    def mistake(self, path: str, problem: str) -> None:
        """Note one mistake; the same one is said once."""
        if (noted := Mistake(path, problem)) not in self._mistakes:
            self._mistakes.append(noted)

    def finish(self) -> None:
        """Raise InputError with all mistakes noted, if there are any."""
        if self._mistakes:
            raise self.error(*self._mistakes)

    def error(self, *mistakes: Mistake) -> InputError:
        """The error that says these mistakes of this component."""
        return InputError(self._component, self._name, mistakes)

    def shape(self, given: Any, declared: type, path: str = "", by_schema_name: bool = False) -> None:
        """Check keys and kinds of values against a TypedDict.

        `by_schema_name` is for inputs that still have the spelling of the schema, as a component host
        gets them.
        """
        if not isinstance(given, Mapping):
            self.mistake(path or "args", wording.wrong_kind(given, dict, is_hidden(path)))
            return
        known = {
            (field.schema_name if by_schema_name else field.python_name): field
            for field in fields(declared).values()
        }
        for key, value in given.items():
            if key not in known:
                self.mistake(_inside(path, key), wording.unknown_key(str(key), list(known)))
            elif value is not None:
                self._value(value, known[key], _inside(path, known[key].schema_name), by_schema_name)
        for key, field in known.items():
            if field.required and given.get(key) is None:
                self.mistake(_inside(path, field.schema_name), wording.missing(field.schema_name))

    def value(self, value: Any, path: str, *rules: Callable[[Any], str | None]) -> Any:
        """Check a value by rules, now or once it is known."""
        if value is None:
            return None
        if is_plain(value):
            for rule in rules:
                if problem := rule(value):
                    self.mistake(path, problem)
                    break
            return value

        def check(known: Value) -> Value:
            listed = isinstance(known, list)
            entries: list[Any] = known if isinstance(known, list) else [known]
            for position, entry in enumerate(entries):
                for rule in rules:
                    if entry is not None and (problem := rule(entry)):
                        place = f"{path}[{position}]" if listed else path
                        raise self.error(Mistake(place, problem))
            return known

        return pulumi.Output.from_input(value).apply(check)

    def group(
        self,
        given: Any,
        declared: type,
        rules: Rules,
        path: str = "",
    ) -> Any:
        """Check the shape of a group of inputs and its values by rules, under their Python names.

        Returns a copy in which outputs are checked too; a list's rules hold for each of its entries.
        """
        self.shape(given, declared, path)
        if not isinstance(given, Mapping):
            return given
        checked, known = dict(given), fields(declared)
        for key in [key for key in checked if key in rules]:
            value, inside = checked[key], _inside(path, known[key].schema_name)
            if not is_plain(value) or (_is_kind(value, known[key].kind) and known[key].kind is not list):
                checked[key] = self.value(value, inside, *rules[key])
            elif isinstance(value, list):
                checked[key] = [
                    each
                    if is_plain(each) and not isinstance(each, str)
                    else self.value(each, f"{inside}[{position}]", *rules[key])
                    for position, each in enumerate(value)
                ]
        return checked

    def known_now(self, given: Mapping[str, Any], names: Sequence[str], path: str = "") -> None:
        """Note a mistake for each of these inputs that is an output: what is declared depends on them."""
        for name in names:
            if not is_plain(given.get(name)):
                self.mistake(
                    _inside(path, schema_name(name)),
                    "is known only once something was made, and what is made depends on it; write the value "
                    "itself",
                )

    @staticmethod
    def is_map(given: Any) -> bool:
        """Whether keys can be read from what was given for a map; the shape says what is wrong otherwise."""
        return isinstance(given, Mapping)

    def exactly_one(self, given: Mapping[str, Any], names: Sequence[str], what: str, path: str = "") -> None:
        """Note a mistake unless exactly one of these inputs is given."""
        there = [name for name in names if given.get(name) is not None]
        spelled = [schema_name(name) for name in there]
        if len(there) > 1:
            self.mistake(_inside(path, spelled[1]), wording.only_one_of(spelled))
        elif not there:
            self.mistake(path or "args", wording.one_of([schema_name(name) for name in names], what))

    def _value(self, value: Any, field: Field, path: str, by_schema_name: bool) -> None:
        if not is_plain(value):
            return
        if field.group is not None and field.keyed:
            if not isinstance(value, Mapping):
                self.mistake(path, wording.wrong_kind(value, dict, is_hidden(path)))
                return
            for key, entry in value.items():
                self.shape(entry, field.group, f"{path}.{key}", by_schema_name)
        elif field.group is not None:
            self.shape(value, field.group, path, by_schema_name)
        elif not _is_kind(value, field.kind):
            self.mistake(path, wording.wrong_kind(value, field.kind, is_hidden(path)))
        elif field.kind is list:
            for position, each in enumerate(value):
                if is_plain(each) and not isinstance(each, str):
                    self.mistake(f"{path}[{position}]", wording.wrong_kind(each, str))


def _is_kind(value: Any, kind: type) -> bool:
    if kind is int:  # whole numbers arrive as floats from a program in another language
        return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    return isinstance(value, kind)


def _inside(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
