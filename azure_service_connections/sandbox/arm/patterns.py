"""Patterns of operations in roles, such as `Microsoft.Storage/*/read`."""

import re
from collections.abc import Iterable
from functools import lru_cache


def matches(pattern: str, action: str) -> bool:
    """Whether a pattern covers an operation; case makes no difference, `*` stands for anything, also `/`."""
    return _compiled(pattern.lower()).fullmatch(action.lower()) is not None


def permits(actions: Iterable[str], not_actions: Iterable[str], action: str) -> bool:
    """Whether one set of permissions grants an operation: what it lists, less what it takes away again."""
    return any(matches(pattern, action) for pattern in actions) and not any(
        matches(pattern, action) for pattern in not_actions
    )


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
