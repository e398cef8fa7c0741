"""One right of one identity at one scope."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native.authorization as azure_authorization

from azure_service_connections.catalogue import rules
from azure_service_connections.catalogue.identifiers import as_azure_spells
from azure_service_connections.catalogue.roles import role_assignment_name, role_definition_id, role_guid

from .input_check import InputCheck
from .shapes import in_schema_spelling

ASSIGNMENT_RULES = {
    "role": (rules.role,),
    "scope": (rules.scope,),
    "condition": (rules.not_blank,),
    "description": (rules.length(1024),),
    "assignment_name": (rules.guid,),
}
"""What holds for a role wherever one is asked for."""

_RULES = {**ASSIGNMENT_RULES, "principal_id": (rules.guid,)}


class RoleAssignmentArgs(TypedDict):
    """A role for a service principal or a managed identity."""

    principal_id: pulumi.Input[str]
    """Object id of the service principal that gets the role."""
    role: pulumi.Input[str]
    """A built-in role's name, a role's GUID or the full id of its definition."""
    scope: pulumi.Input[str]
    """Where the role holds: the full id of a subscription, a resource group or a resource."""
    condition: NotRequired[pulumi.Input[str]]
    """Condition in Azure's own language, version 2.0. Default: none."""
    description: NotRequired[pulumi.Input[str]]
    """Why the role is given, 1024 characters at most. Default: none."""
    assignment_name: NotRequired[pulumi.Input[str]]
    """GUID of an assignment that exists already. Default: derived from scope, principal and role."""


class RoleAssignment(pulumi.ComponentResource):
    """A role assignment whose id follows from what it says."""

    assignment_id: pulumi.Output[str]
    """Full id of the role assignment."""
    role_definition_id: pulumi.Output[str]
    """Full id of the role's definition, as Azure answers it."""

    def __init__(
        self, name: str, args: RoleAssignmentArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register the assignment; raises InputError for inputs that cannot work."""
        check = InputCheck("RoleAssignment", name)
        args = check.group(args, RoleAssignmentArgs, _RULES)
        check.finish()
        super().__init__(
            "azure-service-connections:index:RoleAssignment",
            name,
            in_schema_spelling(args, RoleAssignmentArgs),
            opts,
        )

        # Another spelling of the same scope would be a replacement, and would find its own id taken.
        scope = pulumi.Output.from_input(args["scope"]).apply(as_azure_spells)
        principal_id = pulumi.Output.from_input(args["principal_id"]).apply(str.lower)
        guid = pulumi.Output.from_input(args["role"]).apply(_guid)
        condition = args.get("condition")
        self.role_definition_id = pulumi.Output.all(scope, guid).apply(
            lambda known: role_definition_id(*known)
        )
        assignment = azure_authorization.RoleAssignment(
            name,
            scope=scope,
            role_assignment_name=args.get("assignment_name")
            or pulumi.Output.all(scope, principal_id, guid).apply(lambda known: role_assignment_name(*known)),
            role_definition_id=self.role_definition_id,
            principal_id=principal_id,
            # The SDK fills in "User", and only this value spares new identities the wait for replication.
            principal_type="ServicePrincipal",
            condition=condition,
            condition_version=None if condition is None else "2.0",
            description=args.get("description"),
            opts=pulumi.ResourceOptions(
                parent=self,
                # The new one first: a pipeline that runs meanwhile keeps its access.
                delete_before_replace=False,
            ),
        )
        self.assignment_id = assignment.id
        self.register_outputs(
            {"assignmentId": self.assignment_id, "roleDefinitionId": self.role_definition_id}
        )


def _guid(role: str) -> str:
    # The rules let no other role through.
    return role_guid(role) or role
