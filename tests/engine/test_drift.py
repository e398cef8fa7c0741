"""What people change by hand after `up` is found by `connections verify --stack`, with what to do."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from engine_stack import CONNECTIONS, Sandbox, Stack, run
from handmade_connections import AUDIENCE, LOCK, PAYMENTS, Portal

SUBSCRIPTION = {"id": PAYMENTS, "name": "Payments production"}
GROUP = f"/subscriptions/{PAYMENTS}/resourceGroups/rg-payments"
STACK = {
    "shop": {
        "project": "Payments",
        "description": "Deploys the shop",
        "appRegistration": {},
        "subscription": SUBSCRIPTION,
        "roles": {
            "deploy": {"role": "Reader"},
            "grant": {
                "role": "Role Based Access Control Administrator",
                "scope": GROUP,
                "condition": "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})))",
            },
        },
        "pipelines": ["deploy-payments"],
        "checks": {
            "branches": ["refs/heads/main"],
            "exclusiveLock": True,
            "businessHours": {
                "days": ["monday", "tuesday"],
                "start": "08:00",
                "end": "18:00",
                "timeZone": "UTC",
            },
        },
    },
    "shared": {
        "project": "Payments",
        "managedIdentity": {"name": "id-shared", "resourceGroup": "rg-payments"},
        "subscription": SUBSCRIPTION,
        "roles": {"look": {"role": "Reader"}},
        "sharedWith": ["Platform"],
        "pipelines": ["plan-payments"],
    },
}


@dataclass
class Deployed:
    """The stack, and somebody who changes things by hand."""

    stack: Stack
    sandbox: Sandbox
    portal: Portal

    def findings(self, exit_code: int = 3) -> list[tuple[str, str]]:
        """The connection and the kind of each finding."""
        return [(each["connection"], each["kind"]) for each in self.told(exit_code)]

    def told(self, exit_code: int = 3) -> list[dict[str, Any]]:
        # Without a sandbox that takes jobs Azure DevOps signs in, which is quick.
        environment = {key: value for key, value in self.stack.environment.items() if key != "SANDBOX_URL"}
        done = run(
            ["connections", "verify", "--stack", self.stack.name, "--json"], environment, self.stack.folder
        )
        assert done.returncode == exit_code, done.stdout + done.stderr
        return [finding for row in json.loads(done.stdout) for finding in row["findings"]]

    def output(self, key: str) -> dict[str, Any]:
        return dict(self.stack.outputs()[key])

    def application(self) -> str:
        client = self.output("shop")["clientId"]
        return str(next(each["id"] for each in self.sandbox.holds("applications") if each["appId"] == client))

    def checks(self) -> dict[int, dict[str, Any]]:
        return {
            each["id"]: each
            for each in self.sandbox.holds("checks")
            if each["resource"]["id"].lower() == self.output("shop")["connectionId"].lower()
        }

    def check(self, method: str, identifier: int, body: Any = None) -> Any:
        path = f"/{self.output('shop')['projectId']}/_apis/pipelines/checks/configurations/{identifier}"
        return self.portal.devops(method, path, body, "7.1-preview.1")

    def mend(self) -> None:
        self.stack.up("--refresh")


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, make_stack: Callable[..., Stack]) -> Iterator[Deployed]:
    stack = make_stack("drift").text(yaml.safe_dump({"config": {CONNECTIONS: STACK}})).init()
    stack.up()
    portal = Portal(sandbox)
    yield Deployed(stack, sandbox, portal)
    portal.close()


def test_nothing_is_found_after_up(deployed: Deployed) -> None:
    assert deployed.findings(0) == []


def test_an_extra_credential_is_found_and_removed_by_the_command_it_names(deployed: Deployed) -> None:
    application = deployed.application()
    body = {
        "name": "somebody-else",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:contoso/shop:ref:refs/heads/main",
        "audiences": [AUDIENCE],
    }
    made = deployed.portal.graph("POST", f"/applications/{application}/federatedIdentityCredentials", body)
    (found,) = deployed.told()
    assert (found["connection"], found["kind"], found["code"]) == ("shop", "extra-credential", "")
    assert "trusts repo:contoso/shop:ref:refs/heads/main of https://token.actions" in found["what"]
    assert f"--federated-credential-id {made['id']}" in found["fix"]
    assert "`trusts:`" in found["fix"]
    deployed.portal.graph("DELETE", f"/applications/{application}/federatedIdentityCredentials/{made['id']}")


def test_a_secret_of_an_application_that_needs_none_is_found(deployed: Deployed) -> None:
    application = deployed.application()
    made = deployed.portal.graph(
        "POST",
        f"/applications/{application}/addPassword",
        {"passwordCredential": {"displayName": "for a script"}},
    )
    (found,) = deployed.told()
    assert found["kind"] == "extra-credential"
    assert "has a secret 'for a script' that the stack did not make" in found["what"]
    assert f"--key-id {made['keyId']}" in found["fix"]
    deployed.portal.graph("POST", f"/applications/{application}/removePassword", {"keyId": made["keyId"]})


def test_an_extra_role_and_one_that_is_gone_are_found(deployed: Deployed) -> None:
    principal = deployed.output("shared")["principalId"]
    name = "11111111-1111-4111-8111-111111111111"
    deployed.portal.role(principal, "Contributor", GROUP, name)
    (found,) = deployed.told()
    assert (found["connection"], found["kind"]) == ("shared", "extra-role")
    assert found["what"] == f"its identity has the role 'Contributor' at {GROUP}"
    assert "az role assignment delete --ids" in found["fix"]
    assignment = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{name}"
    deployed.portal.azure("DELETE", assignment, "2022-04-01")
    own = next(
        each["id"] for each in deployed.sandbox.holds("role-assignments") if each["principalId"] == principal
    )
    deployed.portal.azure("DELETE", own, "2022-04-01")
    assert deployed.findings() == [("shared", "role-missing")]
    deployed.mend()
    assert deployed.findings(0) == []


def test_a_condition_that_was_taken_off_is_found(deployed: Deployed) -> None:
    principal = deployed.output("shop")["principalId"]
    held = next(
        each
        for each in deployed.sandbox.holds("role-assignments")
        if each["principalId"] == principal and each.get("condition")
    )
    guid = held["roleDefinitionId"].rpartition("/")[2]
    body = {
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{guid}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
        }
    }
    deployed.portal.azure("PUT", held["id"], "2022-04-01", body)
    (found,) = deployed.told()
    assert found["kind"] == "role-changed"
    assert found["what"].endswith("is gone")
    deployed.mend()
    assert deployed.findings(0) == []


def test_a_pipeline_opened_by_hand_and_all_of_them_are_found(deployed: Deployed) -> None:
    connection = {"id": deployed.output("shop")["connectionId"]}
    other = deployed.portal.pipeline("Payments", "nightly-payments")
    deployed.portal.allow("Payments", connection, other)
    (found,) = deployed.told()
    assert (found["kind"], found["what"]) == (
        "extra-pipeline",
        "the pipeline 'nightly-payments' of 'Payments' may use it",
    )
    deployed.portal.allow("Payments", connection, everyone=True)
    assert deployed.findings() == [("shop", "open-to-all"), ("shop", "extra-pipeline")]
    path = (
        f"/{deployed.output('shop')['projectId']}/_apis/pipelines/pipelinepermissions/endpoint/"
        f"{connection['id']}"
    )
    body = {"allPipelines": {"authorized": False}, "pipelines": [{"id": other, "authorized": False}]}
    deployed.portal.devops("PATCH", path, body, "7.1-preview.1")
    assert deployed.findings(0) == []


def test_a_pipeline_that_was_taken_out_is_found_and_given_back(deployed: Deployed) -> None:
    output = deployed.output("shop")
    path = f"/{output['projectId']}/_apis/pipelines/pipelinepermissions/endpoint/{output['connectionId']}"
    body = {"pipelines": [{"id": output["pipelines"][0]["id"], "authorized": False}]}
    deployed.portal.devops("PATCH", path, body, "7.1-preview.1")
    (found,) = deployed.told()
    assert (found["kind"], found["fix"]) == ("pipeline-not-permitted", "run `pulumi up --refresh`")
    deployed.mend()
    assert deployed.findings(0) == []


def test_a_check_that_is_changed_switched_off_or_removed_is_found(deployed: Deployed) -> None:
    checks = deployed.checks()
    branch = next(
        number
        for number, each in checks.items()
        if "allowedBranches" in (each["settings"] or {}).get("inputs", {})
    )
    settings = checks[branch]["settings"]
    held = {"type": checks[branch]["type"], "settings": settings, "timeout": checks[branch]["timeout"]}
    settings["inputs"]["allowedBranches"] = "refs/heads/main,refs/heads/hotfix"
    deployed.check("PATCH", branch, held)
    (found,) = deployed.told()
    assert found["kind"] == "check-changed"
    assert found["what"] == (
        "its check 'branch control' was changed: branches is refs/heads/hotfix, refs/heads/main, not "
        "refs/heads/main"
    )
    deployed.check("PATCH", branch, {**held, "isDisabled": True})
    assert deployed.findings() == [("shop", "check-off"), ("shop", "check-changed")]
    deployed.check("DELETE", branch)
    assert deployed.findings() == [("shop", "check-missing")]
    deployed.mend()
    assert deployed.findings(0) == []


def test_a_check_that_somebody_added_is_found(deployed: Deployed) -> None:
    output = deployed.output("shared")
    made = deployed.portal.check("Payments", {"id": output["connectionId"], "name": "shared"}, LOCK, {}, 60)
    (found,) = deployed.told()
    assert (found["connection"], found["kind"]) == ("shared", "extra-check")
    path = f"/{output['projectId']}/_apis/pipelines/checks/configurations/{made['id']}"
    deployed.portal.devops("DELETE", path, version="7.1-preview.1")


def test_another_description_and_another_project_are_found(deployed: Deployed) -> None:
    output = deployed.output("shop")
    path = f"/{output['projectId']}/_apis/serviceendpoint/endpoints/{output['connectionId']}"
    held = deployed.portal.devops("GET", path)
    held["description"] = "Mine"
    for each in held["serviceEndpointProjectReferences"]:
        each["description"] = "Mine"
    deployed.portal.devops("PUT", f"/_apis/serviceendpoint/endpoints/{output['connectionId']}", held)
    (found,) = deployed.told()
    assert (found["kind"], found["what"]) == (
        "description-changed",
        "its description is 'Mine', not 'Deploys the shop'",
    )
    deployed.mend()
    platform = deployed.portal.project("Platform")
    shared = [{"name": "shop", "projectReference": {"id": platform["id"], "name": "Platform"}}]
    deployed.portal.devops("PATCH", f"/_apis/serviceendpoint/endpoints/{output['connectionId']}", shared)
    assert deployed.findings() == [("shop", "extra-project")]
