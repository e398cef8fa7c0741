"""A pipeline's YAML: parameters filled in, expressions expanded, the service connections that it names.

A pipeline of the sandbox is one file, which may extend a template of the estate; other templates cannot be
found, and that is what a run of such a pipeline is told.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from azure_service_connections.sandbox.devops.agent_pools import HOSTED, named_by
from azure_service_connections.sandbox.devops.connection_uses import ConnectionUse, connection_uses
from azure_service_connections.sandbox.devops.expressions import (
    ExpressionError,
    as_text,
    evaluate,
    expand_text,
    is_true,
)
from azure_service_connections.sandbox.devops.pipeline_templates import Template

FILE: Final = "/azure-pipelines.yml"

_DIRECTIVE: Final = re.compile(r"\$\{\{\s*(if|elseif|else|each|insert)\b(.*?)\}\}", re.DOTALL)
_EACH: Final = re.compile(r"\s*(\w+)\s*,?\s*(\w+)?\s+in\s+(.*)", re.DOTALL)


class PipelineError(Exception):
    """A pipeline that cannot be run, in the service's words."""


@dataclass(frozen=True)
class Pipeline:
    """What a run of a pipeline needs to know of it."""

    uses: list[ConnectionUse]
    """Where its tasks name service connections."""
    template: Template | None
    """The template that it extends."""
    document: dict[str, Any]
    """What is left when parameters, expressions and the template that it extends are filled in."""
    lock_behavior: str
    """`runLatest` or `sequential`: what becomes of runs that wait for the same exclusive lock."""
    pool: str
    """The pool whose agents run the first job that uses a connection, or else any job."""


def read_pipeline(
    text: str,
    parameters: Mapping[str, Any],
    template_of: Callable[[Mapping[str, Any]], tuple[Template, str | None] | None] = lambda _document: None,
) -> Pipeline:
    """A pipeline with these parameters given.

    `template_of` is told the pipeline's document; it knows which template that extends and what it says.
    Raises `PipelineError` for YAML that is not in order and for parameters that the pipeline does not take.
    """
    document = _load(text)
    body, variables = _expanded(document, parameters)
    extended = template_of(body)
    if extended is not None and extended[1] is not None:
        given = body.pop("extends").get("parameters") or {}
        inner, more = _expanded(_load(extended[1]), given)
        body, variables = {**body, **inner}, {**more, **variables}
    for template in _templates(body):
        raise PipelineError(
            f"{FILE}: File /{str(template).lstrip('/')} not found in the repository on branch "
            "refs/heads/main."
        )
    uses = list(connection_uses(body, variables, "Job", HOSTED))
    return Pipeline(
        uses,
        extended[0] if extended else None,
        body,
        str(document.get("lockBehavior") or "runLatest"),
        uses[0].pool if uses else named_by(body.get("pool"), HOSTED),
    )


def in_stages(document: Mapping[str, Any]) -> dict[str, Any]:
    """A pipeline as the service writes a final one: variables in a list, steps in a job `Job`, jobs in a
    stage `__default`.
    """
    final = {key: value for key, value in document.items() if key not in ("steps", "jobs", "stages")}
    if isinstance(held := final.get("variables"), dict):
        final["variables"] = [{"name": name, "value": value} for name, value in held.items()]
    stages = document.get("stages")
    if stages is None:
        jobs = document.get("jobs")
        stages = [
            {"stage": "__default", "jobs": jobs or [{"job": "Job", "steps": document.get("steps") or []}]}
        ]
    return {**final, "stages": stages}


