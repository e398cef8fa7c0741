"""Checks on service connections: how they are kept, and what they mean for runs."""

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from devops_world import OTHER_PROJECT, PROJECT, TENANT, Answer, World

from azure_service_connections.catalogue.time_zones import TIME_ZONES
from azure_service_connections.sandbox.control import service as control
from azure_service_connections.sandbox.devops import identities, runs, time_zones
from azure_service_connections.sandbox.devops.errors import DevOpsError
from azure_service_connections.sandbox.devops.pipeline_templates import keep, template_at
from azure_service_connections.sandbox.message import Request

VERSION = "7.1-preview.1"
APPROVAL = "8c6f20a7-a545-4486-9777-f762fafe0d4d"
LOCK = "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563"
TEMPLATE = "4020e66e-b0f3-47e1-bc88-48f3cc59b5f3"
TASK = "fe1de3ee-a436-41b4-bb20-f6eb4cb879a7"
SAM = "44444444-4444-4444-8444-444444444402"
GROUP = "44444444-4444-4444-8444-444444444403"
CONFIGURATIONS = f"{PROJECT}/_apis/pipelines/checks/configurations"
APPROVALS = f"{PROJECT}/_apis/pipelines/approvals"

EXTENDING = """
resources:
  repositories:
  - {repository: shared, type: git, name: Payments/templates, ref: refs/heads/main}
extends:
  template: deploy.yml@shared
  parameters: {connection: payments}
"""
DEPLOY = """
parameters:
- {name: connection, type: string}
steps:
- task: AzureCLI@2
  inputs: {azureSubscription: "${{ parameters.connection }}"}
"""


@pytest.fixture
def endpoint(world: World) -> Any:
    """A connection that pipeline 1 may use, in a project with Sam and a protected main branch."""
    world.cloud.store.put(
        "users",
        SAM,
        {
            "id": SAM,
            "tenantId": TENANT,
            "displayName": "Sam Okafor",
            "userPrincipalName": "sam@contoso.example",
        },
    )
    world.cloud.store.put(
        "groups", GROUP, {"id": GROUP, "tenantId": TENANT, "displayName": "release", "members": [SAM]}
    )
    world.cloud.store.put(
        "personal-access-tokens",
        "sam-token",
        {"organization": "Contoso", "owner": "sam@contoso.example", "userId": SAM},
    )
    project = world.cloud.store.get("projects", PROJECT)
    assert project is not None
    world.cloud.store.put("projects", PROJECT, {**project, "protectedBranches": ["refs/heads/main"]})
    made = world.connection()
    world.authorize(made)
    return made


def identity(world: World, name: str) -> str:
    """The id that the organization gives to somebody."""
    organization = world.cloud.store.get("organizations", "contoso")
    assert organization is not None
    return next(
        each.id
        for each in identities.identities_of(world.cloud, organization)
        if name in (each.name, each.account)
    )


def add(world: World, endpoint: Any, kind: str, settings: Any, **more: Any) -> Answer:
    body = {
        "resource": {"id": endpoint["id"], "type": "endpoint"},
        "type": {"id": kind},
        "settings": settings,
        "timeout": 60,
        "version": 0,
        **more,
    }
    return world.ask("POST", CONFIGURATIONS, body, version=VERSION)


def approval(world: World, *names: str, **settings: Any) -> dict[str, Any]:
    return {
        "approvers": [{"id": identity(world, name)} for name in names],
        "instructions": "",
        "minRequiredApprovers": 0,
        "requesterCannotBeApprover": True,
        **settings,
    }


def branches(allowed: str, protected: str = "true") -> dict[str, Any]:
    return {
        "displayName": "Branches",
        "definitionRef": {"id": "86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b", "name": "x", "version": "0.0.1"},
        "inputs": {"allowedBranches": allowed, "ensureProtectionOfBranch": protected},
    }


def hours(days: str, start: str, end: str, zone: str = "UTC") -> dict[str, Any]:
    return {
        "displayName": "Hours",
        "definitionRef": {"id": "445fde2f-6c39-441c-807f-8a59ff2e075f", "name": "x", "version": "0.0.1"},
        "inputs": {"businessDays": days, "startTime": start, "endTime": end, "timeZone": zone},
    }


