"""Identities that are not made here and need no trust: Azure DevOps' own, an agent's and a web app's."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from azure_service_connections.catalogue import rules

from .input_check import InputCheck, Rules
from .look_up import LookUp

_AUTOMATIC_RULES: Rules = {"tenant_id": (rules.guid,)}
_AGENT_RULES: Rules = {"tenant_id": (rules.guid,), "principal_id": (rules.guid,)}
_WEB_APP_RULES: Rules = {
    "resource_id": (rules.web_app_id,),
    "publish_profile": (rules.secret,),
    "tenant_id": (rules.guid,),
}


class AutomaticArgs(TypedDict):
    """An application that Azure DevOps makes with Contributor on the scope, for a person's token only."""

    tenant_id: NotRequired[pulumi.Input[str]]
    """Id of the tenant to make it in. Default: the one that the azuread provider works in."""


class AgentIdentityArgs(TypedDict):
    """The managed identity of the machine that runs the job: an agent of one's own in Azure."""

    principal_id: NotRequired[pulumi.Input[str]]
    """Object id of the identity's service principal, which roles are given to. Default: none."""
    tenant_id: NotRequired[pulumi.Input[str]]
    """Id of its tenant. Default: the one that the azuread provider works in."""


class WebAppArgs(TypedDict):
    """One App Service with its publish profile. Experimental: what Azure DevOps stores is not documented."""

    resource_id: pulumi.Input[str]
    """Id of the App Service in Azure."""
    publish_profile: pulumi.Input[str]
    """Its publish profile, a secret."""
    tenant_id: NotRequired[pulumi.Input[str]]
    """Id of its tenant. Default: the one that the azuread provider works in."""


def tenant_of(
    component: pulumi.ComponentResource, check: InputCheck, path: str, args: Mapping[str, Any]
) -> pulumi.Output[str]:
    """The tenant that is given, else the one that the azuread provider works in."""
    if (tenant_id := args.get("tenant_id")) is not None:
        return pulumi.Output.from_input(tenant_id)
    return LookUp(check, path, component, "azuread:index/getClientConfig:getClientConfig", {}).found(
        "tenantId"
    )


def check_automatic(check: InputCheck, args: AutomaticArgs) -> AutomaticArgs:
    """Note the mistakes in an automatic identity; returns it with its outputs checked."""
    checked: AutomaticArgs = check.group(args, AutomaticArgs, _AUTOMATIC_RULES, "automatic")
    return checked


def check_agent_identity(check: InputCheck, args: AgentIdentityArgs) -> AgentIdentityArgs:
    """Note the mistakes in an agent's identity; returns it with its outputs checked."""
    checked: AgentIdentityArgs = check.group(args, AgentIdentityArgs, _AGENT_RULES, "agentIdentity")
    return checked


def check_web_app(check: InputCheck, args: WebAppArgs) -> WebAppArgs:
    """Note the mistakes in a web app; returns it with its outputs checked and its secret marked."""
    checked: dict[str, Any] = check.group(args, WebAppArgs, _WEB_APP_RULES, "webApp")
    if check.is_map(args) and args.get("publish_profile") is not None:
        checked["publish_profile"] = pulumi.Output.secret(checked["publish_profile"])
    return checked  # type: ignore[return-value]
