"""Checks and roles of a connection on the real engine, with the real azuredevops provider."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from engine_stack import Sandbox, Stack, run

CHECKED: dict[str, Any] = {
    "project": "Payments",
    "appRegistration": {},
    "subscription": {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"},
    "roles": {"look": {"role": "Reader"}},
    "pipelines": ["deploy-payments"],
    "checks": {
        "approvals": {
            "owner": {
                "approvers": [
                    "sam@contoso.example",
                    "platform-engineers",
                    r"[Payments]\Release Administrators",
                ],
                "minimumApprovers": 1,
                "instructions": "Look at the plan.",
            }
        },
        "branches": ["refs/heads/main", "refs/heads/release/*"],
        "businessHours": {
            "days": ["monday", "friday"],
            "start": "08:00",
            "end": "18:00",
            "timeZone": "W. Europe Standard Time",
        },
        "exclusiveLock": True,
        "requiredTemplates": [{"repository": "Platform/templates", "path": "deploy.yml"}],
    },
    "permissions": {
        "payments": {"who": "payments-engineers"},
        "contributors": {"who": r"[Payments]\Contributors", "role": "Reader"},
    },
}
KINDS = ["Approval", "ExclusiveLock", "ExtendsCheck", "Task Check", "Task Check"]


def changed() -> dict[str, Any]:
    """The same connection with every check and a role said otherwise."""
    other = deepcopy(CHECKED)
    other["checks"]["approvals"]["owner"] |= {"approvers": ["ada@contoso.example"], "timeoutMinutes": 60}
    other["checks"]["branches"] = ["refs/heads/main"]
    other["checks"]["businessHours"]["days"] = ["monday"]
    other["checks"]["requiredTemplates"][0]["ref"] = "refs/tags/v1"
    other["permissions"]["contributors"]["role"] = "User"
    return other


def bare() -> dict[str, Any]:
    """The same connection without any check or role on it."""
    return {key: value for key, value in CHECKED.items() if key not in ("checks", "permissions")}


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, make_stack: Callable[..., Stack]) -> Iterator[Stack]:
    before = [each["id"] for each in sandbox.holds("endpoints")]
    stack = make_stack("checks").connections({"checked": CHECKED}).init()
    stack.up()
    yield stack
    stack.destroy()
    assert [each["id"] for each in sandbox.holds("endpoints")] == before
    assert sandbox.holds("checks") == []
    assert {each["endpointId"] for each in sandbox.holds("connection-roles")} <= set(before)


def connection_id(stack: Stack) -> str:
    return str(stack.outputs()["checked"]["connectionId"])


def checks(sandbox: Sandbox) -> dict[str, Any]:
    """The settings of the checks, each under what it is."""
    return {
        each["settings"].get("displayName", each["type"]["name"]): each["settings"]
        for each in sandbox.holds("checks")
    }


def roles(sandbox: Sandbox, stack: Stack) -> list[str]:
    connection = connection_id(stack)
    return sorted(
        each["role"] for each in sandbox.holds("connection-roles") if each["endpointId"] == connection
    )


def test_every_check_protects_the_connection_and_roles_are_given(deployed: Stack, sandbox: Sandbox) -> None:
    held = sandbox.holds("checks")
    assert sorted(each["type"]["name"] for each in held) == KINDS
    assert {each["resource"]["id"] for each in held} == {connection_id(deployed)}
    settings = checks(sandbox)
    assert len(settings["Approval"]["approvers"]) == 3
    assert settings["Approval"]["requesterCannotBeApprover"] is True
    assert settings["Branch control"]["inputs"] == {
        "allowedBranches": "refs/heads/main, refs/heads/release/*",
        "ensureProtectionOfBranch": "true",
        "allowUnknownStatusBranch": "false",
    }
    assert settings["Business hours"]["inputs"]["businessDays"] == "Monday, Friday"
    assert settings["ExtendsCheck"]["extendsChecks"][0]["repositoryRef"] == "refs/heads/main"
    assert roles(sandbox, deployed) == ["Administrator", "Reader", "User"]


def test_checks_and_roles_stand_before_the_first_pipeline_may_use_the_connection(
    deployed: Stack, sandbox: Sandbox
) -> None:
    requests = sandbox.requests()
    protection = [
        position
        for position, each in enumerate(requests)
        if (each["method"], each["path"].rpartition("/")[2]) == ("POST", "configurations")
        or (each["method"] == "PUT" and "/roleassignments/resources/" in each["path"])
    ]
    opened = next(
        position
        for position, each in enumerate(requests)
        if each["method"] == "PATCH" and each["path"].endswith(f"/endpoint/{connection_id(deployed)}")
    )
    assert len(protection) == 7
    assert max(protection) < opened


def test_a_second_up_and_a_refresh_change_nothing(deployed: Stack) -> None:
    deployed.up("--expect-no-changes")
    deployed.pulumi("refresh", "--stack", deployed.name, "--yes", "--skip-preview", "--expect-no-changes")


def prove(stack: Stack) -> dict[str, Any]:
    """The row of the one connection in a proof."""
    done = run(["connections", "verify", "--stack", stack.name, "--json"], stack.environment, stack.folder)
    (row,) = json.loads(done.stdout)
    assert (done.returncode == 0) == row["ok"]
    return dict(row)


def test_a_proof_says_what_holds_its_run(deployed: Stack) -> None:
    row = prove(deployed)
    assert not row["ok"]
    assert "does not extend the required template: deploy.yml of Platform/templates" in row["problem"]


def test_who_does_not_exist_is_told_in_sentences_and_nothing_changes(
    deployed: Stack, sandbox: Sandbox
) -> None:
    other = changed()
    other["checks"]["approvals"]["owner"]["approvers"] = ["nobody@contoso.example", "no-engineers"]
    other["permissions"]["contributors"]["who"] = r"[Payments]\Nobody"
    before = checks(sandbox)
    printed = deployed.connections({"checked": other}).up(fails=True)
    for path, who in (
        ("checks.approvals.owner.approvers[0]", "the person 'nobody@contoso.example'"),
        ("checks.approvals.owner.approvers[1]", "the group 'no-engineers'"),
        ("permissions.contributors.who", r"the group '[Payments]\Nobody'"),
    ):
        assert f"connections.checked.{path}: there is no such thing as {who}; write" in printed
    assert checks(sandbox) == before


def test_checks_and_roles_change_in_place_and_go_while_the_connection_stays(
    deployed: Stack, sandbox: Sandbox
) -> None:
    connection, numbers = connection_id(deployed), [each["id"] for each in sandbox.holds("checks")]
    deployed.connections({"checked": changed()}).up()
    settings = checks(sandbox)
    assert len(settings["Approval"]["approvers"]) == 1
    assert settings["Branch control"]["inputs"]["allowedBranches"] == "refs/heads/main"
    assert settings["Business hours"]["inputs"]["businessDays"] == "Monday"
    assert settings["ExtendsCheck"]["extendsChecks"][0]["repositoryRef"] == "refs/tags/v1"
    assert sorted(each["id"] for each in sandbox.holds("checks")) == sorted(numbers)
    assert roles(sandbox, deployed) == ["Administrator", "User", "User"]
    deployed.up("--expect-no-changes")
    passing = {"branches": ["refs/heads/main"], "exclusiveLock": True}
    deployed.connections({"checked": {**bare(), "checks": passing}}).up()
    assert sorted(each["type"]["name"] for each in sandbox.holds("checks")) == ["ExclusiveLock", "Task Check"]
    assert prove(deployed)["ok"], "the run comes from the protected main branch, and nobody has the lock"
    deployed.connections({"checked": bare()}).up()
    assert sandbox.holds("checks") == []
    assert roles(sandbox, deployed) == ["Administrator"]
    assert connection_id(deployed) == connection
