"""Reads a preview from what the engine wrote: a document, a stream of events, or a saved plan."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.review.preview import (
    DELETE,
    REPLACE,
    SAME,
    Preview,
    Resource,
    Step,
)
from azure_service_connections.lifecycle.review.saved_plan import preview_of_plan
from azure_service_connections.lifecycle.review.values import opened

_OPERATIONS: Final[Mapping[str, str]] = {
    "create-replacement": REPLACE,
    "delete-replaced": REPLACE,
    "read-replacement": "read",
    "import-replacement": REPLACE,
}
_NOT_JSON: Final = (
    "{where} is not JSON; write it with `pulumi preview --json` or `pulumi preview --save-plan`."
)
_OTHER: Final = (
    "{where} is JSON but no preview of the engine; write it with `pulumi preview --json` or "
    "`pulumi preview --save-plan`, with Pulumi 3.100 or newer."
)
_COLORS = re.compile(r"<\{%.*?%\}>|\x1b\[[0-9;]*m")
_PREFIX = re.compile(r"^(?:error: )+")


def read_preview(text: str, where: str = "The preview") -> Preview:
    """The preview that a text holds; LifecycleError where it holds none. `where` names it in the message."""
    try:
        document = json.loads(text)
    except ValueError as error:
        events = _events(text)
        if not events:
            said = " ".join(text.split())
            if not said:
                raise LifecycleError(
                    f"{where} is empty; write it with `pulumi preview --json`, whose own error says why it "
                    "wrote nothing."
                ) from error
            raise LifecycleError(_NOT_JSON.format(where=where)) from error
        return _of_events(events, where)
    if isinstance(document, Mapping):
        if isinstance(document.get("resourcePlans"), Mapping):
            return preview_of_plan(document)
        if "sequence" in document and "timestamp" in document:
            return _of_events([document], where)
        if isinstance(document.get("steps") or [], list) and {"changeSummary", "steps"} & set(document):
            return _of_document(document, where)
        if document.get("diagnostics"):
            return _of_document(document, where)
    raise LifecycleError(_OTHER.format(where=where))


def _of_document(document: Mapping[str, Any], where: str) -> Preview:
    errors = [
        str(each.get("message", ""))
        for each in document.get("diagnostics") or []
        if isinstance(each, Mapping) and each.get("severity") == "error"
    ]
    steps = document.get("steps") or []
    if not all(isinstance(step, Mapping) and "op" in step and "urn" in step for step in steps):
        raise LifecycleError(_OTHER.format(where=where))
    return Preview(
        _merged(
            _step(step, step.get("oldState"), step.get("newState"))
            for step in steps
            if not _is_left_over(step, step.get("oldState"))
        ),
        _config(document.get("config")),
        _said(errors),
    )


def _events(text: str) -> list[Mapping[str, Any]]:
    found = []
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            return []
        if not (isinstance(event, Mapping) and "sequence" in event):
            return []
        found.append(event)
    return found


def _of_events(events: Iterable[Mapping[str, Any]], where: str) -> Preview:
    steps: list[Step] = []
    errors: list[str] = []
    config: Any = {}
    ended = False
    for event in events:
        if (prelude := event.get("preludeEvent")) is not None:
            config = prelude.get("config") or {}
        elif (happened := event.get("resourcePreEvent")) is not None:
            step = happened.get("metadata") or {}
            if not _is_left_over(step, step.get("old")):
                steps.append(_step(step, step.get("old"), step.get("new")))
        elif (said := event.get("diagnosticEvent")) is not None and said.get("severity") == "error":
            errors.append(str(said.get("message", "")))
        ended = ended or "summaryEvent" in event
    if not ended and not errors:
        raise LifecycleError(
            f"{where} ends before the preview did; let `pulumi preview --json` finish and read it again."
        )
    return Preview(_merged(steps), _config(config), _said(errors))


def _is_left_over(step: Mapping[str, Any], old: Any) -> bool:
    """Whether a step removes what an earlier, interrupted replacement left behind."""
    return step.get("op") == "delete" and isinstance(old, Mapping) and old.get("delete") is True


def _step(step: Mapping[str, Any], old: Any, new: Any) -> Step:
    op = str(step.get("op"))
    reasons = step.get("replaceReasons") or step.get("keys") or ()
    changed = step.get("diffReasons") or step.get("diffs") or ()
    return Step(
        _OPERATIONS.get(op, op),
        str(step.get("urn")),
        _state(old),
        _state(new),
        tuple(map(str, reasons)),
        tuple(map(str, changed)),
    )


def _state(state: Any) -> Resource | None:
    if not isinstance(state, Mapping):
        return None
    protect = state.get("protect")
    return Resource(
        opened(state.get("inputs") or {}),
        opened(state.get("outputs") or {}),
        str(state.get("id") or ""),
        str(state.get("parent") or ""),
        bool(protect),
        frozenset(state.get("dependencies") or ()),
        state.get("propertyDependencies") or {},
    )


def _merged(steps: Iterable[Step]) -> tuple[Step, ...]:
    """One step a resource: a replacement may come as its parts, in any order."""
    by_urn: dict[str, Step] = {}
    for step in steps:
        before = by_urn.get(step.urn)
        if before is None:
            by_urn[step.urn] = step
            continue
        op = before.op
        if step.op != before.op:
            op = (before.op if step.op == SAME else step.op) if SAME in (step.op, before.op) else REPLACE
        by_urn[step.urn] = Step(
            op,
            step.urn,
            before.old or step.old,
            step.new or before.new,
            before.reasons or step.reasons,
            before.changed or step.changed,
        )
    return tuple(
        # What is deleted as a part of a replacement, and made by nobody again, is gone.
        Step(DELETE, step.urn, step.old, None) if step.op == REPLACE and step.new is None else step
        for step in by_urn.values()
    )


def _config(config: Any) -> dict[str, Any]:
    """The configuration with objects opened, which the engine writes as JSON inside of JSON."""
    found: dict[str, Any] = {}
    for key, value in (config or {}).items() if isinstance(config, Mapping) else ():
        if isinstance(value, str) and value.startswith(("{", "[")):
            with suppress(ValueError):
                value = json.loads(value)
        found[str(key)] = opened(value)
    return found


def _said(errors: Iterable[str]) -> tuple[str, ...]:
    return tuple(each for error in errors if (each := one_line(error)))


def one_line(message: str) -> str:
    """A message of the engine without colours, its prefix and line ends."""
    return _PREFIX.sub("", " ".join(_lines(message)))


def _lines(message: str) -> Iterator[str]:
    for line in _COLORS.sub("", message).splitlines():
        if line.strip():
            yield line.strip()
