"""What a check asks of a run, said the same way whether Azure DevOps or a stack's state says it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from azure_service_connections.catalogue.access_rules import DAYS
from azure_service_connections.lifecycle.inventory.existing_connection import Check

Facts = dict[str, Any]

_TRUE: Final = "true"
_WORDS: Final = {
    "approval": "approval",
    "branchControl": "branch control",
    "businessHours": "business hours",
    "exclusiveLock": "exclusive lock",
    "requiredTemplate": "required template",
}


def kind_of(resource_type: str) -> str:
    """Which kind of check a resource of a state is; empty for anything else."""
    return _TYPES.get(resource_type, "")


def called(kind: str) -> str:
    """What people call a kind of check."""
    return _WORDS.get(kind, kind)


def live_facts(check: Check) -> Facts:
    """What a check in Azure DevOps asks; only its time-out for a kind that no stack writes."""
    found: Facts = {"timeout": check.timeout_minutes}
    return found | (_LIVE[check.kind](check.settings) if check.kind in _LIVE else {})


def stated_facts(kind: str, outputs: Mapping[str, Any]) -> Facts:
    """What a check in a stack's state asks."""
    timeout = outputs.get("timeout")
    found: Facts = {"timeout": None if timeout is None else int(timeout)}
    return found | _STATED[kind](outputs)


def differences(live: Facts, stated: Facts) -> list[str]:
    """What differs, each as `minimumApprovers is 1, not 2`; what the state leaves open is not compared."""
    return [
        f"{name} is {_shown(live.get(name))}, not {_shown(value)}"
        for name, value in stated.items()
        if value is not None and live.get(name) != value
    ]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return str(value) if value not in (None, "") else "nothing"


def _live_approval(settings: Mapping[str, Any]) -> Facts:
    return {
        "approvers": sorted(str(each["id"]).lower() for each in settings.get("approvers") or ()),
        "minimumApprovers": int(settings.get("minRequiredApprovers") or 0),
        "instructions": str(settings.get("instructions") or ""),
        "requesterCanApprove": settings.get("requesterCannotBeApprover") is False,
    }


def _stated_approval(outputs: Mapping[str, Any]) -> Facts:
    return {
        "approvers": sorted(str(each).lower() for each in outputs.get("approvers") or ()),
        "minimumApprovers": int(outputs.get("minimumRequiredApprovers") or 0),
        "instructions": str(outputs.get("instructions") or ""),
        "requesterCanApprove": bool(outputs.get("requesterCanApprove")),
    }


def _inputs(settings: Mapping[str, Any]) -> Mapping[str, str]:
    return {key: str(value) for key, value in (settings.get("inputs") or {}).items()}


def _live_branches(settings: Mapping[str, Any]) -> Facts:
    inputs = _inputs(settings)
    return {
        "branches": _branches(inputs.get("allowedBranches", "")),
        "onlyProtected": inputs.get("ensureProtectionOfBranch", "").lower() == _TRUE,
        "unknownProtectionAllowed": inputs.get("allowUnknownStatusBranch", "").lower() == _TRUE,
    }


def _stated_branches(outputs: Mapping[str, Any]) -> Facts:
    return {
        "branches": _branches(str(outputs.get("allowedBranches") or "")),
        "onlyProtected": bool(outputs.get("verifyBranchProtection")),
        "unknownProtectionAllowed": bool(outputs.get("ignoreUnknownProtectionStatus")),
    }


def _branches(text: str) -> list[str]:
    return sorted(each.strip() for each in text.split(",") if each.strip())


def _live_hours(settings: Mapping[str, Any]) -> Facts:
    inputs = _inputs(settings)
    days = inputs.get("businessDays", "").lower()
    return {
        "days": [day for day in DAYS if day in days],
        "start": inputs.get("startTime", ""),
        "end": inputs.get("endTime", ""),
        "timeZone": inputs.get("timeZone", ""),
    }


def _stated_hours(outputs: Mapping[str, Any]) -> Facts:
    return {
        "days": [day for day in DAYS if outputs.get(day)],
        "start": str(outputs.get("startTime") or ""),
        "end": str(outputs.get("endTime") or ""),
        "timeZone": str(outputs.get("timeZone") or ""),
    }


def _live_templates(settings: Mapping[str, Any]) -> Facts:
    templates = [
        f"{each['repositoryName']}/{each['templatePath']} at {each['repositoryRef']}"
        for each in settings.get("extendsChecks") or ()
    ]
    return {"templates": sorted(templates)}


def _stated_templates(outputs: Mapping[str, Any]) -> Facts:
    templates = [
        f"{each['repositoryName']}/{each['templatePath']} at {each['repositoryRef']}"
        for each in outputs.get("requiredTemplates") or ()
    ]
    return {"templates": sorted(templates)}


_Read = Callable[[Mapping[str, Any]], Facts]
_LIVE: Final[Mapping[str, _Read]] = MappingProxyType(
    {
        "approval": _live_approval,
        "branchControl": _live_branches,
        "businessHours": _live_hours,
        "requiredTemplate": _live_templates,
    }
)
_STATED: Final[Mapping[str, _Read]] = MappingProxyType(
    {
        "approval": _stated_approval,
        "branchControl": _stated_branches,
        "businessHours": _stated_hours,
        "exclusiveLock": lambda _: {},
        "requiredTemplate": _stated_templates,
    }
)
_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "azuredevops:index/checkApproval:CheckApproval": "approval",
        "azuredevops:index/checkBranchControl:CheckBranchControl": "branchControl",
        "azuredevops:index/checkBusinessHours:CheckBusinessHours": "businessHours",
        "azuredevops:index/checkExclusiveLock:CheckExclusiveLock": "exclusiveLock",
        "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate": "requiredTemplate",
    }
)
