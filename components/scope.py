"""What a service connection reaches: a subscription, or one resource group in it.

A management group or a workspace is one more kind beside these: inputs, checks and what they mean for the
connection.
"""

from typing import NamedTuple, TypedDict

import pulumi

from azure_service_connections.catalogue import rules

from .input_check import InputCheck

_SUBSCRIPTION_RULES = {"id": (rules.guid,), "name": (rules.not_blank,)}
_RESOURCE_GROUP_RULES = {
    "subscription_id": (rules.guid,),
    "subscription_name": (rules.not_blank,),
    "name": (rules.resource_group_name,),
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


class Scope(NamedTuple):
    """A scope as a connection and its role assignments need it."""

    subscription_id: pulumi.Output[str]
    subscription_name: pulumi.Output[str]
    path: pulumi.Output[str]
    """Where roles are given unless they name a scope of their own."""


def of_subscription(args: SubscriptionArgs) -> Scope:
    """A whole subscription."""
    subscription_id = pulumi.Output.from_input(args["id"]).apply(str.lower)
    return Scope(
        subscription_id,
        pulumi.Output.from_input(args["name"]),
        pulumi.Output.concat("/subscriptions/", subscription_id),
    )


def of_resource_group(args: ResourceGroupArgs) -> Scope:
    """One resource group.

    Azure DevOps cannot store a resource group beside an identity of one's own: the connection names the
    subscription, and what it reaches is decided by its roles.
    """
    subscription_id = pulumi.Output.from_input(args["subscription_id"]).apply(str.lower)
    return Scope(
        subscription_id,
        pulumi.Output.from_input(args["subscription_name"]),
        pulumi.Output.concat("/subscriptions/", subscription_id, "/resourceGroups/", args["name"]),
    )


def check_subscription(check: InputCheck, args: SubscriptionArgs, path: str) -> SubscriptionArgs:
    """Note the mistakes in a subscription; returns it with its outputs checked."""
    checked: SubscriptionArgs = check.group(args, SubscriptionArgs, _SUBSCRIPTION_RULES, path)
    return checked


def check_resource_group(check: InputCheck, args: ResourceGroupArgs, path: str) -> ResourceGroupArgs:
    """Note the mistakes in a resource group; returns it with its outputs checked."""
    checked: ResourceGroupArgs = check.group(args, ResourceGroupArgs, _RESOURCE_GROUP_RULES, path)
    return checked
