"""Checks and roles of a connection: what is sent for them, and what is wrong with them in words."""

from typing import Any

import pulumi
import pytest
from mock_cloud import AUTHORIZATION, PROJECT, SUBSCRIPTION, Cloud, endpoint_id, run

from components import ConnectionChecks, ConnectionRoles, InputError, ServiceConnection

APPROVAL = "azuredevops:index/checkApproval:CheckApproval"
BRANCHES = "azuredevops:index/checkBranchControl:CheckBranchControl"
HOURS = "azuredevops:index/checkBusinessHours:CheckBusinessHours"
LOCK = "azuredevops:index/checkExclusiveLock:CheckExclusiveLock"
TEMPLATE = "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate"
ROLE = "azuredevops:index/securityroleAssignment:SecurityroleAssignment"

CONNECTION = endpoint_id("payments")
TARGET = {"projectId": PROJECT, "targetResourceId": CONNECTION, "targetResourceType": "endpoint"}
ADA = "bbbbbbbb-0000-4000-8000-00000000000a"
SAM = "bbbbbbbb-0000-4000-8000-00000000000b"
WORKING = {"days": ["monday", "friday"], "start": "08:00", "end": "18:00", "time_zone": "UTC"}
EVERY = {
    "approvals": {"owner": {"approvers": [ADA]}},
    "branches": ["refs/heads/main"],
    "business_hours": WORKING,
    "exclusive_lock": True,
    "required_templates": {"deploy": {"repository": "Platform/templates", "path": "deploy.yml"}},
}


def make(**changes: Any) -> None:
    """Make a connection with these checks or permissions."""
    inputs: Any = {
        "project_id": PROJECT,
        "app_registration": {},
        "subscription": {"id": SUBSCRIPTION, "name": "Payments production"},
        "pipelines": {"first": {"id": 7}},
        **changes,
    }
    run(lambda: ServiceConnection("payments", inputs))


def mistakes(**changes: Any) -> list[str]:
    """What is wrong with these checks or permissions."""
    with pytest.raises(InputError) as caught:
        make(**changes)
    return [f"{path}: {problem}" for path, problem in caught.value.mistakes]


def test_a_connection_has_no_check_and_no_role_unless_asked_for(cloud: Cloud) -> None:
    make()
    for kind in (APPROVAL, BRANCHES, HOURS, LOCK, TEMPLATE, ROLE):
        assert cloud.of(kind) == []


def test_an_approval_asks_all_approvers_and_never_who_started_the_run(cloud: Cloud) -> None:
    make(checks={"approvals": {"owner": {"approvers": [ADA.upper(), SAM]}}})
    assert cloud.one(APPROVAL) == {**TARGET, "approvers": [ADA, SAM], "requesterCanApprove": False}
    assert cloud.names(APPROVAL) == {"payments/owner"}


def test_an_approval_can_ask_for_fewer_and_wait_a_shorter_time(cloud: Cloud) -> None:
    approval = {
        "approvers": [ADA, SAM],
        "minimum_approvers": 1.0,
        "instructions": "Look at the plan.",
        "requester_can_approve": True,
        "timeout_minutes": 60,
    }
    make(checks={"approvals": {"owner": approval}})
    assert cloud.one(APPROVAL) == {
        **TARGET,
        "approvers": [ADA, SAM],
        "minimumRequiredApprovers": 1,
        "instructions": "Look at the plan.",
        "requesterCanApprove": True,
        "timeout": 60,
    }


def test_branch_control_verifies_protection_and_names_its_branches(cloud: Cloud) -> None:
    make(checks={"branches": ["refs/heads/main", "refs/heads/release/*"]})
    assert cloud.one(BRANCHES) == {
        **TARGET,
        "displayName": "Branch control",
        "allowedBranches": "refs/heads/main, refs/heads/release/*",
        "verifyBranchProtection": True,
        "ignoreUnknownProtectionStatus": False,
    }


def test_unprotected_branches_pass_only_when_it_is_said(cloud: Cloud) -> None:
    make(checks={"branches": ["refs/heads/*"], "allow_unprotected_branches": True})
    assert cloud.one(BRANCHES)["verifyBranchProtection"] is False


def test_branches_and_approvers_may_become_known_later(cloud: Cloud) -> None:
    later = pulumi.Output.from_input(["refs/heads/main"])
    make(
        checks={
            "branches": later,
            "approvals": {"owner": {"approvers": pulumi.Output.from_input([ADA.upper()])}},
        }
    )
    assert cloud.one(BRANCHES)["allowedBranches"] == "refs/heads/main"
    assert cloud.one(APPROVAL)["approvers"] == [ADA]


