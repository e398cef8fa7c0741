"""The YAML of a plan as plain values, with the line of each and all that YAML itself would hide."""

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

Place = tuple[str | int, ...]
"""Keys and positions from the top of the file."""

_DEEPEST: Final = 20
_LONGEST_NUMBER: Final = 20
_TAG: Final = "tag:yaml.org,2002:"
_TRUE: Final = ("y", "yes", "true", "on")


class YamlError(Exception):
    """What is not YAML, or YAML that a plan does not need: the problem, with its line."""

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.line = line


@dataclass
class Values:
    """The values of a file, where they stand, and the mistakes that only its text shows."""

    root: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    mistakes: dict[Place, str] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        """The line of a value, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _Loader(yaml.SafeLoader):
    """Composes nodes only, of a depth that a plan can have, and follows no aliases."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError("uses an anchor or an alias (& or *); write the value out, or in quotes", line)
        self.depth += 1
        if self.depth > _DEEPEST:
            raise YamlError("is nested deeper than a plan ever is; take the brackets out", line)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def values_of(text: str) -> Values:
    """The values of a text; YamlError where it is not the YAML of a plan."""
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(str(error.problem or error.context).split())
        raise YamlError(f"is not YAML: {problem}", mark.line + 1 if mark else 0) from error
    except yaml.YAMLError as error:
        raise YamlError(f"is not YAML: {' '.join(str(error).split())}") from error
    finally:
        if loader is not None:
            loader.dispose()
    values = Values()
    values.root = None if node is None else _value(node, (), values)
    return values


def shown(text: str) -> str:
    """A text that can be printed, whatever its escapes made of it."""
    return text.encode("utf-8", "backslashreplace").decode()


def _value(node: yaml.Node, place: Place, values: Values) -> Any:
    values.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
        return _map(node, place, values)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
        return [_value(each, (*place, position), values) for position, each in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and node.tag.startswith(_TAG):
        known, held = _scalar(node.tag.removeprefix(_TAG), node.value)
        if known:
            return held
    values.mistakes[place] = f"has the tag '{shown(node.tag)}'; write a plain value"
    return None


def _map(node: yaml.MappingNode, place: Place, values: Values) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            values.mistakes[place] = "has a key that is no text; write `key: value` pairs"
            continue
        key = shown(key_node.value)
        inner = (*place, key)
        if key in held:
            values.mistakes[inner] = "is written twice; keep one of the two"
            continue
        values.lines[inner] = key_node.start_mark.line + 1
        held[key] = _value(value_node, inner, values)
    return held


def _scalar(kind: str, text: str) -> tuple[bool, Any]:
    """Whether the kind of scalar is one that a plan may have, and its value; times stay texts."""
    if kind in ("str", "timestamp"):
        return True, shown(text)
    if kind == "null":
        return True, None
    if kind == "bool":
        return True, text.lower() in _TRUE
    if kind in ("int", "float"):
        number = int if kind == "int" else float
        try:
            return True, number(text) if len(text) <= _LONGEST_NUMBER else text
        except ValueError:
            return True, shown(text)
    return False, None