def run(world: World, branch: str | None = None, pipeline: int = 1) -> Answer:
    body = {"resources": {"repositories": {"self": {"refName": branch}}}} if branch else {}
    return world.ask("POST", f"{PROJECT}/_apis/pipelines/{pipeline}/runs", body)


def held(world: World, started: Answer) -> str:
    """Why the job of a run is not handed out; empty where it is."""
    assert started.status == 200, started
    try:
        runs.agent_variables(world.cloud, "contoso", started.body["id"])
    except DevOpsError as refusal:
        return f"{refusal.status} {refusal.message}"
    return ""


def result(world: World, started: Answer) -> str | None:
    answer = world.ask("GET", f"{PROJECT}/_apis/pipelines/1/runs/{started.body['id']}")
    return answer.body.get("result")


def respond(world: World, status: str, token: str = "sam-token", approval_id: str = "") -> Answer:
    """Answer an approval, by default the last one that is pending."""
    if not approval_id:
        approval_id = world.ask("GET", APPROVALS, state="pending").body["value"][-1]["id"]
    basic = base64.b64encode(f":{token}".encode()).decode()
    return world.ask(
        "PATCH",
        APPROVALS,
        [{"approvalId": approval_id, "status": status, "comment": "seen"}],
        authorization=f"Basic {basic}",
    )


def test_a_check_is_kept_read_listed_changed_and_removed(world: World, endpoint: Any) -> None:
    made = add(world, endpoint, TASK, branches("refs/heads/main"))
    assert (made.status, made.body["id"], made.body["version"]) == (200, 1, 1)
    assert made.body["resource"] == {"type": "endpoint", "id": endpoint["id"], "name": "payments"}
    path = f"{CONFIGURATIONS}/1"
    assert "settings" not in world.ask("GET", path, version=VERSION).body
    read = world.ask("GET", path, version=VERSION, **{"$expand": "settings"}).body
    assert read["settings"] == branches("refs/heads/main")
    listed = world.ask(
        "GET", CONFIGURATIONS, version=VERSION, resourceType="endpoint", resourceId=endpoint["id"]
    )
    assert [each["id"] for each in listed.body["value"]] == [1]
    change = {"id": 1, "version": 1, "type": {"id": TASK}, "settings": branches("refs/heads/*"), "timeout": 5}
    changed = world.ask("PATCH", path, change, version=VERSION)
    assert (changed.body["version"], changed.body["timeout"]) == (2, 5)
    assert changed.body["settings"]["inputs"]["allowedBranches"] == "refs/heads/*"
    assert world.ask("PATCH", path, change, version=VERSION).status == 409
    assert world.ask("DELETE", path, version=VERSION).status == 204
    gone = world.ask("GET", path, version=VERSION)
    assert (gone.status, gone.message) == (404, "The check configuration with id 1 does not exist.")


def test_a_check_belongs_to_the_project_of_its_connection(world: World, endpoint: Any) -> None:
    add(world, endpoint, LOCK, {})
    other = f"{quote(OTHER_PROJECT)}/_apis/pipelines/checks/configurations"
    assert world.ask("GET", f"{other}/1", version=VERSION).status == 404
    body = {"resource": {"id": endpoint["id"], "type": "endpoint"}, "type": {"id": LOCK}, "settings": {}}
    assert world.ask("POST", other, body, version=VERSION).status == 404


def test_checks_and_roles_go_with_their_connection(world: World, endpoint: Any) -> None:
    add(world, endpoint, LOCK, {})
    path = f"_apis/serviceendpoint/endpoints/{endpoint['id']}"
    assert world.ask("DELETE", path, projectIds=PROJECT).status == 204
    assert world.cloud.store.find("checks") == []
    assert world.cloud.store.find("connection-roles") == []


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        ("11111111-1111-4111-8111-111111111111", {}, "does not exist"),
        (APPROVAL, {"approvers": []}, "'approvers'"),
        (APPROVAL, {"approvers": [{"id": SAM}]}, "could not be found in the organization"),
        (TEMPLATE, {"extendsChecks": []}, "'extendsChecks'"),
        (TEMPLATE, {"extendsChecks": [{"repositoryType": "git"}]}, "'repositoryName'"),
        (TASK, branches("refs/heads/main", "yes"), "'ensureProtectionOfBranch'"),
        (TASK, hours("Monday", "25:00", "26:00"), "'startTime'"),
        (TASK, hours("", "08:00", "18:00"), "'businessDays'"),
        (TASK, hours("Monday", "08:00", "18:00", "Europe/Paris"), "'timeZone'"),
        (LOCK, None, "'settings'"),
    ],
)
def test_settings_that_say_nothing_are_refused(
    world: World, endpoint: Any, kind: str, settings: Any, said: str
) -> None:
    answer = add(world, endpoint, kind, settings)
    assert answer.status == 400
    assert said in answer.message


