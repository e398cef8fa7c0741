"""The page that lists every component with its inputs and outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from reference.component_schema import schema
from reference.table import table

PATH = "docs/reference/components.md"
_TYPE = "#/types/"
_HEAD = (
    "# Components\n"
    "Generated from [the package's schema](../../components/schema.json); names are those of the schema, a "
    "program in Python writes them with underscores (`projectId` is `project_id`). A name in bold has to be "
    "given. What an input that is a group holds is under [Groups of inputs](#groups-of-inputs).\n"
)


def text() -> str:
    """The page."""
    document = schema()
    parts = [_HEAD]
    for token, resource in document["resources"].items():
        parts.append(f"\n## {_short(token)}\n{resource['description']}\n\n")
        parts.append(_inputs(resource["inputProperties"], resource.get("requiredInputs", ())))
        if outputs := list(_outputs(resource)):
            parts.append("\n")
            parts.append(table(("output", "type", "meaning"), outputs))
    parts.append("\n## Groups of inputs\n")
    for token, group in document["types"].items():
        parts.append(f"\n### {_short(token)}\n{group['description']}\n\n")
        if "enum" in group:
            parts.append(", ".join(f"`{each['value']}`" for each in group["enum"]) + "\n")
        else:
            parts.append(_inputs(group["properties"], group.get("required", ())))
    return "".join(parts)


def _inputs(properties: Mapping[str, Any], required: object) -> str:
    needed = set(required) if isinstance(required, list | tuple) else set()
    if not properties:
        return "It has no inputs.\n"
    rows = [
        (f"**`{name}`**" if name in needed else f"`{name}`", _kind(each), each.get("description", ""))
        for name, each in properties.items()
    ]
    return table(("input", "type", "meaning"), rows)


def _outputs(resource: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, each in resource.get("properties", {}).items():
        yield f"`{name}`", _kind(each), each.get("description", "")


def _kind(described: Mapping[str, Any]) -> str:
    secret = "secret " if described.get("secret") else ""
    if choices := described.get("oneOf"):
        return secret + _kind(choices[-1])
    if reference := described.get("$ref"):
        name = _short(reference)
        inner = f"[{name}](#{name.lower()})" if reference.startswith(_TYPE) else name
    elif described.get("type") == "array":
        inner = f"list of {_kind(described['items'])}"
    elif described.get("type") == "object":
        inner = f"map of {_kind(described['additionalProperties'])}"
    else:
        inner = str(described.get("type", "any"))
    return f"{secret}{inner}"


def _short(token: str) -> str:
    return token.rpartition(":")[2]
