"""Checks of a connection that is adopted: written into the stack, or left outside with the reason."""

from typing import Any

import pytest
from adopted_connections import WEB
from planned_connections import guid

from azure_service_connections.configuration.access_models import Checks
from azure_service_connections.lifecycle.adopt import part_names
from azure_service_connections.lifecycle.adopt.check_entries import CheckEntries, entries_of
from azure_service_connections.lifecycle.inventory.existing_connection import Check

ADA = guid("ada")
TEMPLATE = {
    "repositoryType": "azuregit",
    "repositoryName": "Platform/templates",
    "repositoryRef": "refs/heads/main",
    "templatePath": "deploy.yml",
}


def check(kind: str, number: int = 1, **more: Any) -> Check:
    return Check(**{"id": number, "kind": kind, "project_id": WEB.id, **more})


def task(version: str = "0.0.1", **inputs: str) -> dict[str, Any]:
    return {"definitionRef": {"id": "x", "version": version}, "inputs": inputs}


def branches(**inputs: str) -> dict[str, Any]:
    return task(**{"allowedBranches": "refs/heads/main", "ensureProtectionOfBranch": "true", **inputs})


def hours(**inputs: str) -> dict[str, Any]:
    usual = {
        "businessDays": "Monday, Friday",
        "timeZone": "W. Europe Standard Time",
        "startTime": "08:00",
        "endTime": "18:00",
    }
    return task(**{**usual, **inputs})


def adopted(*checks: Check) -> CheckEntries:
    return entries_of(checks, WEB.id)


def test_every_kind_is_written_and_imported_by_project_and_number() -> None:
    made = adopted(
        check(
            "approval", 1, settings={"approvers": [{"id": ADA.upper()}], "requesterCannotBeApprover": True}
        ),
        check("branchControl", 2, settings=branches(allowedBranches="refs/heads/main, refs/heads/release/*")),
        check("businessHours", 3, settings=hours(), timeout_minutes=60),
        check("exclusiveLock", 4, timeout_minutes=77),
        check(
            "requiredTemplate", 5, settings={"extendsChecks": [{**TEMPLATE, "repositoryRef": "refs/tags/v1"}]}
        ),
    )
    assert made.notes == []
    assert made.entry == {
        "approvals": {"approval": {"approvers": [ADA]}},
        "branches": ["refs/heads/main", "refs/heads/release/*"],
        "businessHours": {
            "days": ["monday", "friday"],
            "start": "08:00",
            "end": "18:00",
            "timeZone": "W. Europe Standard Time",
            "timeoutMinutes": 60,
        },
        "exclusiveLock": True,
        "requiredTemplates": [
            {"repository": "Platform/templates", "path": "deploy.yml", "ref": "refs/tags/v1"}
        ],
    }
    assert made.ids == {
        (part_names.APPROVAL, "approval"): f"{WEB.id}/1",
        (part_names.BRANCH_CONTROL, ""): f"{WEB.id}/2",
        (part_names.BUSINESS_HOURS, ""): f"{WEB.id}/3",
        (part_names.EXCLUSIVE_LOCK, ""): f"{WEB.id}/4",
        (part_names.REQUIRED_TEMPLATE, ""): f"{WEB.id}/5",
    }
    Checks.model_validate(made.entry)


def test_approvals_keep_what_they_ask() -> None:
    settings = {
        "approvers": [{"id": ADA}],
        "minRequiredApprovers": 1,
        "instructions": "Look.",
        "requesterCannotBeApprover": False,
    }
    made = adopted(
        check("approval", 1, settings=settings, timeout_minutes=43200),
        check("approval", 2, settings=settings, timeout_minutes=60),
    )
    said = {
        "approvers": [ADA],
        "minimumApprovers": 1,
        "instructions": "Look.",
        "requesterCanApprove": True,
    }
    assert made.entry["approvals"] == {"approval": said, "approval-2": {**said, "timeoutMinutes": 60}}


def test_branches_that_need_no_protection_say_so() -> None:
    made = adopted(check("branchControl", settings=branches(ensureProtectionOfBranch="false")))
    assert made.entry["allowUnprotectedBranches"] is True


@pytest.mark.parametrize(
    ("outside", "reason"),
    [
        (check("exclusiveLock", enabled=False), "it is switched off"),
        (check("exclusiveLock", project_id=guid("other")), "another project puts it on the connection"),
        (check("Invoke Azure Function"), "the provider has no such check"),
        (
            check(
                "approval",
                settings={"approvers": [{"id": ADA}, {"id": guid("b")}], "executionOrder": "inSequence"},
            ),
            "it asks its approvers one after the other",
        ),
        (
            check("approval", settings={"approvers": [{"id": ADA}], "blockedApprovers": [{"id": ADA}]}),
            "it names people who must not approve",
        ),
        (
            check("branchControl", settings=branches(allowedBranches="*")),
            "'*' lets every branch, tag and pull request through",
        ),
        (
            check("branchControl", settings=branches(allowUnknownStatusBranch="true")),
            "it lets branches through of whose protection nothing is known",
        ),
        (
            check("branchControl", settings=task("9.9.9")),
            "the provider does not read version 9.9.9 of its task",
        ),
        (
            check("businessHours", settings=hours(startTime="20:00")),
            "its hours are none of one day",
        ),
        (check("businessHours", settings=hours(startTime="8")), "'8' is not a time of day"),
        (
            check("requiredTemplate", settings={"extendsChecks": [{**TEMPLATE, "repositoryRef": "main"}]}),
            "'main' is not the full name of a branch or tag",
        ),
    ],
)
def test_a_check_that_cannot_be_said_stays_outside(outside: Check, reason: str) -> None:
    made = adopted(outside)
    assert (made.entry, made.ids) == ({}, {})
    assert made.notes == [f"Check 1 ({outside.kind}) stays outside the stack: {reason}."]


def test_a_second_check_of_a_kind_stays_outside() -> None:
    made = adopted(check("exclusiveLock", 2), check("exclusiveLock", 1))
    assert made.ids == {(part_names.EXCLUSIVE_LOCK, ""): f"{WEB.id}/1"}
    assert made.notes == [
        "Check 2 (exclusiveLock) stays outside the stack: a stack has one check of this kind on a connection."
    ]
