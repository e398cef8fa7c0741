"""The roles that Azure brings along, out of `built_in_roles.yaml`."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from azure_service_connections.sandbox.arm.role import Role

_COMMON = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.ResourceHealth/availabilityStatuses/read",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)
"""What most roles of one resource provider carry besides their own actions (key `common` in the file)."""


@cache
def built_in_roles() -> dict[str, Role]:
    """The built-in roles by their GUID in lower case."""
    source = files(__package__).joinpath("built_in_roles.yaml").read_text("utf-8")
    roles = [_role(name, entry) for name, entry in yaml.safe_load(source).items()]
    return {role.guid: role for role in roles}


def _role(name: str, entry: dict[str, Any]) -> Role:
    common = [*_COMMON, *entry["common"]] if "common" in entry else []
    return Role(
        guid=entry["id"],
        name=name,
        kind="BuiltInRole",
        description=entry["description"],
        assignable_scopes=("/",),
        permissions=(
            {
                "actions": [*common, *entry.get("actions", [])],
                "notActions": entry.get("notActions", []),
                "dataActions": entry.get("dataActions", []),
                "notDataActions": [],
            },
        ),
    )
