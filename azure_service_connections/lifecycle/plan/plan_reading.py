"""Reads a plan file, or says everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from azure_service_connections.catalogue import wording
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.plan.plan_file import (
    VERSION,
    Consumer,
    Entry,
    Plan,
    PlannedIdentity,
    Removal,
)
from azure_service_connections.lifecycle.plan.plan_rules import rule_mistakes
from azure_service_connections.lifecycle.plan.plan_writing import keys_of
from azure_service_connections.lifecycle.plan.plan_yaml import Place, Values, YamlError, values_of

Part = TypeVar("Part", bound=BaseModel)

_AGAIN: Final = "write the plan again with `connections plan`"
_MOST_SHOWN: Final = 50
_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "entries": Entry,
    "removals": Removal,
    "identity": PlannedIdentity,
    "consumers": Consumer,
}
_KINDS: Final[Mapping[str, type]] = {
    "string_type": str,
    "tuple_type": list,
    "model_type": dict,
    "model_attributes_type": dict,
    "dict_type": dict,
}
_TIMES: Final = ("value_error", "timezone_aware")
_MISSING: Final[Mapping[str, str]] = {
    "expects": f"is missing, so a connection that has changed since would not be noticed; {_AGAIN}",
    "action": "is missing; write convert, migrate-issuer, revert or keep",
    "id": "is missing; write the id that Azure DevOps gives it",
    "organization": "is missing; write the address of the organization",
    "organizations": "is missing; write the addresses of the organizations in a list",
    "written": f"is missing; {_AGAIN}",
    "reason": "is missing; write why",
    "kind": "is missing; write what it is",
}


def read_plan(path: Path) -> Plan:
    """The plan in a file; LifecycleError with every mistake and its place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise LifecycleError(f"There is no plan {path}; write one with `connections plan`.") from error
    except UnicodeDecodeError as error:
        raise LifecycleError(f"{path} is not text in UTF-8, so it is no plan; {_AGAIN}.") from error
    except OSError as error:
        raise LifecycleError(
            f"{path} cannot be read ({error.strerror}); name the file that `connections plan` wrote."
        ) from error
    return plan_of(text, str(path))


def plan_of(text: str, name: str) -> Plan:
    """The plan that a text says; LifecycleError with every mistake. `name` is what the text is called."""
    try:
        values = values_of(text)
    except YamlError as error:
        line = f", line {error.line}," if error.line else ""
        raise LifecycleError(f"{name}{line} {error}.") from error
    root = values.root
    if root is None:
        raise LifecycleError(f"{name} is empty; write a plan with `connections plan`.")
    if not isinstance(root, dict):
        raise LifecycleError(f"{name} {wording.wrong_kind(root, dict)}; {_AGAIN}.")
    version = root.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version != VERSION:
        said = "has no version" if version is None else f"has the version {wording.quoted(version)}"
        raise LifecycleError(f"{name} {said}, and this command reads version {VERSION}; {_AGAIN}.")
    found: dict[Place, str] = {}
    plan: Plan | None = None
    try:
        plan = Plan.model_validate(root)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            found.setdefault(tuple(detail["loc"]), _problem(detail))
    found = {**found, **values.mistakes}
    entries = list(enumerate(plan.entries)) if plan else _whole(root.get("entries"), Entry)
    removals = list(enumerate(plan.removals)) if plan else _whole(root.get("removals"), Removal)
    for at, problem in rule_mistakes(_texts(root.get("organizations")), entries, removals):
        found.setdefault(at, problem)
    if found or plan is None:
        raise LifecycleError(_sentences(name, found, values))
    return plan


def _whole(given: Any, model: type[Part]) -> list[tuple[int, Part]]:
    """Those of the parts that have no mistake of their own, with their positions."""
    parts = []
    for position, each in enumerate(given if isinstance(given, list) else ()):
        try:
            parts.append((position, model.model_validate(each)))
        except ValidationError:
            continue
    return parts


def _texts(given: Any) -> list[str]:
    return [each if isinstance(each, str) else "" for each in given] if isinstance(given, list) else []


def _sentences(name: str, found: Mapping[Place, str], values: Values) -> str:
    ordered = sorted(found.items(), key=lambda each: values.line_of(each[0]))
    said = [f"{_path(place)} (line {values.line_of(place)}): {problem}." for place, problem in ordered]
    if len(said) == 1:
        return f"{name} has a mistake, nothing was changed: {said[0]}"
    more = len(said) - _MOST_SHOWN
    shown = [*said[:_MOST_SHOWN], *([f"… and {wording.counted(more, 'mistake')} more."] if more > 0 else ())]
    lines = "\n".join(f"  {each}" for each in shown)
    return f"{name} has {len(said)} mistakes, nothing was changed:\n{lines}"


def _path(place: Iterable[str | int]) -> str:
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("-", "").replace("_", "").isalnum():
            text += f".{part}" if text else part
        else:
            text += f"[{wording.quoted(part)}]"
    return text or "the file"


def _problem(detail: ErrorDetails) -> str:
    place, kind, given = detail["loc"], detail["type"], detail["input"]
    key = str(place[-1]) if place else ""
    if kind == "extra_forbidden":
        return wording.unknown_key(key, keys_of(_model_at(place)))
    if kind == "missing":
        return _MISSING.get(key) or wording.missing(key)
    if kind == "literal_error":
        return _choice(given, _choices(place))
    if kind in _KINDS:
        return wording.wrong_kind(given, _KINDS[kind])
    if kind in _TIMES or kind.startswith("datetime"):
        return (
            f"is {wording.quoted(given)}, which is no time with a time zone; write it as 2027-01-31T00:00:00Z"
        )
    return f"cannot be read; {_AGAIN}"


def _model_at(place: Iterable[str | int]) -> type[BaseModel]:
    inner = [_MODELS[each] for each in list(place)[:-1] if isinstance(each, str) and each in _MODELS]
    return inner[-1] if inner else Plan


def _choices(place: Iterable[str | int]) -> list[str]:
    """The words that may stand at a place."""
    keys = [each for each in place if isinstance(each, str)]
    fields = {field.alias or name: field for name, field in _model_at((*keys, "")).model_fields.items()}
    if keys[-1] not in fields:
        fields = {field.alias or name: field for name, field in _model_at(keys).model_fields.items()}
    annotation = fields[keys[-1]].annotation
    while (arguments := get_args(annotation)) and not isinstance(arguments[0], str):
        annotation = arguments[0]
    return [str(each) for each in get_args(annotation)]


def _choice(given: Any, choices: list[str]) -> str:
    if not isinstance(given, str):
        return wording.wrong_kind(given, str).partition(";")[0] + f"; write {wording.listed(choices)}"
    meant = wording.nearest(given, choices)
    return f"{wording.quoted(given)} is not known; write {meant or wording.listed(choices)}"
