"""What a pipeline's YAML says about service connections: which tasks name which, and through what.

A name may stand in a task's input as it is, or come from a parameter or a variable. Of these the values that
the YAML itself holds are told; a parameter without a list of values, and a variable that the YAML does not
set, may be anything else as well. Directives (`${{ if … }}`) count as if all of them were carried out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Any, Final

import yaml

_REFERENCE: Final = re.compile(
    r"\$\{\{(?P<expression>.*?)\}\}|\$\[(?P<runtime>.*?)\]|\$\((?P<macro>[^()\s]+)\)", re.DOTALL
)
_PARAMETER: Final = re.compile(r"\s*parameters(?:\.(\w+)|\['([^']+)'\])\s*")
_VARIABLE: Final = re.compile(r"\s*variables(?:\.([\w.]+)|\['([^']+)'\])\s*")
_TELLING_INPUTS: Final = (
    *("azuresubscription", "azureserviceconnection", "serviceconnection", "serviceconnectionname"),
    *("azureresourcemanagerconnection", "azureresourcemanagerendpoint", "azuresubscriptionendpoint"),
    *("azureconnection", "azuresubscriptionforteam", "backendservicearm", "environmentservicenameazurerm"),
    *("azuresubscriptionservice", "azurermconnection", "armconnection", "armserviceconnection"),
)
"""Inputs that hold the name of a connection to Azure, whatever their value, in lower case."""
_TELLING_PREFIX: Final = "connectedservicename"
_POSSIBLE_INPUT: Final = re.compile(
    "subscription|connection|connectedservice|endpoint|backendservice|environmentservice"
)
"""Inputs that hold the name of a connection where their value is one."""

_MOST_VALUES: Final = 200
_MOST_PARTS: Final = 200_000
_DEEPEST: Final = 60


class UnreadableError(Exception):
    """A text that is no pipeline in YAML; why."""


@dataclass(frozen=True)
class Use:
    """A task whose input holds, or may hold, the name of a connection."""

    task: str
    """As the pipeline writes it; `template PATH` for a name that is handed to a template."""
    values: frozenset[str]
    """Names that the input may have, as the text writes them."""
    through: str = ""
    """What brings the name in: `parameter target`, `variable target`, or an expression; empty where it is
    written out."""
    around: tuple[str, ...] = ()
    """The pieces of text around what may be anything else; empty where `values` are all that it may be."""

    def names(self, name: str) -> bool:
        """Whether it is, or may be, this name; case makes no difference."""
        if name.casefold() in (each.casefold() for each in self.values):
            return True
        pattern = ".*".join(re.escape(each) for each in self.around)
        return bool(self.around) and re.fullmatch(pattern, name, re.IGNORECASE | re.DOTALL) is not None


@dataclass(frozen=True)
class _Resolved:
    values: frozenset[str]
    through: str = ""
    open: bool = False
    around: tuple[str, ...] = ()


class _Loader(yaml.SafeLoader):
    """No aliases, which Azure Pipelines does not know either: they can hide a text of any length."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise UnreadableError("it uses a YAML alias")
        return super().compose_node(parent, index)


def document_of(text: str) -> Any:
    """The values of a pipeline's YAML; UnreadableError where it is none."""
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableError(f"its YAML is not in order{line}") from error
    except (yaml.YAMLError, ValueError, KeyError, RecursionError) as error:
        raise UnreadableError("its YAML is not in order") from error
    finally:
        if loader is not None:
            loader.dispose()


def has_templates(document: Any) -> bool:
    """Whether other files are part of the pipeline."""
    return any("template" in each for each in _maps(document) if isinstance(each.get("template"), str))


def uses_of(document: Any) -> tuple[Use, ...]:
    """Where a pipeline names connections, each once, in the order of the text."""
    names = _Names(document)
    found: dict[Use, None] = {}
    for each in _maps(document):
        task, template = each.get("task"), each.get("template")
        if isinstance(task, str):
            for key, value in _inputs(each.get("inputs")):
                _add(found, names, task, key, value)
        elif isinstance(template, str):
            for key, value in _inputs(each.get("parameters")):
                _add(found, names, f"template {template}", key, value)
    return tuple(found)


def _add(found: dict[Use, None], names: "_Names", task: str, key: str, value: str) -> None:
    lowered = key.lower()
    telling = lowered in _TELLING_INPUTS or lowered.startswith(_TELLING_PREFIX)
    if not telling and _POSSIBLE_INPUT.search(lowered) is None:
        return
    held = names.resolved(value)
    # Of an input that is not known to hold a connection's name, only a value that is one says something.
    if telling or held.values:
        found.setdefault(Use(task, held.values, held.through, held.around if telling and held.open else ()))


