"""The sandbox's own stack: up, up again, verified, refreshed and destroyed."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engine_stack import ROOT, Sandbox, Stack, run

ESTATE_APPLICATIONS = {"platform-automation", "legacy-deployer", "certificate-deployer"}


@pytest.fixture(scope="module")
def before(sandbox: Sandbox) -> dict[str, Any]:
    """What the services hold before anything is brought up."""
    return dict(sandbox.control("GET", "dump"))


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, before: dict[str, Any], make_stack: Callable[..., Stack]) -> Iterator[Stack]:
    stack = make_stack("sandbox")
    stack.text((ROOT / "stacks" / "Pulumi.sandbox.yaml").read_text()).init()
    stack.up()
    yield stack
    stack.destroy()
    kept = sandbox.control("GET", "dump")
    for collection in (
        "endpoints",
        "applications",
        "service-principals",
        "federated-credentials",
        "resources",
    ):
        assert sorted(kept.get(collection, {})) == sorted(before.get(collection, {})), collection
    assert sorted(kept["role-assignments"]) == sorted(before["role-assignments"])


def test_a_second_up_changes_nothing(deployed: Stack) -> None:
    deployed.up("--expect-no-changes")


def test_what_the_services_hold_is_what_the_state_says(deployed: Stack) -> None:
    deployed.pulumi("refresh", "--stack", deployed.name, "--yes", "--skip-preview", "--expect-no-changes")


def test_a_connection_exists_before_its_credential_and_pipelines_come_last(
    deployed: Stack, sandbox: Sandbox
) -> None:
    outputs = deployed.outputs()
    requests = sandbox.requests()
    times = {
        key: {
            "connection": first(requests, "GET", f"/endpoints/{output['connectionId']}"),
            "pipelines": first(requests, "PATCH", f"/pipelinepermissions/endpoint/{output['connectionId']}"),
        }
        for key, output in outputs.items()
    }
    for key, moments in times.items():
        assert moments["connection"] < moments["pipelines"], key
    application = outputs["payments-production"]
    object_id = next(
        each["id"] for each in sandbox.holds("applications") if each["appId"] == application["clientId"]
    )
    credential = first(requests, "POST", f"/applications/{object_id}/federatedIdentityCredentials")
    role = first(requests, "PUT", "/roleAssignments/")
    assert role < times["payments-production"]["connection"] < credential
    assert credential < times["payments-production"]["pipelines"]


def test_a_credential_trusts_exactly_its_connection(deployed: Stack, sandbox: Sandbox) -> None:
    credentials = sandbox.holds("federated-credentials")
    for key, output in deployed.outputs().items():
        trusting = [each for each in credentials if each["subject"] == output["subject"]]
        assert len(trusting) == 1, key
        assert trusting[0]["issuer"] == output["issuer"]
        assert trusting[0]["audiences"] == ["api://AzureADTokenExchange"]
        assert output["subject"].endswith(f"/sc/{organization(sandbox)}/{output['connectionId']}")


def test_applications_are_single_tenant_and_hold_no_secret(deployed: Stack, sandbox: Sandbox) -> None:
    made = [each for each in sandbox.holds("applications") if each["displayName"] not in ESTATE_APPLICATIONS]
    assert len(made) == 2
    for application in made:
        assert application["signInAudience"] == "AzureADMyOrg"
        assert not application.get("passwordCredentials")
        assert not application.get("keyCredentials")


def test_only_the_named_pipelines_may_use_a_connection(deployed: Stack, sandbox: Sandbox) -> None:
    granted = json.dumps(sandbox.holds("pipeline-permissions"))
    for output in deployed.outputs().values():
        assert output["pipelines"]
        assert output["connectionId"] in granted
    assert not any(permission.get("allPipelines") for permission in sandbox.holds("pipeline-permissions"))


def test_identities_hold_the_declared_roles_and_no_other(deployed: Stack, sandbox: Sandbox) -> None:
    outputs = deployed.outputs()
    declared = {
        (output["principalId"], role["scope"].lower(), role["roleDefinitionId"].rsplit("/", 1)[-1])
        for output in outputs.values()
        for role in output["roles"]
    }
    principals = {output["principalId"] for output in outputs.values()}
    held = {
        (
            each["principalId"],
            each["scope"].lower(),
            each["roleDefinitionId"].rsplit("/", 1)[-1],
        )
        for each in (document.get("properties", document) for document in sandbox.holds("role-assignments"))
        if each["principalId"] in principals
    }
    estates = {entry for entry in held if entry[1] == "/subscriptions/6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02"}
    assert held - declared <= estates
    assert declared <= held


def test_verify_proves_every_connection(deployed: Stack, sandbox: Sandbox) -> None:
    done = run(
        ["connections", "verify", "--stack", deployed.name, "--json"], deployed.environment, deployed.folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(done.stdout)
    assert [row["key"] for row in rows if row["ok"]] == list(deployed.outputs())


def first(requests: list[dict[str, Any]], method: str, part: str) -> int:
    """The position of the first request of a method whose path holds a text."""
    return next(
        position
        for position, request in enumerate(requests)
        if request["method"] == method and part.lower() in request["path"].lower()
    )


def organization(sandbox: Sandbox) -> str:
    return str(sandbox.holds("organizations")[0]["id"])
