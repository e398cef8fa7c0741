"""The schema of the component package: what programs in other languages see of it."""

import json
from typing import Any

from components.package import Package

PATH = "components/schema.json"


def schema() -> dict[str, Any]:
    """The schema as the package's host answers it."""
    answer: dict[str, Any] = json.loads(str(Package().schema))
    return answer


def text() -> str:
    """The schema as the kept file holds it; a change of it is a change for the users of every language."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
