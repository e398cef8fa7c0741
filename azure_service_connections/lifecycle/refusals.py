"""What a refusal by one of the services means for a connection, and what to do about it.

Codes of sign-ins are the catalogue's; those of Azure Resource Manager are in Microsoft's pages "Troubleshoot
Azure RBAC" and "Common Azure deployment errors", those of Azure DevOps are its exceptions' names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from azure_service_connections.catalogue.sign_in_errors import explain
from azure_service_connections.catalogue.wording import listed, quoted


@dataclass(frozen=True)
class Refusal:
    """A refusal with its code, what it means and what to do."""

    problem: str
    """The code and what is wrong, without a full stop."""
    fix: str
    """What to do, without a full stop."""


_RESET: Final = (
    "; if it stands there already, the sandbox may have been reset, and `make up` (or `pulumi up --refresh`) "
    "makes it again"
)
_KNOWN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "AuthorizationFailed": (
            "no role of the identity allows it there",
            "give the role under `roles:` and run `pulumi up`; a new one works after up to ten minutes",
        ),
        "LinkedAuthorizationFailed": (
            "a role is missing at a resource that the first one refers to",
            "give the role at that resource too and run `pulumi up`",
        ),
        "InvalidAuthenticationToken": (
            "Azure does not accept the token",
            "check that the connection's cloud is the one that its scope is in",
        ),
        "InvalidAuthenticationTokenTenant": (
            "the token is of another tenant than the subscription",
            "check the tenant id of the connection and the subscription id of its scope",
        ),
        "SubscriptionNotFound": (
            "the subscription does not exist or the identity may see nothing in it",
            "check the subscription id and give the identity a role in it",
        ),
        "ResourceGroupNotFound": (
            "the resource group does not exist",
            "create it, or correct its name in the scope and run `pulumi up`",
        ),
        "ScopeLocked": (
            "a lock keeps the scope from being changed",
            "nothing is wrong with the connection; remove the lock for what has to be changed",
        ),
        "RequestDisallowedByPolicy": (
            "a policy of Azure forbids it",
            "nothing is wrong with the connection; ask for an exemption or write elsewhere",
        ),
        "PipelineValidationException": (
            "the pipeline does not start",
            "name the pipeline under `pipelines:` of each connection that it uses and run `pulumi up`"
            f"{_RESET}",
        ),
        "ManagedIdentityNotFound": (
            "the agent that takes the job has no managed identity",
            "let the pipeline run on agents of your own in Azure (`pool:`) that have one",
        ),
        "PublishingFailed": (
            "the web app does not take the user name and the password of the publish profile",
            "download the profile anew, see that the app's settings allow basic authentication for "
            "publishing, and run `pulumi up`",
        ),
        "PublishProfileNotFound": (
            "the connection holds no publish profile that names the web app's publishing site",
            "download the profile from the web app, put it under `webApp.publishProfile` and run `pulumi up`",
        ),
        "PipelineNotFoundException": (
            "the pipeline does not exist any more",
            "run `pulumi refresh` and `pulumi up`, or remove it from `pipelines:`",
        ),
        "DefinitionDisabledException": ("the pipeline is disabled", "enable it in Azure DevOps"),
        "ServiceEndpointNotFoundException": (
            "the connection does not exist any more",
            "run `pulumi refresh` and `pulumi up`",
        ),
        "AuthorizationException": (
            "the pipeline may not use the connection",
            f"name the pipeline under `pipelines:` and run `pulumi up`{_RESET}",
        ),
    }
)
_NOT_USABLE = re.compile(r"references service connection (.+?) which could not be found")
_NOT_AUTHORIZED = "is not authorized to use the service connection"
"""What a job is told for whose pipeline a connection is not open; the client library drops the code."""
_OTHER_FIX = "see what the service says and run the command again"


def refusal(code: str, message: str) -> Refusal:
    """What a refusal means, from the service's code and words; unknown codes keep the service's words."""
    words = " ".join(message.split())
    if known := explain(f"{code} {words}"):
        return Refusal(f"AADSTS{known.code}: {known.meaning}", known.fix)
    if _NOT_AUTHORIZED in words:
        code = "AuthorizationException"
    for name in (code, *re.findall(r"\b[A-Z]\w+(?:Exception|Failed|NotFound)\b", words)):
        if name in _KNOWN:
            meaning, fix = _KNOWN[name]
            if unusable := list(dict.fromkeys(_NOT_USABLE.findall(words))):
                meaning = f"{meaning}, for it may not use {listed([quoted(each) for each in unusable])}"
            return Refusal(f"{name}: {meaning}", fix)
    shown = words if len(words) <= 200 else f"{words[:199]}…"
    return Refusal(f"{code or 'no code'}: {shown.rstrip('.') or 'no reason is given'}", _OTHER_FIX)