def test_a_run_waits_for_its_approver_and_then_passes(world: World, endpoint: Any) -> None:
    add(world, endpoint, APPROVAL, approval(world, "sam@contoso.example"))
    started = run(world)
    assert started.body["state"] == "inProgress"
    assert held(world, started) == (
        "409 Run 1 waits: Sam Okafor must approve its use of the service connection payments."
    )
    answer = respond(world, "approved")
    assert answer.body["value"][0]["status"] == "approved"
    assert held(world, started) == ""
    assert respond(world, "approved", approval_id=answer.body["value"][0]["id"]).status == 400


def test_a_rejection_ends_the_run(world: World, endpoint: Any) -> None:
    add(world, endpoint, APPROVAL, approval(world, "sam@contoso.example"))
    started = run(world)
    assert respond(world, "rejected").status == 200
    assert result(world, started) == "failed"
    assert "was rejected" in held(world, started)


def test_who_is_not_asked_and_who_started_the_run_cannot_approve(world: World, endpoint: Any) -> None:
    add(world, endpoint, APPROVAL, approval(world, "sam@contoso.example"))
    add(world, endpoint, APPROVAL, approval(world, "ada@contoso.example"))
    started = run(world)
    first, second = (each["id"] for each in world.ask("GET", APPROVALS, state="pending").body["value"])
    for approval_id in (first, second):
        assert respond(world, "approved", "ada-token", approval_id).status == 403
    assert respond(world, "approved", "sam-token", second).status == 403
    assert held(world, started).startswith("409")


def test_a_member_approves_for_a_group_and_one_of_two_is_enough_where_one_is_asked_for(
    world: World, endpoint: Any
) -> None:
    add(world, endpoint, APPROVAL, approval(world, "[TEAM FOUNDATION]\\release", "ada@contoso.example"))
    started = run(world)
    assert respond(world, "approved").status == 200
    assert "Ada Park" in held(world, started), "all are needed unless fewer are asked for"
    world.cloud.store.remove("checks", "contoso/1")
    assert held(world, started) == "", "a check that is removed holds nobody"
    settings = approval(world, "[TEAM FOUNDATION]\\release", "ada@contoso.example", minRequiredApprovers=1)
    add(world, endpoint, APPROVAL, settings)
    again = run(world)
    assert respond(world, "approved").status == 200
    assert held(world, again) == ""


def test_a_run_that_nobody_approves_fails_in_time(world: World, endpoint: Any) -> None:
    add(world, endpoint, APPROVAL, approval(world, "sam@contoso.example"))
    started = run(world)
    world.cloud.clock.advance(3601)
    assert "It waited 60 minutes in vain" in held(world, started)
    assert result(world, started) == "failed"
    assert world.ask("GET", APPROVALS, state="pending").body["value"] == []


@pytest.mark.parametrize(
    ("allowed", "branch", "said"),
    [
        ("refs/heads/main", None, ""),
        ("refs/heads/release/*, refs/heads/main", "refs/heads/main", ""),
        ("refs/heads/main", "refs/heads/feature", "none of the allowed branches: refs/heads/main"),
        ("refs/heads/*", "refs/heads/feature", "not protected by any branch policy"),
    ],
)
def test_only_allowed_and_protected_branches_pass(
    world: World, endpoint: Any, allowed: str, branch: str | None, said: str
) -> None:
    add(world, endpoint, TASK, branches(allowed))
    started = run(world, branch)
    assert started.body["resources"]["repositories"]["self"]["refName"] == (branch or "refs/heads/main")
    if said:
        assert (result(world, started), said in held(world, started)) == ("failed", True)
    else:
        assert held(world, started) == ""


