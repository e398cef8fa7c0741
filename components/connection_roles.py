"""Who may see, use and administer a service connection.

Rights that a project hands down to its connections stay: no resource of the provider can end that.
"""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_azuredevops as azuredevops

from azure_service_connections.catalogue import access_rules, rules

from .input_check import InputCheck, Rules
from .names import child_name
from .shapes import in_schema_spelling

_SCOPE = "distributedtask.serviceendpointrole"
_RULES = {"project_id": (rules.guid,), "connection_id": (rules.not_blank,)}
PERMISSION_RULES: Rules = {"identity_id": (rules.guid,), "role": (access_rules.connection_role,)}
"""What holds for a role on a connection wherever one is given."""


class PermissionArgs(TypedDict):
    """A role on the connection for a person or a group."""

    identity_id: pulumi.Input[str]
    """The id that Azure DevOps gives to the person or group, which is not that of Entra ID."""
    role: NotRequired[pulumi.Input[str]]
    """Reader, User or Administrator. Default: User, who may use it in pipelines that they write."""


class ConnectionRolesArgs(TypedDict):
    """Who has which role on a connection that exists."""

    project_id: pulumi.Input[str]
    """Id of the connection's project."""
    connection_id: pulumi.Input[str]
    """Id of the connection."""
    permissions: dict[str, PermissionArgs]
    """A role each, under a key of yours that stays with the person or group."""


class ConnectionRoles(pulumi.ComponentResource):
    """Roles of people and groups on a connection. Changing one never touches the connection."""

    connection_id: pulumi.Output[str]
    """Id of the connection, known once every role is given."""

    def __init__(
        self, name: str, args: ConnectionRolesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register one assignment a role; raises InputError for inputs that cannot work."""
        check = InputCheck("ConnectionRoles", name)
        args = check.group(args, ConnectionRolesArgs, _RULES)
        permissions = check_permissions(check, args)
        check.finish()
        super().__init__(
            "azure-service-connections:index:ConnectionRoles",
            name,
            in_schema_spelling(args, ConnectionRolesArgs),
            opts,
        )

        resource_id = pulumi.Output.all(args["project_id"], args["connection_id"]).apply(
            lambda known: "_".join(known).lower()
        )
        given = [
            azuredevops.SecurityroleAssignment(
                child_name(name, key),
                scope=_SCOPE,
                resource_id=resource_id,
                # Azure DevOps answers ids in lower case, and any other spelling would be a replacement.
                identity_id=pulumi.Output.from_input(permission["identity_id"]).apply(str.lower),
                role_name=permission.get("role") or "User",
                opts=pulumi.ResourceOptions(parent=self),
            ).id
            for key, permission in permissions.items()
        ]
        self.connection_id = pulumi.Output.all(args["connection_id"], *given).apply(
            lambda known: str(known[0])
        )
        self.register_outputs({"connectionId": self.connection_id})


def check_permissions(check: InputCheck, args: Any) -> dict[str, PermissionArgs]:
    """Note the mistakes in the input permissions of a component that has it.

    Returns them with their outputs checked.
    """
    if not check.is_map(args) or not check.is_map(permissions := args.get("permissions") or {}):
        return {}
    checked = {
        key: check.group(permission, PermissionArgs, PERMISSION_RULES, f"permissions.{key}")
        for key, permission in permissions.items()
    }
    seen: dict[str, str] = {}
    for key, permission in checked.items():
        identity = permission.get("identity_id") if check.is_map(permission) else None
        if isinstance(identity, str) and (other := seen.setdefault(identity.lower(), key)) != key:
            check.mistake(
                f"permissions.{key}",
                f"gives a role to the one of permissions.{other} again; Azure DevOps keeps one role each, so "
                "remove one",
            )
    return checked