def test_a_branch_that_becomes_known_later_is_checked_in_the_same_words(cloud: Cloud) -> None:
    with pytest.raises(InputError, match=r"checks\.branches\[1\]: 'main' is not the full name of a branch"):
        make(checks={"branches": pulumi.Output.from_input(["refs/heads/a", "main"])})
    assert cloud.of(BRANCHES) == []


def test_business_hours_say_every_day(cloud: Cloud) -> None:
    make(checks={"business_hours": WORKING})
    sent = cloud.one(HOURS)
    assert {day for day in sent if sent[day] is True} == {"monday", "friday"}
    assert sum(sent[day] is False for day in sent) == 5
    assert (sent["startTime"], sent["endTime"], sent["timeZone"]) == ("08:00", "18:00", "UTC")
    assert sent["displayName"] == "Business hours"


def test_a_lock_and_a_template_take_what_is_usual(cloud: Cloud) -> None:
    make(checks={key: EVERY[key] for key in ("exclusive_lock", "required_templates")})
    assert cloud.one(LOCK) == TARGET
    assert cloud.one(TEMPLATE)["requiredTemplates"] == [
        {
            "repositoryName": "Platform/templates",
            "templatePath": "deploy.yml",
            "repositoryRef": "refs/heads/main",
            "repositoryType": "azuregit",
        }
    ]


def test_no_lock_is_made_where_it_is_not_wanted(cloud: Cloud) -> None:
    make(checks={"exclusive_lock": False})
    assert cloud.of(LOCK) == []


def test_every_check_stands_before_a_pipeline_may_use_the_connection(cloud: Cloud) -> None:
    make(checks=EVERY, permissions={"ada": {"identity_id": ADA}})
    order = [resource.typ for resource in cloud.resources]
    last = order.index(AUTHORIZATION)
    for kind in (APPROVAL, BRANCHES, HOURS, LOCK, TEMPLATE, ROLE):
        assert order.index(kind) < last, kind


def test_roles_are_given_on_this_connection_alone(cloud: Cloud) -> None:
    make(
        permissions={
            "ada": {"identity_id": ADA.upper(), "role": "Administrator"},
            "sam": {"identity_id": SAM},
        }
    )
    sent = {each["identityId"]: each for each in cloud.of(ROLE)}
    assert {each["resourceId"] for each in sent.values()} == {f"{PROJECT}_{CONNECTION}"}
    assert {each["scope"] for each in sent.values()} == {"distributedtask.serviceendpointrole"}
    assert (sent[ADA]["roleName"], sent[SAM]["roleName"]) == ("Administrator", "User")
    assert cloud.names(ROLE) == {"payments/ada", "payments/sam"}


