"""Checks on a connection, as a stack writes them; one that it cannot write stays outside the stack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from azure_service_connections.catalogue import access_rules
from azure_service_connections.lifecycle.adopt import part_names
from azure_service_connections.lifecycle.inventory.existing_connection import Check

_LONGEST_WAIT: Final = access_rules.LONGEST_WAIT
_A_DAY: Final = 1440
"""Minutes that the provider gives branch control and business hours unless it is told otherwise."""
_TASK_VERSION: Final = "0.0.1"
"""The version of the service's tasks that the provider reads."""
_TRUE: Final = "true"


class _NotSaidError(Exception):
    """Why a stack cannot say a check."""


@dataclass
class CheckEntries:
    """The key `checks` of a stack, where each part of it lives, and what stays outside."""

    entry: dict[str, Any] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    """Ids to import, by type and by the key below the connection's, empty for none."""
    notes: list[str] = field(default_factory=list)


def entries_of(checks: Sequence[Check], project_id: str) -> CheckEntries:
    """The checks that the connection's own project puts on it."""
    made = CheckEntries()
    for check in sorted(checks, key=lambda each: each.id):
        try:
            if check.project_id.lower() != project_id.lower():
                raise _NotSaidError("another project puts it on the connection")
            if not check.enabled:
                raise _NotSaidError("it is switched off")
            _add(made, check, f"{project_id}/{check.id}")
        except _NotSaidError as reason:
            made.notes.append(f"Check {check.id} ({check.kind}) stays outside the stack: {reason}.")
    return made


def _add(made: CheckEntries, check: Check, identifier: str) -> None:
    if check.kind == "approval":
        approvals = made.entry.setdefault("approvals", {})
        key = "approval" if not approvals else f"approval-{len(approvals) + 1}"
        try:
            approvals[key] = _approval(check)
        except _NotSaidError:
            if not approvals:
                del made.entry["approvals"]
            raise
        made.ids[part_names.APPROVAL, key] = identifier
        return
    said = _SAID.get(check.kind)
    if said is None:
        raise _NotSaidError("the provider has no such check")
    type_token, write = said
    if (type_token, "") in made.ids:
        raise _NotSaidError("a stack has one check of this kind on a connection")
    made.entry |= write(check)
    made.ids[type_token, ""] = identifier


def _approval(check: Check) -> dict[str, Any]:
    settings = check.settings
    approvers = [str(each["id"]).lower() for each in settings.get("approvers") or ()]
    if len(approvers) > 1 and settings.get("executionOrder") in ("inSequence", 2):
        raise _NotSaidError("it asks its approvers one after the other")
    if settings.get("blockedApprovers"):
        raise _NotSaidError("it names people who must not approve")
    entry: dict[str, Any] = {"approvers": approvers}
    if needed := settings.get("minRequiredApprovers"):
        entry["minimumApprovers"] = int(needed)
    if instructions := settings.get("instructions"):
        entry["instructions"] = str(instructions)
    if settings.get("requesterCannotBeApprover") is False:
        entry["requesterCanApprove"] = True
    return entry | _timeout(check, _LONGEST_WAIT)


def _branches(check: Check) -> dict[str, Any]:
    inputs = _inputs(check)
    branches = [each.strip() for each in inputs.get("allowedBranches", "").split(",")]
    if problem := next((found for each in branches if (found := access_rules.branch(each))), None):
        raise _NotSaidError(problem.split(";")[0])
    if inputs.get("allowUnknownStatusBranch") == _TRUE:
        raise _NotSaidError("it lets branches through of whose protection nothing is known")
    protected = inputs.get("ensureProtectionOfBranch") == _TRUE
    return {"branches": branches} if protected else {"branches": branches, "allowUnprotectedBranches": True}


def _hours(check: Check) -> dict[str, Any]:
    inputs = _inputs(check)
    entry = {
        "days": [day for day in access_rules.DAYS if day in inputs.get("businessDays", "").lower()],
        "start": inputs.get("startTime", ""),
        "end": inputs.get("endTime", ""),
        "timeZone": inputs.get("timeZone", ""),
    }
    for rule, name in (
        (access_rules.time_of_day, "start"),
        (access_rules.time_of_day, "end"),
        (access_rules.time_zone, "timeZone"),
    ):
        if problem := rule(str(entry[name])):
            raise _NotSaidError(problem.split(";")[0])
    if not entry["days"] or str(entry["end"]) <= str(entry["start"]):
        raise _NotSaidError("its hours are none of one day")
    return {"businessHours": entry | _timeout(check, _A_DAY)}


def _lock(check: Check) -> dict[str, Any]:
    return {"exclusiveLock": True}


def _templates(check: Check) -> dict[str, Any]:
    templates = []
    for each in check.settings.get("extendsChecks") or ():
        template = {"repository": str(each["repositoryName"]), "path": str(each["templatePath"])}
        kind = str(each.get("repositoryType") or "azuregit")
        if kind not in access_rules.REPOSITORY_TYPES:
            kind = {"git": "azuregit"}.get(kind, kind)
        if problem := access_rules.reference(str(each["repositoryRef"])):
            raise _NotSaidError(problem.split(";")[0])
        if each["repositoryRef"] != "refs/heads/main":
            template["ref"] = str(each["repositoryRef"])
        if kind != "azuregit":
            template["repositoryType"] = kind
        templates.append(template)
    return {"requiredTemplates": templates}


def _timeout(check: Check, usual: int) -> dict[str, Any]:
    return {} if check.timeout_minutes in (None, usual) else {"timeoutMinutes": check.timeout_minutes}


def _inputs(check: Check) -> Mapping[str, str]:
    version = (check.settings.get("definitionRef") or {}).get("version")
    if version != _TASK_VERSION:
        raise _NotSaidError(f"the provider does not read version {version} of its task")
    return {key: str(value) for key, value in (check.settings.get("inputs") or {}).items()}


_SAID: Final = {
    "branchControl": (part_names.BRANCH_CONTROL, _branches),
    "businessHours": (part_names.BUSINESS_HOURS, _hours),
    "exclusiveLock": (part_names.EXCLUSIVE_LOCK, _lock),
    "requiredTemplate": (part_names.REQUIRED_TEMPLATE, _templates),
}
"""How a stack writes each kind that it has once, and the type of its resource."""
