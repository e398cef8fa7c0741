"""Previews made by hand in the form of the engine, for changes that no recorded one has."""

import json
from collections.abc import Mapping
from typing import Any

from azure_service_connections.lifecycle.review.finding import ReviewDocument
from azure_service_connections.lifecycle.review.markdown import document_of, markdown_of
from azure_service_connections.lifecycle.review.preview_reading import read_preview
from azure_service_connections.lifecycle.review.reviewing import review_of

SUBSCRIPTION = "/subscriptions/6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
PROJECT = "38536868-9af8-4b92-917c-15c70693bdcf"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
ROLE = "azure-native:authorization:RoleAssignment"
ENDPOINT = "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM"
GENERIC = "azuredevops:index/serviceendpointGenericV2:ServiceendpointGenericV2"
APPROVAL = "azuredevops:index/checkApproval:CheckApproval"
BRANCHES = "azuredevops:index/checkBranchControl:CheckBranchControl"
PIPELINE = "azuredevops:index/pipelineAuthorization:PipelineAuthorization"
TRUST = "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"

State = Mapping[str, Any]


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::{token}::{name}"


def state(
    token: str, name: str, inputs: State, *, depends: Mapping[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """One state of a resource; `depends` says for a property on which resource it depends."""
    return {
        "urn": urn(token, name),
        "type": token,
        "inputs": dict(inputs),
        "propertyDependencies": {key: [value] for key, value in (depends or {}).items()},
        **more,
    }


def step(
    token: str,
    name: str,
    old: State | None,
    new: State | None,
    *,
    op: str | None = None,
    depends: Mapping[str, str] | None = None,
    protect: tuple[bool, bool] = (False, False),
    **more: Any,
) -> dict[str, Any]:
    """A step from one state to another; a missing one makes it a creation or a deletion."""
    made: dict[str, Any] = {
        "op": op or ("create" if old is None else "delete" if new is None else "update"),
        "urn": urn(token, name),
        "detailedDiff": None,
        **more,
    }
    if old is not None:
        made["oldState"] = state(token, name, old, depends=depends, protect=protect[0], id=f"id-of-{name}")
    if new is not None:
        made["newState"] = state(token, name, new, depends=depends, protect=protect[1])
    if old is not None and new is not None:
        made["diffReasons"] = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    return made


def document(*steps: State, config: State | None = None, diagnostics: list[State] | None = None) -> str:
    """What `pulumi preview --json` writes."""
    written: dict[str, Any] = {"config": dict(config or {}), "steps": list(steps), "changeSummary": {}}
    if diagnostics is not None:
        written["diagnostics"] = diagnostics
    return json.dumps(written)


def reviewed(*steps: State, config: State | None = None) -> ReviewDocument:
    """The findings about some steps."""
    return document_of(review_of(read_preview(document(*steps, config=config))))


def texts(*steps: State, config: State | None = None) -> list[tuple[str, str]]:
    """Risk and text of every finding."""
    found = reviewed(*steps, config=config)
    return [(each.risk.value, each.text) for one in found.connections for each in one.findings]


def page(*steps: State, config: State | None = None, limit: int | None = None) -> str:
    """The review of some steps as Markdown."""
    return markdown_of(review_of(read_preview(document(*steps, config=config))), limit)


def role(guid: str, scope: str = SUBSCRIPTION, **more: Any) -> dict[str, Any]:
    """The inputs of a role assignment."""
    return {
        "scope": scope,
        "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        "principalId": "c125b4a5-3e30-4176-94d9-f9122f4d68a0",
        **more,
    }


def endpoint(**more: Any) -> dict[str, Any]:
    """The inputs of a federated connection."""
    return {
        "projectId": PROJECT,
        "serviceEndpointName": "payments",
        "serviceEndpointAuthenticationScheme": "WorkloadIdentityFederation",
        "azurermSubscriptionId": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01",
        "azurermSubscriptionName": "Payments production",
        "credentials": {"serviceprincipalid": "478dd193-fc9a-41d2-837e-cfda64d9f107"},
        "environment": "AzureCloud",
        **more,
    }
