"""The schema of the component package: what programs in other languages see of it."""

import json
from typing import Any

from components.package import Package

PATH = "components/schema.json"


def schema() -> dict[str, Any]:
    """The schema as `pulumi package get-schema ./components` prints it.

    The engine leaves out what the host says of the values in a list or a map beside what it says of the list
    or the map itself, and what is empty.
    """
    answered: dict[str, Any] = json.loads(str(Package().schema))
    if not answered["dependencies"]:
        del answered["dependencies"]
    for resource in answered["resources"].values():
        if not resource["requiredInputs"]:
            del resource["requiredInputs"]
        _describe_once(resource["inputProperties"])
        _describe_once(resource["properties"])
    for group in answered["types"].values():
        _describe_once(group.get("properties", {}))
    return {"config": {}, **answered}


def text() -> str:
    """The schema as the kept file holds it; a change of it is a change for the users of every language."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _describe_once(properties: dict[str, Any]) -> None:
    for each in properties.values():
        inner = each.get("items") or each.get("additionalProperties")
        while inner:
            inner.pop("description", None)
            inner = inner.get("items") or inner.get("additionalProperties")
