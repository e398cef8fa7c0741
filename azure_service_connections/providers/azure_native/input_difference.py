"""What differs between the old inputs and the new ones, path by path."""

from typing import Any

from azure_service_connections.providers.property_values import Properties, Unknown
from azure_service_connections.providers.resource_type import Change


def input_changes(old: Properties, new: Properties, replacing: frozenset[str]) -> dict[str, Change]:
    """Changed paths; a `location` is compared without regard to case and blanks, `__` names not at all."""
    changes: dict[str, Change] = {}
    for name in sorted(old.keys() | new.keys()):
        if name.startswith("__"):
            continue
        if name == "location" and _place(old.get(name)) == _place(new.get(name)) is not None:
            continue
        found = _value_changes(name, old.get(name), new.get(name))
        changes |= {path: kind.replacing() if name in replacing else kind for path, kind in found.items()}
    return changes


def _value_changes(path: str, old: Any, new: Any) -> dict[str, Change]:
    if isinstance(new, Unknown) or isinstance(old, Unknown):
        return {path: Change.UPDATE if old is not None else Change.ADD}
    if old == new:
        return {}
    if old is None:
        return {path: Change.ADD}
    if new is None:
        return {path: Change.DELETE}
    changes: dict[str, Change] = {}
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            changes |= _value_changes(f"{path}.{name}", old.get(name), new.get(name))
        return changes
    if isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            changes |= _value_changes(f"{path}[{index}]", before, after)
        return changes
    return {path: Change.UPDATE}


def _place(value: Any) -> str | None:
    return value.replace(" ", "").lower() if isinstance(value, str) else None


def follow(inputs: Properties, before: Properties, after: Properties) -> Properties:
    """The inputs with what changed between two readings of the same properties; the rest stays as it was."""
    followed = {name: value for name, value in inputs.items() if name not in before or name in after}
    for name, value in after.items():
        if before.get(name) != value:
            followed[name] = _follow_value(inputs.get(name), before.get(name), value)
    return followed


def _follow_value(base: Any, before: Any, after: Any) -> Any:
    if isinstance(base, dict) and isinstance(before, dict) and isinstance(after, dict):
        return follow(base, before, after)
    if isinstance(base, list) and isinstance(before, list) and isinstance(after, list):
        shorter = min(len(base), len(before))
        return [
            _follow_value(base[index], before[index], value)
            if index < shorter and before[index] != value
            else (base[index] if index < shorter else value)
            for index, value in enumerate(after)
        ]
    return after