def test_an_unprotected_branch_passes_where_protection_is_not_asked_for(world: World, endpoint: Any) -> None:
    add(world, endpoint, TASK, branches("refs/heads/*", "false"))
    assert held(world, run(world, "refs/heads/feature")) == ""


def test_a_branch_is_named_in_full(world: World, endpoint: Any) -> None:
    assert run(world, "main").status == 400


def test_a_run_waits_for_business_hours(world: World, endpoint: Any) -> None:
    now = world.cloud.clock.now()
    monday = datetime(now.year, now.month, now.day, 3, tzinfo=UTC).timestamp() - now.weekday() * 86400
    world.cloud.clock.advance(monday + 7 * 86400 - now.timestamp())
    settings = hours("Monday, Tuesday", "08:00", "18:00", "Tokyo Standard Time")
    add(world, endpoint, TASK, settings, timeout=3000)
    assert held(world, run(world)) == "", "at 3 in UTC it is noon in Tokyo"
    world.cloud.clock.advance(8 * 3600)
    later = run(world)
    assert held(world, later).endswith("(Tokyo Standard Time), and it is Monday 20:00.")
    world.cloud.clock.advance(14 * 3600)
    assert held(world, later) == "", "it is ten in the morning of Tuesday"
    world.cloud.clock.advance(48 * 3600)
    assert "Thursday" in held(world, run(world))


def test_every_time_zone_that_a_stack_may_name_is_known(world: World) -> None:
    assert sorted(TIME_ZONES) == sorted(time_zones.NAMES)
    for name in time_zones.NAMES:
        assert time_zones.local(world.cloud.clock.now(), name).utcoffset() is not None


def test_one_run_at_a_time_has_the_exclusive_lock_and_the_latest_is_the_next(
    world: World, endpoint: Any
) -> None:
    add(world, endpoint, LOCK, {})
    first, second, third = run(world), run(world), run(world)
    assert held(world, first) == ""
    assert "409 Run 3 waits: run 1 has the exclusive lock" in held(world, third)
    assert "Run 3 came for the exclusive lock of payments after it" in held(world, second)
    assert result(world, second) == "canceled"
    runs.complete(world.cloud, "contoso", first.body["id"], "succeeded")
    assert held(world, third) == ""


def test_runs_that_are_sequential_get_the_lock_in_their_order(world: World, endpoint: Any) -> None:
    pipeline = world.cloud.store.get("pipelines", f"{PROJECT}/1")
    assert pipeline is not None
    world.pipeline(1, "deploy-payments", f"lockBehavior: sequential\n{pipeline['yaml']}")
    add(world, endpoint, LOCK, {})
    first, second, third = run(world), run(world), run(world)
    assert "run 1 has" in held(world, second)
    runs.complete(world.cloud, "contoso", first.body["id"], "succeeded")
    assert "run 2 has" in held(world, third)
    assert held(world, second) == ""


def test_a_required_template_has_to_be_extended(world: World, endpoint: Any) -> None:
    template = template_at("git", "Payments", "templates", "refs/heads/main", "/deploy.yml")
    keep(world.cloud, template, DEPLOY)
    world.pipeline(2, "extending", EXTENDING)
    world.authorize(endpoint, 2)
    required = {
        "repositoryType": "git",
        "repositoryName": "Payments/templates",
        "repositoryRef": "refs/heads/main",
        "templatePath": "deploy.yml",
    }
    add(world, endpoint, TEMPLATE, {"extendsChecks": [required]})
    assert held(world, run(world, pipeline=2)) == ""
    plain = run(world)
    assert "does not extend the required template: deploy.yml of Payments/templates" in held(world, plain)
    assert result(world, plain) == "failed"


def test_a_template_that_is_not_there_is_told_as_before(world: World) -> None:
    world.pipeline(2, "extending", EXTENDING)
    assert "File /deploy.yml@shared not found" in run(world, pipeline=2).message


def test_the_agent_of_a_held_run_is_told_what_holds_it(world: World, endpoint: Any) -> None:
    add(world, endpoint, APPROVAL, approval(world, "sam@contoso.example"))
    run(world)
    request = Request("GET", "/_sandbox/organizations/contoso/runs/1/agent", {}, {"host": "127.0.0.1"})
    with pytest.raises(DevOpsError, match="Run 1 waits: Sam Okafor must approve"):
        control.handle(world.cloud, request)
