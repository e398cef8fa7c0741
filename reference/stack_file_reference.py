"""The page that lists what a stack file may say about a connection."""

from collections.abc import Iterator, Mapping
from typing import Any

from azure_service_connections.configuration.schema import schema
from reference.table import table

PATH = "docs/reference/stack-file.md"
_FIRST = "Connection"
_LONGEST_CHOICE = 8
_HEAD = (
    "# Stack files\n"
    "Generated from [the schema of stack files](../../stacks/connections.schema.json), which completes and "
    "checks them in an editor. A stack file names its connections under `config` → "
    "`azure-service-connections:connections`, each under a key of yours. A key in bold has to be there.\n"
)


def text() -> str:
    """The page."""
    definitions: Mapping[str, Any] = schema()["$defs"]
    names = [_FIRST, *(name for name in definitions if name != _FIRST)]
    parts = [_HEAD]
    for name in names:
        group = definitions[name]
        parts.append(f"\n## {name}\n{group.get('description', '')}\n")
        if group.get("properties"):
            parts.append("\n")
            parts.append(table(("key", "value", "meaning"), _rows(group)))
    return "".join(parts)


def _rows(group: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    required = group.get("required", ())
    for name, each in group["properties"].items():
        meaning = str(each.get("description", ""))
        if "Default" not in meaning and each.get("default") not in (None, [], {}):
            meaning = f"{meaning} Default: `{_plain(each['default'])}`."
        yield (f"**`{name}`**" if name in required else f"`{name}`", _value(each), meaning)


def _value(described: Mapping[str, Any]) -> str:
    if reference := described.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in described:
        return f"`{_plain(described['const'])}`"
    if choices := described.get("enum"):
        shown = [f"`{_plain(each)}`" for each in choices[:_LONGEST_CHOICE]]
        more = len(choices) - len(shown)
        return ", ".join(shown) + (f" and {more} more, which the schema lists" if more else "")
    for key in ("anyOf", "oneOf"):
        if key in described:
            return " or ".join(dict.fromkeys(_value(each) for each in described[key]))
    if described.get("type") == "array":
        return f"list of {_value(described['items'])}" if "items" in described else "list"
    if described.get("type") == "object":
        inner = described.get("additionalProperties")
        return f"map of {_value(inner)}" if isinstance(inner, Mapping) else "map"
    return str(described.get("type", "any"))


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
