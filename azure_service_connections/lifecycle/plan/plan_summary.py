"""A plan in a few rows: how many connections are dealt with alike, and why."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Final, get_args

from azure_service_connections.lifecycle.plan.plan_file import Action, Plan

_NAMES: Final = re.compile(r"'[^']*'|\([^()]*\)|\S*[\d/]\S*|\b[A-Z]\S*|\band\b|[\s,]")
"""What reasons may differ in and still be counted as one: names, ids, times, and how they are joined."""
_MOST_REASONS: Final = 8


@dataclass(frozen=True)
class Row:
    """Entries, or things to be removed, with one action and reasons that differ in names only."""

    action: str
    count: int
    reason: str
    """The reason of the first one, in its own words."""
    example: str
    """What the first one is called."""


def summary_rows(plan: Plan) -> list[Row]:
    """The rows of a plan: actions in their order, each with its most frequent reasons first."""
    groups: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for entry in plan.entries:
        name = f"{entry.project}/{entry.connection}"
        own = rf"(?<![\w-]){re.escape(entry.connection)}(?![\w-])"
        alike = _NAMES.sub("", re.sub(own, "", entry.reason))
        groups[entry.action][alike].append((entry.reason, name))
    for removal in plan.removals:
        action = "remove" if removal.action == "remove" else "keep orphan"
        groups[action][f"{removal.kind}{_NAMES.sub('', removal.reason)}"].append(
            (removal.reason, removal.name)
        )
    return [
        row
        for action in (*get_args(Action), "remove", "keep orphan")
        for row in _rows(action, list(groups[action].values()))
    ]


def _rows(action: str, groups: list[list[tuple[str, str]]]) -> list[Row]:
    ordered = sorted(groups, key=len, reverse=True)
    rows = [Row(action, len(each), *each[0]) for each in ordered[:_MOST_REASONS]]
    if rest := ordered[_MOST_REASONS:]:
        rows.append(
            Row(action, sum(map(len, rest)), "for other reasons, which the plan tells", rest[0][0][1])
        )
    return rows
