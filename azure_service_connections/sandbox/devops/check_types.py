"""The checks that a protected resource can have: their ids on the wire and what their settings must say."""

import re
from collections.abc import Mapping
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import identities, time_zones
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.store import Document

APPROVAL: Final = "8c6f20a7-a545-4486-9777-f762fafe0d4d"
EXCLUSIVE_LOCK: Final = "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563"
REQUIRED_TEMPLATE: Final = "4020e66e-b0f3-47e1-bc88-48f3cc59b5f3"
TASK: Final = "fe1de3ee-a436-41b4-bb20-f6eb4cb879a7"
"""The type of every check that runs a task of the service; which one it is stands in `definitionRef`."""

NAMES: Final = {
    APPROVAL: "Approval",
    EXCLUSIVE_LOCK: "ExclusiveLock",
    REQUIRED_TEMPLATE: "ExtendsCheck",
    TASK: "Task Check",
}

BRANCH_CONTROL: Final = "86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b"
BUSINESS_HOURS: Final = "445fde2f-6c39-441c-807f-8a59ff2e075f"
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

DEFAULT_TIMEOUT: Final = 43200
"""Minutes after which a check that still waits fails its run: thirty days."""

_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def kind_of(check: Mapping[str, Any]) -> str:
    """What tells one check from another: the id of its type, or of its task."""
    if check["type"]["id"] == TASK:
        return str(check["settings"]["definitionRef"]["id"]).lower()
    return str(check["type"]["id"])


def validate(cloud: Cloud, organization: Document, kind: str, settings: Any) -> None:
    """Refuse settings that the check of a type cannot have. Raises 400."""
    if kind not in NAMES:
        raise invalid(f"The check type with id {kind} does not exist.", "CheckTypeNotFoundException")
    if not isinstance(settings, dict):
        raise _wrong("settings")
    if kind == APPROVAL:
        _approval(cloud, organization, settings)
    elif kind == REQUIRED_TEMPLATE:
        _required_template(settings)
    elif kind == TASK:
        _task(settings)


def _approval(cloud: Cloud, organization: Document, settings: dict[str, Any]) -> None:
    approvers = settings.get("approvers")
    if not isinstance(approvers, list) or not approvers:
        raise _wrong("approvers")
    for approver in approvers:
        identifier = str(approver.get("id") or "") if isinstance(approver, dict) else ""
        if identities.find(cloud, organization, identifier) is None:
            raise invalid(
                f"The identity with id '{identifier}' could not be found in the organization.",
                "IdentityNotFoundException",
            )
    required = settings.get("minRequiredApprovers") or 0
    if not isinstance(required, int) or not 0 <= required <= len(approvers):
        raise _wrong("minRequiredApprovers")


def _required_template(settings: dict[str, Any]) -> None:
    templates = settings.get("extendsChecks")
    if not isinstance(templates, list) or not templates:
        raise _wrong("extendsChecks")
    for template in templates:
        for name in ("repositoryType", "repositoryName", "repositoryRef", "templatePath"):
            if not isinstance(template, dict) or not template.get(name):
                raise _wrong(name)


def _task(settings: dict[str, Any]) -> None:
    definition, inputs = settings.get("definitionRef"), settings.get("inputs")
    if not isinstance(definition, dict):
        raise _wrong("definitionRef")
    if not isinstance(inputs, dict):
        raise _wrong("inputs")
    task = str(definition.get("id")).lower()
    if task == BRANCH_CONTROL:
        if not isinstance(inputs.get("allowedBranches"), str):
            raise _wrong("allowedBranches")
        if inputs.get("ensureProtectionOfBranch") not in ("true", "false"):
            raise _wrong("ensureProtectionOfBranch")
    elif task == BUSINESS_HOURS:
        for name in ("startTime", "endTime"):
            if not _TIME.fullmatch(str(inputs.get(name))):
                raise _wrong(name)
        if not days_of(inputs):
            raise _wrong("businessDays")
        if inputs.get("timeZone") not in time_zones.NAMES:
            raise _wrong("timeZone")
    else:
        raise DevOpsError(501, "SandboxRouteMissing", f"The sandbox has no check with the task {task}.")


def days_of(inputs: Mapping[str, Any]) -> list[str]:
    """The days on which a business hours check lets runs pass, by their English names."""
    written = str(inputs.get("businessDays") or "")
    return [day for day in DAYS if day.lower() in written.lower()]


def _wrong(name: str) -> DevOpsError:
    return invalid(f"The check configuration's value of '{name}' is missing or not valid.")
