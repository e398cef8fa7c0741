"""Looks up the checks on a connection that an interrupted run may have made."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from azure_service_connections.lifecycle.found_object import Absent, Found, Lookup
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked

_TASK = "fe1de3ee-a436-41b4-bb20-f6eb4cb879a7"
"""The type of every check that runs a task of the service; which one it is stands in its settings."""

_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "azuredevops:index/checkApproval:CheckApproval": "8c6f20a7-a545-4486-9777-f762fafe0d4d",
        "azuredevops:index/checkBranchControl:CheckBranchControl": "86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b",
        "azuredevops:index/checkBusinessHours:CheckBusinessHours": "445fde2f-6c39-441c-807f-8a59ff2e075f",
        "azuredevops:index/checkExclusiveLock:CheckExclusiveLock": "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563",
        "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate": (
            "4020e66e-b0f3-47e1-bc88-48f3cc59b5f3"
        ),
    }
)


def knows(type_token: str) -> bool:
    """Whether resources of a type are checks."""
    return type_token in _KINDS


def find_check(services: Services, type_token: str, inputs: Mapping[str, Any], known: set[str]) -> Lookup:
    """The newest check of its kind on its resource that the state does not know; `known` are the ids there.

    An approval has to ask the same people: a resource can have several.
    """
    project, resource = inputs.get("projectId"), inputs.get("targetResourceId")
    if not project or not resource:
        return Absent()
    answer = services.devops(
        "GET",
        f"/{project}/_apis/pipelines/checks/configurations",
        version=PREVIEW_VERSION,
        parameters={
            "resourceType": str(inputs.get("targetResourceType") or "endpoint"),
            "resourceId": str(resource),
            "$expand": "settings",
        },
    )
    if answer.status == 404:
        return Absent()
    approvers = {str(each).lower() for each in inputs.get("approvers") or ()}
    found = [
        each
        for each in checked(answer, f"Listing the checks on {resource}")["value"]
        if _kind(each) == _KINDS[type_token]
        and str(each["id"]) not in known
        and _approvers(each) in (set(), approvers)
    ]
    if not found:
        return Absent()
    newest = max(found, key=lambda check: int(check["id"]))
    return Found(str(newest["id"]), f"{project}/{newest['id']}")


def check_is_there(services: Services, inputs: Mapping[str, Any], identifier: str) -> bool:
    """Whether the check with this id still exists."""
    path = f"/{inputs.get('projectId')}/_apis/pipelines/checks/configurations/{identifier}"
    answer = services.devops("GET", path, version=PREVIEW_VERSION)
    if answer.status == 404 or "does not exist" in answer.message:
        return False
    checked(answer, f"Reading the check {identifier}")
    return True


def _kind(check: Mapping[str, Any]) -> str:
    kind = str(check["type"]["id"]).lower()
    if kind != _TASK:
        return kind
    definition = (check.get("settings") or {}).get("definitionRef") or {}
    return str(definition.get("id", "")).lower()


def _approvers(check: Mapping[str, Any]) -> set[str]:
    return {str(each["id"]).lower() for each in (check.get("settings") or {}).get("approvers") or ()}