class _Names:
    """The parameters and variables of a pipeline, with the values that its text gives them."""

    def __init__(self, document: Any) -> None:
        self._parameters: dict[str, _Resolved] = {}
        self._variables: dict[str, list[str]] = {}
        top = document if isinstance(document, Mapping) else {}
        for name, declared in _declared(top.get("parameters")):
            offered = declared.get("values")
            values = _texts([declared.get("default"), offered])
            self._parameters[name.lower()] = _Resolved(frozenset(values), f"parameter {name}", not offered)
        for each in _maps(document):
            for name, value in _set_variables(each.get("variables")):
                self._variables.setdefault(name.lower(), []).append(value)

    def resolved(self, text: str, depth: int = 0) -> _Resolved:
        """The names that a text may become."""
        references = list(_REFERENCE.finditer(text))
        if not references:
            return _Resolved(frozenset([text]))
        if depth > _DEEPEST // 10:
            return _Resolved(
                frozenset(), _said(references[0]), True, tuple(_REFERENCE.sub("\0", text).split("\0"))
            )
        parts = [self._reference(each, depth + 1) for each in references]
        between = _REFERENCE.sub("\0", text).split("\0")
        chosen = islice(product(*(sorted(each.values) for each in parts)), _MOST_VALUES)
        values = ("".join(chain(*zip(between, (*each, ""), strict=True))) for each in chosen)
        through = " and ".join(dict.fromkeys(each.through for each in parts if each.through))
        return _Resolved(frozenset(values), through, any(each.open for each in parts), tuple(between))

    def _reference(self, match: re.Match[str], depth: int) -> _Resolved:
        expression = match["expression"] or match["runtime"] or ""
        if parameter := _PARAMETER.fullmatch(expression):
            name = parameter[1] or parameter[2]
            known = self._parameters.get(name.lower())
            if known is None:
                return _Resolved(frozenset(), f"parameter {name}", True)
            return self._deeper(known, depth)
        variable = _VARIABLE.fullmatch(expression)
        name = match["macro"] or (variable and (variable[1] or variable[2]))
        if name:
            return self._variable(str(name), depth)
        # A loop's own name or a function: it can only bring what parameters hold, or anything.
        return _Resolved(
            frozenset().union(*(each.values for each in self._parameters.values())), _said(match), True
        )

    def _variable(self, name: str, depth: int) -> _Resolved:
        through = f"variable {name}"
        held = self._variables.get(name.lower())
        if held is None:
            return _Resolved(frozenset(), through, True)
        return self._deeper(_Resolved(frozenset(held), through), depth)

    def _deeper(self, found: _Resolved, depth: int) -> _Resolved:
        """The values of values that refer to others themselves."""
        inner = [self.resolved(each, depth) for each in sorted(found.values)]
        values = frozenset().union(*(each.values for each in inner))
        return _Resolved(values, found.through, found.open or any(each.open for each in inner))


def _said(match: re.Match[str]) -> str:
    return f"expression {' '.join(match[0].split())}"


def _declared(parameters: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(parameters, Mapping):
        for name, default in parameters.items():
            yield str(name), {"default": default}
    elif isinstance(parameters, list):
        for each in parameters:
            if isinstance(each, Mapping) and isinstance(each.get("name"), str):
                yield each["name"], each


def _set_variables(held: Any) -> Iterator[tuple[str, str]]:
    if isinstance(held, Mapping):
        for name, value in held.items():
            if isinstance(value, Mapping | list):
                # Below a directive, or `value` with `isreadonly` beside it.
                inner = value.get("value") if isinstance(value, Mapping) else None
                yield from [(str(name), str(inner))] if isinstance(inner, str) else _set_variables(value)
            elif value is not None:
                yield str(name), str(value)
    elif isinstance(held, list):
        for each in held:
            if isinstance(each, Mapping) and isinstance(each.get("name"), str) and "value" in each:
                yield each["name"], str(each["value"])
            elif isinstance(each, Mapping):
                for inner in each.values():
                    if isinstance(inner, Mapping | list):
                        yield from _set_variables(inner)


def _inputs(held: Any) -> Iterator[tuple[str, str]]:
    """Keys and texts of inputs, also of those below directives."""
    if isinstance(held, Mapping):
        for key, value in held.items():
            if isinstance(value, str):
                yield str(key), value
            else:
                yield from _inputs(value)
    elif isinstance(held, list):
        for each in held:
            yield from _inputs(each)


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for each in values:
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            yield from _texts(each.values())
        elif isinstance(each, list):
            yield from _texts(each)


def _maps(document: Any) -> Iterator[Mapping[Any, Any]]:
    """Every map of a document at any depth, in order."""
    waiting: list[tuple[Any, int]] = [(document, 0)]
    seen = 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if seen > _MOST_PARTS or depth > _DEEPEST:
            raise UnreadableError("it is too large")
        if isinstance(value, Mapping):
            yield value
            waiting += [(each, depth + 1) for each in reversed(list(value.values()))]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in reversed(value)]
