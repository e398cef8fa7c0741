"""Mistakes in an estate file: where they are, in sentences, and the names that lead nowhere."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.estate_models import keys_of, section_at

Place = tuple[str | int, ...]

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "date_type": "a date",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


class EstateMistakesError(EstateError):
    """Every mistake that was found in an estate file, one a line; nothing has been planted."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        heading = f"{count} mistake{'' if count == 1 else 's'} in the estate, nothing was planted:"
        super().__init__("\n".join([heading, *(f"  {mistake}" for mistake in self.mistakes)]))


def path_to(*place: str | int) -> str:
    """A place in the file: keys joined by dots, positions (from 0) in brackets."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return path.removeprefix(".") or "the estate"


def sentences(error: ValidationError) -> list[str]:
    """What the models refused, one sentence each; a mistake of several alternatives is said once."""
    details = error.errors(include_url=False)
    return list(dict.fromkeys(_sentence(detail) for detail in details if not _of_the_other_kind(detail)))


def nearest(word: str, known: Iterable[str]) -> str:
    """What to write in place of a word: the nearest of the known ones, or all of them."""
    choices = list(known)
    close = difflib.get_close_matches(word.lower(), [choice.lower() for choice in choices], 1, 0.6)
    if close:
        return f"write '{next(choice for choice in choices if choice.lower() == close[0])}'"
    if choices:
        return f"choose from {', '.join(choices)}"
    return "there is none to choose from"


def unknown(place: Place, named: str | list[str], known: Iterable[str], kind: str) -> Iterator[str]:
    """A name, or the names of a list, that none of the known ones is, in any case."""
    known = list(known)
    lowered = {each.lower() for each in known}
    positions = enumerate(named) if isinstance(named, list) else ((None, named),)
    for index, name in positions:
        if name.lower() not in lowered:
            where = place if index is None else (*place, index)
            yield f"{path_to(*where)}: '{name}' is no {kind} here; {nearest(name, known)}"


def repeated(place: Place, key: str, values: Iterable[str | None]) -> Iterator[str]:
    """The values under a key of a list's entries that stand twice, in any case."""
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value is None:
            continue
        earlier = first.setdefault(value.lower(), index)
        if earlier != index:
            there = path_to(*place, earlier)
            yield f"{path_to(*place, index, key)}: '{value}' stands at {there} too; change one"


def _sentence(detail: ErrorDetails) -> str:
    place, kind, given = detail["loc"], detail["type"], detail["input"]
    context: dict[str, Any] = dict(detail.get("ctx", {}))
    if place and place[-1] in ("list[constrained-str]", "literal['all']"):
        return f"{path_to(*place[:-1])}: is neither a list of pipelines nor 'all'; write one of them"
    if len(place) > 2 and place[-2] == "list[constrained-str]":
        place = (*place[:-2], place[-1])
    if place == ("seed", "int") or place == ("seed", "str"):
        return "seed: is neither a whole number nor text; write one of them, such as 7"
    path = path_to(*place)
    if kind == "rule":
        return f"{path}: {context['problem']}"
    if kind == "missing":
        return f"{path}: is missing; write it"
    if kind == "extra_forbidden":
        return f"{path}: is not a key of this place; {nearest(str(place[-1]), keys_of(section_at(place)))}"
    if kind in _KINDS:
        wanted = _KINDS[kind]
        return f"{path}: is {_named(given)} where {wanted} belongs; write {wanted}{_quoting(kind, given)}"
    if kind == "literal_error":
        return f"{path}: is '{given}'; choose from {context['expected']}"
    if kind in ("string_too_short", "too_short"):
        return f"{path}: is empty; write at least one"
    if kind == "too_long":
        return f"{path}: holds {context['actual_length']}; at most {context['max_length']} are possible"
    if kind == "greater_than_equal":
        return f"{path}: is {given}; write a number from {context['ge']:g}"
    if kind == "less_than_equal":
        return f"{path}: is {given}; write a number up to {context['le']:g}"
    if kind == "string_pattern_mismatch":
        return f"{path}: is '{given}'; write letters, digits and dashes"
    return f"{path}: cannot be read ({detail['msg']}); write it as the sample estate does"


def _of_the_other_kind(detail: ErrorDetails) -> bool:
    """Whether a list is only said not to be the word that might stand in its place."""
    return isinstance(detail["input"], list) and detail["loc"][-1:] == ("literal['all']",)


def _named(given: Any) -> str:
    if given is None:
        return "empty"
    if isinstance(given, bool):
        return "true or false"
    if isinstance(given, (int, float)):
        return "a number"
    if isinstance(given, str):
        return "text"
    return "a list" if isinstance(given, list) else "a mapping" if isinstance(given, dict) else "a date"


def _quoting(kind: str, given: Any) -> str:
    if kind == "string_type" and given is not None and not isinstance(given, (list, dict)):
        return ", in quotes"
    return ""
