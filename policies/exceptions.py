"""Exceptions: a resource that a rule lets pass, for a reason and until a day.

One that has ended, or says no reason or no day, lets nothing pass and is a violation of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.resource import Resource

NAME = "exceptions"
SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "description": "Resources that this rule lets pass, each for a reason and until a day.",
    "items": {
        "type": "object",
        # A missing reason or day is no wrong configuration but a violation, which names the resource.
        "required": ["resource"],
        "additionalProperties": False,
        "properties": {
            "resource": {"type": "string", "description": "The resource's URN, or its name."},
            "reason": {"type": "string", "description": "Why it may pass."},
            "until": {"type": "string", "description": "The last day, as 2027-01-31."},
        },
    },
}


@dataclass(frozen=True)
class PolicyException:
    """An exception as it is written."""

    resource: str
    reason: str = ""
    until: str = ""

    def names(self, resource: Resource) -> bool:
        """Whether it speaks of a resource."""
        return self.resource in (resource.urn, resource.name)

    def problem(self, today: date) -> str | None:
        """Why it lets nothing pass, as a sentence, or None where it holds."""
        start = f"The exception for '{self.resource}'"
        if not self.reason.strip():
            return f"{start} gives no reason; say why it may pass, or remove the exception."
        if not self.until:
            return f"{start} has no end; say its last day, such as until: {today.year + 1}-01-31."
        try:
            last = date.fromisoformat(self.until)
        except ValueError:
            return f"{start} ends on '{self.until}', which is no day; write it as {today.year + 1}-01-31."
        if last < today:
            return f"{start} ended on {last}; mend what it let pass, or give it a new reason and a new end."
        return None


def exceptions_of(given: Mapping[str, Any]) -> tuple[PolicyException, ...]:
    """The exceptions in the configuration of a rule."""
    return tuple(
        PolicyException(
            str(each.get("resource", "")), str(each.get("reason") or ""), str(each.get("until") or "")
        )
        for each in given.get(NAME) or ()
    )


def let_pass(
    exceptions: Iterable[PolicyException], resource: Resource, today: date
) -> tuple[bool, tuple[str, ...]]:
    """Whether a resource passes, and what is wrong with the exceptions that name it."""
    passes = False
    problems = []
    for each in exceptions:
        if each.names(resource):
            problem = each.problem(today)
            passes = passes or problem is None
            if problem is not None:
                problems.append(problem)
    return passes, tuple(problems)