def test_checks_and_roles_work_by_themselves(cloud: Cloud) -> None:
    known: list[str] = []

    def program() -> None:
        there = {"project_id": PROJECT, "connection_id": CONNECTION}
        checks: Any = {**there, "checks": {"exclusive_lock": True}}
        roles: Any = {**there, "permissions": {"ada": {"identity_id": pulumi.Output.from_input(ADA)}}}
        ConnectionChecks("protected", checks).connection_id.apply(known.append)
        ConnectionRoles("protected", roles).connection_id.apply(known.append)

    run(program)
    assert known == [CONNECTION, CONNECTION]
    assert cloud.names(LOCK) == {"protected"}
    assert cloud.names(ROLE) == {"protected/ada"}


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ({"branches": []}, "checks.branches: lets no run pass; write a branch or remove the key"),
        (
            {"branches": ["*"]},
            "checks.branches[0]: '*' lets every branch, tag and pull request through; write refs/heads/NAME",
        ),
        (
            {"branches": ["main"]},
            "checks.branches[0]: 'main' is not the full name of a branch; write refs/heads/main",
        ),
        (
            {"branches": ["refs/heads/a, refs/heads/b"]},
            "checks.branches[0]: 'refs/heads/a, refs/heads/b' is not one branch; write each as an entry of "
            "its own",
        ),
        (
            {"allow_unprotected_branches": True},
            "checks.allowUnprotectedBranches: goes with `branches` only; write `branches` too or remove it",
        ),
        (
            {"approvals": {"owner": {"approvers": []}}},
            "checks.approvals.owner.approvers: asks nobody; write at least one",
        ),
        (
            {"approvals": {"owner": {}}},
            "checks.approvals.owner.approvers: is missing; write the people and groups who are asked",
        ),
        (
            {"approvals": {"owner": {"approvers": ["ada@contoso.example"]}}},
            "checks.approvals.owner.approvers[0]: 'ada@contoso.example' is not a GUID; write it in the form "
            "00000000-0000-0000-0000-000000000000",
        ),
        (
            {"approvals": {"owner": {"approvers": [ADA], "minimum_approvers": 2}}},
            "checks.approvals.owner.minimumApprovers: '2' is more than the 1 who are asked; write 1 or less",
        ),
        (
            {"approvals": {"owner": {"approvers": [ADA], "minimum_approvers": 0}}},
            "checks.approvals.owner.minimumApprovers: '0' is no number of approvers; write 1 or more, or "
            "leave the key out to ask all",
        ),
        (
            {"approvals": {"owner": {"approvers": [ADA], "timeout_minutes": 43201}}},
            "checks.approvals.owner.timeoutMinutes: '43201' is no time that a check can wait; write 1 to "
            "43200 minutes",
        ),
        (
            {"business_hours": {**WORKING, "days": []}},
            "checks.businessHours.days: names no day; write at least one",
        ),
        (
            {"business_hours": {**WORKING, "days": ["Monday"]}},
            "checks.businessHours.days[0]: 'Monday' is not a day of the week; write 'monday'",
        ),
        (
            {"business_hours": {**WORKING, "start": "8:00"}},
            "checks.businessHours.start: '8:00' is not a time of day; write it with two digits each, such as "
            '"08:00"',
        ),
        (
            {"business_hours": {**WORKING, "end": "08:00"}},
            "checks.businessHours.end: '08:00' is not later than the start, '08:00'; write a later time of "
            "the same day",
        ),
        (
            {"business_hours": {**WORKING, "time_zone": "W Europe Standard Time"}},
            "checks.businessHours.timeZone: 'W Europe Standard Time' is not a time zone of Azure DevOps; "
            "write 'W. Europe Standard Time'",
        ),
        (
            {"business_hours": {key: WORKING[key] for key in ("days", "start", "end")}},
            "checks.businessHours.timeZone: is missing; write the name of a time zone, such as W. Europe "
            "Standard Time",
        ),
        (
            {"required_templates": {"deploy": {"repository": "x", "path": "y", "ref": "main"}}},
            "checks.requiredTemplates.deploy.ref: 'main' is not the full name of a branch or tag; write "
            "refs/heads/main",
        ),
        (
            {"required_templates": {"deploy": {"repository": "x", "path": "y", "repository_type": "git"}}},
            "checks.requiredTemplates.deploy.repositoryType: 'git' is not a type of repository; write "
            "azuregit, github, githubenterprise or bitbucket",
        ),
        ({"branch": ["refs/heads/main"]}, "checks.branch: 'branch' is not known here; write 'branches'"),
        (
            {"exclusive_lock": "yes"},
            "checks.exclusiveLock: is the text 'yes' where a yes-or-no value belongs; write true or false, "
            "without quotes",
        ),
    ],
)
def test_a_mistake_in_a_check_is_said_in_a_sentence(cloud: Cloud, checks: Any, said: str) -> None:
    assert mistakes(checks=checks) == [said]
    assert cloud.resources == []


def test_mistakes_in_roles_are_said_in_sentences(cloud: Cloud) -> None:
    said = mistakes(
        permissions={
            "ada": {"identity_id": ADA, "role": "Creator"},
            "again": {"identity_id": ADA.upper()},
            "sam": {"role": "User"},
        }
    )
    assert said == [
        "permissions.sam.identityId: is missing; write the id that Azure DevOps gives to the person or group",
        "permissions.ada.role: 'Creator' is not a role on a connection; write Reader, User or Administrator",
        "permissions.again: gives a role to the one of permissions.ada again; Azure DevOps keeps one role "
        "each, so remove one",
    ]


def test_all_mistakes_of_a_connections_checks_are_said_together(cloud: Cloud) -> None:
    said = mistakes(
        checks={"branches": ["*"], "business_hours": {**WORKING, "time_zone": "Mars"}},
        permissions={"ada": {"identity_id": "ada"}},
    )
    assert len(said) == 3
