"""Connections made by hand become a stack: nothing of them changes, and the stack has them from then on."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine_stack import CONNECTIONS, Sandbox, Stack, run
from handmade_connections import (
    APPROVAL,
    BRANCH_CONTROL,
    HOURS,
    LOCK,
    NETWORK,
    PAYMENTS,
    TASK,
    Portal,
    task,
)

GROUP = f"/subscriptions/{PAYMENTS}/resourceGroups/rg-payments"
PRODUCTION = "/providers/Microsoft.Management/managementGroups/production"
FILE = "# Kept by the payments team.\nconfig:\n  azure-native:location: westeurope # the usual one\n"
FIRST, SECOND, THIRD, FOURTH, FIFTH = (f"1b5e5d2c-0000-4000-8000-00000000000{each}" for each in range(1, 6))


def make_by_hand(portal: Portal) -> None:
    """Ten connections, each of another kind."""
    deploy, plan = (portal.pipeline("Payments", each) for each in ("deploy-payments", "plan-payments"))
    own = portal.application(
        "svc-shop-deploy",
        tags=["team:payments", "WindowsAzureActiveDirectoryIntegratedApp"],
        notes="Ask Ada",
        web={"redirectUris": ["https://shop.contoso.example/back"]},
    )
    shop = portal.connection("Shop deploy", own["appId"], description="Deploys the shop")
    portal.trust(own["id"], "ado-shop", shop, "Made in the portal")
    body = {
        "name": "github-mirror",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:contoso/shop:ref:refs/heads/main",
        "audiences": ["api://AzureADTokenExchange"],
    }
    portal.graph("POST", f"/applications/{own['id']}/federatedIdentityCredentials", body)
    portal.role(own["principalId"], "Contributor", GROUP, FIRST, description="Deploys")
    portal.role(own["principalId"], "Reader", f"/subscriptions/{PAYMENTS}", SECOND)
    portal.allow("Payments", shop, deploy, plan)
    person = str(shop["createdBy"]["id"])
    branches = {"allowedBranches": "refs/heads/main", "ensureProtectionOfBranch": "true"}
    portal.check("Payments", shop, TASK, task(BRANCH_CONTROL, "Main only", **branches), 43200)
    hours = {
        "businessDays": "Monday, Tuesday",
        "timeZone": "W. Europe Standard Time",
        "startTime": "08:00",
        "endTime": "17:00",
    }
    portal.check("Payments", shop, TASK, task(HOURS, "Office hours", **hours), 60)
    portal.check("Payments", shop, LOCK, {}, 600)
    approval = {
        "approvers": [{"id": person}],
        "minRequiredApprovers": 1,
        "instructions": "Look at the plan.",
        "requesterCannotBeApprover": True,
    }
    portal.check("Payments", shop, APPROVAL, approval, 600)

    several = portal.application("svc-platform")
    for name, scope in (
        ("platform-one", None),
        (
            "platform-two",
            {
                "scopeLevel": "ManagementGroup",
                "managementGroupId": "production",
                "managementGroupName": "Production",
            },
        ),
    ):
        made = portal.connection(name, several["appId"], scope)
        portal.trust(several["id"], name, made)
        portal.allow("Payments", made, deploy)
    portal.role(several["principalId"], "Reader", PRODUCTION, THIRD)

    identity = portal.azure("GET", NETWORK, "2023-01-31")["properties"]
    hub = portal.connection("hub", identity["clientId"], project="Platform")
    portal.trust_of_identity(NETWORK, "from-devops", hub)
    portal.role(identity["principalId"], "Network Contributor", GROUP, FOURTH)
    portal.allow("Platform", hub, everyone=True)

    for name, place in (("made-by-devops", None), ("made-for-a-group", GROUP)):
        portal.allow("Payments", portal.connection(name, None, role_scope=place), deploy)

    both = portal.application("svc-shared")
    shared = portal.connection("shared", both["appId"], shared=("Platform",), description="For both")
    portal.trust(both["id"], "ado-shared", shared)
    portal.role(both["principalId"], "Reader", GROUP, FIFTH)
    portal.allow("Payments", shared, deploy)
    portal.allow("Platform", shared, portal.pipeline("Platform", "deploy-network"))

    alone = portal.application("svc-untrusted")
    portal.connection("untrusted", alone["appId"])
    elsewhere = portal.application("svc-elsewhere", tags=["pulumi:network/prod/vpn"])
    vpn = portal.connection("vpn", elsewhere["appId"])
    portal.trust(elsewhere["id"], "vpn", vpn)


@pytest.fixture(scope="module")
def portal(sandbox: Sandbox) -> Iterator[Portal]:
    """Somebody who has made connections by hand."""
    made = Portal(sandbox)
    make_by_hand(made)
    yield made
    made.close()


def adopt(stack: Stack, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What an adoption reports."""
    done = run(
        ["connections", "adopt", "-s", stack.name, "--yes", "--json", *arguments],
        stack.environment,
        stack.folder,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def adopted(make_stack: Callable[..., Stack], portal: Portal, sandbox: Sandbox) -> tuple[Stack, Any, Any]:
    """The stack that took them over, what was reported, and the requests that changed something."""
    stack = make_stack("adopted").text(FILE)
    sandbox.control("DELETE", "requests")
    report = adopt(stack)
    changing = [
        each
        for each in sandbox.requests()
        if each["method"] not in ("GET", "OPTIONS")
        and "/oauth2/" not in each["path"]
        and not each["path"].endswith(("/queryconfigurations", "/$batch"))
    ]
    return stack, report, changing


def written(stack: Stack) -> dict[str, Any]:
    """The connections in the stack's file."""
    return dict(yaml.safe_load(path_of(stack).read_text())["config"][CONNECTIONS])


def path_of(stack: Stack) -> Path:
    return stack.folder / "stacks" / f"Pulumi.{stack.name}.yaml"


def test_nothing_in_the_services_was_changed(adopted: tuple[Stack, Any, Any]) -> None:
    assert adopted[2] == []


def test_each_is_taken_over_in_the_form_that_suits_it(adopted: tuple[Stack, Any, Any]) -> None:
    assert {each["key"]: each["identity"] for each in adopted[1]["adopted"]} == {
        "shop-deploy": "appRegistration",
        "platform-one": "servicePrincipal",
        "platform-two": "servicePrincipal",
        "hub": "managedIdentity",
        "made-by-devops": "automatic",
        "made-for-a-group": "automatic",
        "shared": "appRegistration",
    }


def test_each_that_is_left_out_has_its_reason(adopted: tuple[Stack, Any, Any]) -> None:
    reasons = {each["address"].rpartition("/")[2]: each["reason"] for each in adopted[1]["leftOut"]}
    assert sorted(reasons) == ["payments-legacy", "untrusted", "vpn"]
    assert reasons["payments-legacy"].startswith("it signs in with a secret")
    assert reasons["untrusted"].startswith("its identity does not trust it")
    assert reasons["vpn"].startswith("the stack 'network/prod' manages its application")


def test_the_file_keeps_what_it_said_and_says_everything_as_it_is(adopted: tuple[Stack, Any, Any]) -> None:
    stack = adopted[0]
    assert FILE.splitlines()[0] in path_of(stack).read_text()
    assert "  azure-native:location: westeurope # the usual one" in path_of(stack).read_text()
    shop = written(stack)["shop-deploy"]
    approvals = shop["checks"].pop("approvals")
    assert approvals["approval"]["timeoutMinutes"] == 600
    assert shop == {
        "project": "Payments",
        "connectionName": "Shop deploy",
        "description": "Deploys the shop",
        "appRegistration": {
            "adopted": True,
            "displayName": "svc-shop-deploy",
            "notes": "Ask Ada",
            "tags": ["team:payments", "WindowsAzureActiveDirectoryIntegratedApp"],
        },
        "subscription": {"id": PAYMENTS, "name": "Payments prod"},
        "federatedCredential": {"name": "ado-shop", "description": "Made in the portal"},
        "trusts": {
            "github-mirror": {
                "issuer": "https://token.actions.githubusercontent.com",
                "subject": "repo:contoso/shop:ref:refs/heads/main",
            }
        },
        "roles": {
            "reader": {"role": "Reader", "assignmentName": SECOND},
            "contributor": {
                "role": "Contributor",
                "scope": GROUP,
                "description": "Deploys",
                "assignmentName": FIRST,
            },
        },
        "pipelines": shop["pipelines"],
        "checks": {
            "branches": ["refs/heads/main"],
            "businessHours": {
                "days": ["monday", "tuesday"],
                "start": "08:00",
                "end": "17:00",
                "timeZone": "W. Europe Standard Time",
                "timeoutMinutes": 60,
            },
            "exclusiveLock": True,
        },
    }


def test_a_preview_and_an_update_change_nothing(adopted: tuple[Stack, Any, Any], sandbox: Sandbox) -> None:
    stack = adopted[0]
    stack.preview("--expect-no-changes")
    before = sandbox.control("GET", "dump")
    stack.up("--expect-no-changes")
    after = sandbox.control("GET", "dump")
    assert {key: after[key] for key in before if key != "settings"} == {
        key: before[key] for key in before if key != "settings"
    }


def test_each_connection_is_protected(adopted: tuple[Stack, Any, Any]) -> None:
    kinds = ("serviceEndpointAzureRM", "serviceendpointGenericV2")
    held = [each for each in adopted[0].resources() if any(kind in each["type"] for kind in kinds)]
    assert [each["urn"] for each in held if not each.get("protect")] == []
    assert len(held) == 7


def test_every_adopted_connection_is_proven(adopted: tuple[Stack, Any, Any]) -> None:
    stack = adopted[0]
    stack.up()
    done = run(["connections", "verify", "--stack", stack.name, "--json"], stack.environment, stack.folder)
    proofs = {each["key"]: each for each in json.loads(done.stdout)}
    assert {key: each["problem"] for key, each in proofs.items() if not each["ok"]} == {}
    assert len(proofs) == 7


def test_adopting_again_says_that_they_are_adopted(adopted: tuple[Stack, Any, Any]) -> None:
    stack = adopted[0]
    before = path_of(stack).read_text()
    report = adopt(stack, "--except", "payments-legacy", "--except", "untrusted", "--except", "vpn", code=3)
    assert (report["result"], report["adopted"]) == ("nothing", [])
    already = [each for each in report["leftOut"] if each["already"]]
    assert (len(already), {each["reason"] for each in already}) == (7, {"the stack has it already"})
    assert path_of(stack).read_text() == before
    assert adopt(stack, "--name", "hub")["result"] == "nothing"


def test_a_dry_run_shows_the_file_and_writes_nothing(adopted: tuple[Stack, Any, Any]) -> None:
    stack = adopted[0]
    done = run(
        ["connections", "adopt", "-s", "another", "--dry-run", "--name", "hub"],
        stack.environment,
        stack.folder,
    )
    assert done.returncode == 0, done.stderr
    shown = yaml.safe_load(done.stdout[: done.stdout.index("\n\n")])
    assert shown == {"hub": written(stack)["hub"]}
    assert "1 connection would be adopted; nothing was written." in done.stderr
    assert not (stack.folder / "stacks" / "Pulumi.another.yaml").exists()
    assert "another" not in stack.pulumi("stack", "ls", "--json")


def test_a_terraform_state_says_which_connections_and_learns_what_to_let_go(
    adopted: tuple[Stack, Any, Any], sandbox: Sandbox
) -> None:
    stack = adopted[0]
    ids = {each["key"]: each["id"] for each in adopted[1]["adopted"]}
    stack.folder.joinpath("terraform.tfstate").write_text(
        json.dumps(
            {
                "version": 4,
                "resources": [
                    {
                        "mode": "managed",
                        "type": "azuredevops_serviceendpoint_azurerm",
                        "name": "all",
                        "instances": [
                            {
                                "index_key": "shop",
                                "attributes": {
                                    "id": ids["shop-deploy"],
                                    "credentials": [{"serviceprincipalkey": "hunter2-in-state"}],
                                },
                            },
                            {"index_key": "gone", "attributes": {"id": FIRST}},
                        ],
                    },
                    {
                        "module": "module.roles",
                        "mode": "managed",
                        "type": "azurerm_role_assignment",
                        "name": "deploy",
                        "instances": [
                            {
                                "attributes": {
                                    "id": f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{FIRST}"
                                }
                            }
                        ],
                    },
                    {
                        "mode": "managed",
                        "type": "azurerm_user_assigned_identity",
                        "name": "network",
                        "instances": [{"attributes": {"id": NETWORK}}],
                    },
                ],
            }
        )
    )
    done = run(
        [
            *("connections", "adopt", "-s", "another", "--dry-run"),
            *("--terraform-state", "terraform.tfstate"),
        ],
        stack.environment,
        stack.folder,
    )
    assert done.returncode == 0, done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    commands = [line for line in done.stdout.splitlines() if line.startswith("terraform state rm")]
    assert commands == [
        "terraform state rm 'azuredevops_serviceendpoint_azurerm.all[\"shop\"]'",
        "terraform state rm 'module.roles.azurerm_role_assignment.deploy'",
    ]
    assert (
        '# Still Terraform\'s: azuredevops_serviceendpoint_azurerm.all["gone"], '
        "azurerm_user_assigned_identity.network" in done.stdout
    )


def test_a_role_is_changed_as_for_any_connection(adopted: tuple[Stack, Any, Any], sandbox: Sandbox) -> None:
    stack = adopted[0]
    document = yaml.safe_load(path_of(stack).read_text())
    role = document["config"][CONNECTIONS]["shop-deploy"]["roles"]["contributor"]
    role.update({"role": "Reader"})
    del role["assignmentName"]
    changed = deepcopy(document)
    stack.text(yaml.safe_dump(changed, sort_keys=False))
    stack.up()
    held = {each["name"]: each for each in sandbox.holds("role-assignments")}
    assert FIRST not in held
    assert SECOND in held
    stack.preview("--expect-no-changes")


def test_a_broken_import_leaves_file_and_state_as_they_were(
    make_stack: Callable[..., Stack], portal: Portal, sandbox: Sandbox
) -> None:
    stack = make_stack("broken").text(FILE).init()
    text, state = path_of(stack).read_text(), stack.resources()
    for count, path in ((1, "/servicePrincipals/[0-9a-f-]{36}$"), (1, "/roleAssignments/")):
        fault = {"service": "*", "status": 403, "path": path, "count": count, "method": "GET"}
        if path == "/roleAssignments/":
            fault |= {"path": f"/roleAssignments/{FIFTH}$"}
        sandbox.control("POST", "fail-next", json=fault)
        done = run(
            ["connections", "adopt", "-s", "broken", "--yes", "--name", "shared"],
            stack.environment,
            stack.folder,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "`pulumi import` failed" in done.stderr
        assert path_of(stack).read_text() == text
        assert stack.resources() == state
    fault = {"service": "graph", "status": 403, "path": "/servicePrincipals/[0-9a-f-]{36}$", "method": "GET"}
    sandbox.control("POST", "fail-next", json=fault)
    done = run(
        ["connections", "adopt", "-s", "fresh", "--yes", "--name", "shared"], stack.environment, stack.folder
    )
    assert "`pulumi import` failed" in done.stderr
    assert "fresh" not in stack.pulumi("stack", "ls", "--json")
    assert sorted(each.name for each in (stack.folder / "stacks").iterdir()) == ["Pulumi.broken.yaml"]
    sandbox.control("DELETE", "faults")
