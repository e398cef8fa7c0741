"""The cloud that a connection works in."""

from typing import NamedTuple, NotRequired, TypedDict

import pulumi

from azure_service_connections.catalogue import clouds, rules

from .input_check import InputCheck, Rules

_RULES: Rules = {"environment": (rules.environment,), "server_url": (rules.server_url,)}


class CloudArgs(TypedDict):
    """A cloud. The public one is the default of every connection."""

    environment: str
    """AzureCloud, AzureUSGovernment, AzureChinaCloud or AzureStack."""
    server_url: NotRequired[pulumi.Input[str]]
    """Address of the Resource Manager of an Azure Stack; the others have one that is known."""


class Cloud(NamedTuple):
    """A cloud as a connection and its trust need it."""

    environment: str
    resource_manager: pulumi.Input[str]
    audience: str
    server_url: pulumi.Input[str] | None = None
    """The Resource Manager's address where it is not known from the environment."""


def of(args: CloudArgs | None) -> Cloud:
    """The cloud that these inputs name."""
    environment = clouds.PUBLIC.environment if args is None else args["environment"]
    known = clouds.CLOUDS.get(environment)
    if known is not None:
        return Cloud(known.environment, known.resource_manager, known.audience)
    server_url = (None if args is None else args.get("server_url")) or ""
    return Cloud(environment, server_url, clouds.PUBLIC.audience, server_url)


def check_cloud(check: InputCheck, args: CloudArgs) -> CloudArgs:
    """Note the mistakes in a cloud; returns it with its outputs checked."""
    checked: CloudArgs = check.group(args, CloudArgs, _RULES, "cloud")
    if check.is_map(args):
        check.known_now(args, ("environment",), "cloud")
    return checked
