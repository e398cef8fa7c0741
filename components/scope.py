"""What a service connection reaches: a subscription, a resource group, a management group or a workspace."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict

import pulumi

from azure_service_connections.catalogue import rules
from azure_service_connections.catalogue.identifiers import subscription_of

from .input_check import InputCheck, Rules
from .shapes import schema_name

_SUBSCRIPTION_RULES = {"id": (rules.guid,), "name": (rules.not_blank,)}
_RESOURCE_GROUP_RULES = {
    "subscription_id": (rules.guid,),
    "subscription_name": (rules.not_blank,),
    "name": (rules.resource_group_name,),
}
_MANAGEMENT_GROUP_RULES = {"id": (rules.management_group_name,), "name": (rules.not_blank,)}
_WORKSPACE_RULES = {
    "subscription_id": (rules.guid,),
    "subscription_name": (rules.not_blank,),
    "resource_group": (rules.resource_group_name,),
    "name": (rules.workspace_name,),
    "location": (rules.not_blank,),
}


class SubscriptionArgs(TypedDict):
    """A subscription as the scope of a connection."""

    id: pulumi.Input[str]
    """Id of the subscription."""
    name: pulumi.Input[str]
    """Name of the subscription, which Azure DevOps stores and shows."""


class ResourceGroupArgs(TypedDict):
    """A resource group as the scope of a connection."""

    subscription_id: pulumi.Input[str]
    """Id of the subscription that holds it."""
    subscription_name: pulumi.Input[str]
    """Name of the subscription that holds it, which Azure DevOps stores and shows."""
    name: pulumi.Input[str]
    """Name of the resource group."""


class ManagementGroupArgs(TypedDict):
    """A management group, with all subscriptions below it, as the scope of a connection."""

    id: pulumi.Input[str]
    """Id of the management group: the last part of its full id."""
    name: pulumi.Input[str]
    """Name of the management group, which Azure DevOps stores and shows."""


class WorkspaceArgs(TypedDict):
    """An Azure Machine Learning workspace as the scope of a connection."""

    subscription_id: pulumi.Input[str]
    """Id of the subscription that holds it."""
    subscription_name: pulumi.Input[str]
    """Name of the subscription that holds it, which Azure DevOps stores and shows."""
    resource_group: pulumi.Input[str]
    """Name of the resource group that holds it."""
    name: pulumi.Input[str]
    """Name of the workspace."""
    location: pulumi.Input[str]
    """Azure region of the workspace, such as westeurope."""


_GROUPS: Mapping[str, tuple[type, Rules]] = {
    "subscription": (SubscriptionArgs, _SUBSCRIPTION_RULES),
    "resource_group": (ResourceGroupArgs, _RESOURCE_GROUP_RULES),
    "management_group": (ManagementGroupArgs, _MANAGEMENT_GROUP_RULES),
    "workspace": (WorkspaceArgs, _WORKSPACE_RULES),
}


class Scope(NamedTuple):
    """A scope as a connection and its role assignments need it."""

    path: pulumi.Output[str]
    """Where roles are given unless they name a scope of their own."""
    level: str
    """What Azure DevOps calls this kind of scope. A resource group is no level of its own."""
    subscription_id: pulumi.Output[str] | None = None
    subscription_name: pulumi.Output[str] | None = None
    resource_group: pulumi.Output[str] | None = None
    management_group_id: pulumi.Output[str] | None = None
    management_group_name: pulumi.Output[str] | None = None
    workspace: pulumi.Output[str] | None = None
    location: pulumi.Output[str] | None = None


def of(args: Mapping[str, Any]) -> Scope:
    """The scope that the inputs of a component name."""
    if (subscription := args.get("subscription")) is not None:
        return of_subscription(subscription)
    if (group := args.get("resource_group")) is not None:
        return of_resource_group(group)
    if (management_group := args.get("management_group")) is not None:
        return of_management_group(management_group)
    if (workspace := args.get("workspace")) is not None:
        return of_workspace(workspace)
    return of_web_app(args["web_app"]["resource_id"])


def of_subscription(args: SubscriptionArgs) -> Scope:
    """A whole subscription."""
    subscription_id = pulumi.Output.from_input(args["id"]).apply(str.lower)
    return Scope(
        pulumi.Output.concat("/subscriptions/", subscription_id),
        "Subscription",
        subscription_id=subscription_id,
        subscription_name=pulumi.Output.from_input(args["name"]),
    )


def of_resource_group(args: ResourceGroupArgs) -> Scope:
    """One resource group.

    Azure DevOps cannot store a resource group beside an identity of one's own: such a connection names the
    subscription, and what it reaches is decided by its roles.
    """
    subscription_id = pulumi.Output.from_input(args["subscription_id"]).apply(str.lower)
    return Scope(
        pulumi.Output.concat("/subscriptions/", subscription_id, "/resourceGroups/", args["name"]),
        "Subscription",
        subscription_id=subscription_id,
        subscription_name=pulumi.Output.from_input(args["subscription_name"]),
        resource_group=pulumi.Output.from_input(args["name"]),
    )


def of_management_group(args: ManagementGroupArgs) -> Scope:
    """A management group."""
    return Scope(
        pulumi.Output.concat("/providers/Microsoft.Management/managementGroups/", args["id"]),
        "ManagementGroup",
        management_group_id=pulumi.Output.from_input(args["id"]),
        management_group_name=pulumi.Output.from_input(args["name"]),
    )


def of_workspace(args: WorkspaceArgs) -> Scope:
    """An Azure Machine Learning workspace."""
    subscription_id = pulumi.Output.from_input(args["subscription_id"]).apply(str.lower)
    return Scope(
        pulumi.Output.concat(
            "/subscriptions/",
            subscription_id,
            "/resourceGroups/",
            args["resource_group"],
            "/providers/Microsoft.MachineLearningServices/workspaces/",
            args["name"],
        ),
        "AzureMLWorkspace",
        subscription_id=subscription_id,
        subscription_name=pulumi.Output.from_input(args["subscription_name"]),
        resource_group=pulumi.Output.from_input(args["resource_group"]),
        workspace=pulumi.Output.from_input(args["name"]),
        location=pulumi.Output.from_input(args["location"]),
    )


def of_web_app(resource_id: pulumi.Input[str]) -> Scope:
    """One App Service."""
    path = pulumi.Output.from_input(resource_id)
    return Scope(path, "Subscription", subscription_id=path.apply(lambda known: subscription_of(known) or ""))


def check_scope(check: InputCheck, args: Mapping[str, Any]) -> dict[str, Any]:
    """Note the mistakes in the scopes of a component; returns them with their outputs checked."""
    return {
        name: check.group(args[name], declared, held_to, schema_name(name))
        for name, (declared, held_to) in _GROUPS.items()
        if args.get(name) is not None
    }
