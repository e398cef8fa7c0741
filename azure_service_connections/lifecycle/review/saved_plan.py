"""Reads a plan that `pulumi preview --save-plan` wrote.

A plan says what is to be, and of what is there now only what stays. So a removed role is known by its
resource and not by its name.
"""

from collections.abc import Mapping
from typing import Any, Final

from azure_service_connections.lifecycle.review.preview import (
    CREATE,
    DELETE,
    IMPORT,
    REPLACE,
    SAME,
    UPDATE,
    Preview,
    Resource,
    Step,
)
from azure_service_connections.lifecycle.review.values import Mark, opened

_STRONGEST_FIRST: Final = (REPLACE, CREATE, IMPORT, UPDATE, DELETE, SAME)


def preview_of_plan(document: Mapping[str, Any]) -> Preview:
    """The preview that made a plan, as far as the plan says it."""
    return Preview(
        tuple(_step(str(urn), plan) for urn, plan in document["resourcePlans"].items()),
        opened(document.get("config") or {}),
        is_plan=True,
    )


def _step(urn: str, plan: Mapping[str, Any]) -> Step:
    operations = [str(each) for each in plan.get("steps") or ()]
    op = _operation(operations)
    goal = plan.get("goal")
    if not isinstance(goal, Mapping):
        return Step(DELETE if op == REPLACE else op, urn, Resource({}, {}), None)
    held = {
        key: value
        for key, value in opened(plan.get("state") or {}).items()
        if value is not Mark.UNKNOWN and value is not None
    }
    changes = opened(goal.get("inputDiff") or {})
    added, updated = changes.get("adds") or {}, changes.get("updates") or {}
    removed = set(changes.get("deletes") or ())
    # A resource that is made anew asks for all of it; another one keeps what the plan does not speak of.
    kept = {} if op in (CREATE, IMPORT) else {key: held[key] for key in held if key not in removed}
    old = {key: value for key, value in held.items() if key not in {*added, *updated}}
    new = Resource(
        {**kept, **added, **updated},
        held,
        str(held.get("id") or ""),
        str(goal.get("parent") or ""),
        goal.get("protect"),
        frozenset(goal.get("dependencies") or ()),
        goal.get("propertyDependencies") or {},
    )
    if op in (CREATE, IMPORT):
        return Step(op, urn, None, new)
    changed = (*added, *updated, *removed)
    reasons = tuple(updated) if op == REPLACE else ()
    return Step(op, urn, Resource(old, old, new.identifier, new.parent), new, reasons, changed)


def _operation(operations: list[str]) -> str:
    if REPLACE in operations or {"create-replacement", "delete-replaced"} & set(operations):
        return REPLACE
    return next((each for each in _STRONGEST_FIRST if each in operations), SAME)