def _expanded(
    document: dict[str, Any], parameters: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A file with its parameters filled in and its expressions expanded, and its variables."""
    values = _parameter_values(document, parameters)
    try:
        variables = _variables(document, {"parameters": values, "variables": {}})
        context = {"parameters": values, "variables": variables}
        body = _expand({key: value for key, value in document.items() if key != "parameters"}, context)
    except ExpressionError as error:
        raise PipelineError(f"{FILE}: {error}") from error
    return body, variables


def _load(text: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"(Line: {mark.line + 1}, Col: {mark.column + 1}): " if mark else ""
        raise PipelineError(f"{FILE}: {place}While parsing: {error.problem}") from error
    except yaml.YAMLError as error:
        raise PipelineError(f"{FILE}: While parsing: {error}") from error
    if isinstance(document, list):
        document = {"steps": document}
    if not isinstance(document, dict) or not {"stages", "jobs", "steps", "extends"} & document.keys():
        raise PipelineError(f"{FILE}: The pipeline has no stages, jobs or steps.")
    return document


def _parameter_values(document: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    declared = document.get("parameters") or []
    if isinstance(declared, dict):
        declared = [{"name": name, "default": default} for name, default in declared.items()]
    left = {name.lower(): (name, value) for name, value in given.items()}
    values: dict[str, Any] = {}
    for parameter in declared:
        name = str(parameter.get("name", ""))
        if name.lower() in left:
            value = _typed(name, str(parameter.get("type", "string")), left.pop(name.lower())[1])
        elif "default" in parameter:
            value = parameter["default"]
        else:
            raise PipelineError(f"{FILE}: A value for the '{name}' parameter must be provided.")
        allowed = parameter.get("values")
        if allowed and as_text(value) not in map(as_text, allowed):
            choices = ", ".join(map(as_text, allowed))
            raise PipelineError(
                f"{FILE}: The '{name}' parameter value '{as_text(value)}' is not a valid value. Allowed "
                f"values: {choices}."
            )
        values[name] = value
    for name, _ in left.values():
        raise PipelineError(f"{FILE}: Unexpected parameter '{name}'")
    return values


def _typed(name: str, kind: str, value: Any) -> Any:
    if kind == "boolean":
        if str(value).lower() not in ("true", "false"):
            raise PipelineError(f"{FILE}: The '{name}' parameter value '{value}' is not a valid Boolean.")
        return str(value).lower() == "true"
    if kind == "number":
        try:
            return float(value) if "." in str(value) else int(value)
        except ValueError as error:
            raise PipelineError(
                f"{FILE}: The '{name}' parameter value '{value}' is not a valid Number."
            ) from error
    if kind == "string":
        return as_text(value)
    return yaml.safe_load(value) if isinstance(value, str) else value


def _variables(document: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    held = _expand(document.get("variables") or {}, context)
    if isinstance(held, list):
        return {
            str(each["name"]): each.get("value", "")
            for each in held
            if isinstance(each, dict) and "name" in each
        }
    return dict(held) if isinstance(held, dict) else {}


def _expand(value: Any, context: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return expand_text(value, context) if "${{" in value else value
    if isinstance(value, list):
        return [each for each, _ in _entries([(each, None) for each in value], context)]
    if isinstance(value, dict):
        return {key: each for each, key in _entries([(each, key) for key, each in value.items()], context)}
    return value


def _entries(entries: list[tuple[Any, Any]], context: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The entries of a mapping (value, key) or of a sequence (item, None) with directives carried out."""
    chosen = False
    for value, key in entries:
        directive, content = _directive(value, key)
        if directive is None:
            yield _expand(value, context), expand_text(key, context) if isinstance(key, str) else key
            continue
        word, condition = directive
        if word == "each":
            yield from _repeat(condition, content, key is None, context)
            continue
        if word == "if":
            chosen = False
        takes = word == "insert" or (not chosen and (word == "else" or is_true(evaluate(condition, context))))
        if takes:
            chosen = word != "insert"
            yield from _splice(content, key is None, context)


def _directive(value: Any, key: Any) -> tuple[tuple[str, str] | None, Any]:
    if key is None and isinstance(value, dict) and len(value) == 1:
        key, value = next(iter(value.items()))
    match = _DIRECTIVE.fullmatch(key.strip()) if isinstance(key, str) else None
    return ((match[1], match[2].strip()) if match else None), value


def _repeat(
    condition: str, content: Any, sequence: bool, context: Mapping[str, Any]
) -> Iterator[tuple[Any, Any]]:
    match = _EACH.fullmatch(condition)
    if match is None:
        raise ExpressionError(f"Expected 'each name in values' and found 'each {condition}'")
    values = evaluate(match[3], context)
    if isinstance(values, dict):
        values = [{"key": key, "value": value} for key, value in values.items()]
    for value in values or []:
        yield from _splice(content, sequence, {**context, match[1]: value})


def _splice(content: Any, sequence: bool, context: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    expanded = _expand(content, context)
    if isinstance(expanded, list):
        yield from ((each, None) for each in expanded)
    elif isinstance(expanded, dict) and not sequence:
        yield from ((each, key) for key, each in expanded.items())
    elif expanded is not None:
        yield expanded, None


def _templates(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if isinstance(value.get("template"), str):
            yield value["template"]
        for key, each in value.items():
            if key not in ("inputs", "env", "parameters"):
                yield from _templates(each)
    elif isinstance(value, list):
        for each in value:
            yield from _templates(each)
