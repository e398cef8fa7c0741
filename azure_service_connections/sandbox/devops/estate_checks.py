"""Plants the checks on the service connections of an estate file."""

from typing import Any

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import check_types, checks
from azure_service_connections.sandbox.devops.access import identity_id
from azure_service_connections.sandbox.devops.estate_names import Names
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.estate_connection_models import Check
from azure_service_connections.sandbox.store import Document

_TYPES = {
    "approval": check_types.APPROVAL,
    "exclusiveLock": check_types.EXCLUSIVE_LOCK,
    "branchControl": check_types.TASK,
    "businessHours": check_types.TASK,
}


def plant(
    cloud: Cloud,
    names: Names,
    organization: Document,
    endpoint: Document,
    section: Check,
    made_by: dict[str, Any],
    path: str,
) -> None:
    """Keep a check on a connection, in the project that the connection was made in."""
    home = endpoint["references"][0]
    resource = {"type": "endpoint", "id": endpoint["id"], "name": home["name"]}
    checks.make(
        cloud,
        organization,
        home["projectId"],
        resource,
        _TYPES[section.kind],
        _settings(cloud, names, organization, section, path),
        check_types.DEFAULT_TIMEOUT,
        made_by,
    )


def _settings(
    cloud: Cloud, names: Names, organization: Document, section: Check, path: str
) -> dict[str, Any]:
    if section.kind == "approval":
        return {
            "approvers": [_approver(cloud, names, organization, name, path) for name in section.approvers],
            "executionOrder": "anyOrder",
            "minRequiredApprovers": 0,
            "instructions": "",
            "blockedApprovers": [],
            "requesterCannotBeApprover": False,
        }
    if section.kind == "branchControl":
        inputs = {
            "allowedBranches": ", ".join(section.branches),
            "ensureProtectionOfBranch": "true",
            "allowUnknownStatusBranch": "false",
        }
        return _task("Branch control", check_types.BRANCH_CONTROL, "evaluatebranchProtection", inputs)
    if section.kind == "businessHours":
        inputs = {
            "businessDays": "Monday, Tuesday, Wednesday, Thursday, Friday",
            "timeZone": "UTC",
            "startTime": "08:00",
            "endTime": "18:00",
        }
        return _task("Business hours", check_types.BUSINESS_HOURS, "evaluateBusinessHours", inputs)
    return {}


def _task(title: str, task: str, name: str, inputs: dict[str, str]) -> dict[str, Any]:
    definition = {"id": task, "name": name, "version": "0.0.1"}
    return {"displayName": title, "definitionRef": definition, "inputs": inputs, "retryInterval": 5}


def _approver(cloud: Cloud, names: Names, organization: Document, name: str, path: str) -> dict[str, str]:
    tenant_id = organization["tenantId"]
    found = names.find("users", "userPrincipalName", name, tenantId=tenant_id)
    found = found or names.find("groups", "displayName", name, tenantId=tenant_id)
    if found is None:
        raise EstateError(f"{path}.approvers: the tenant has neither a person nor a group {name}.")
    return {"id": identity_id(cloud, organization, found["id"]), "displayName": found["displayName"]}
