"""YAML as stacks hold it: dates are texts, and no key stands twice in one map."""

from typing import Any

import yaml


class YamlError(Exception):
    """A text is not YAML; the place as `, line 3,` and the reason."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place} {reason}")
        self.place = place
        self.reason = reason


class _Loader(yaml.SafeLoader):
    """Reads dates as the texts that they are for the engine."""

    yaml_implicit_resolvers = {  # noqa: RUF012 # the library declares it so
        start: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for start, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(text: str) -> Any:
    """The plain maps, lists and scalars of a text. Raises YamlError."""
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it holds characters that YAML does not allow"
        raise YamlError(f", line {mark.line + 1}," if mark else "", str(reason)) from None


def _map_of(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key '{key}' stands twice in one map", key_node.start_mark
            )
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _map_of)
