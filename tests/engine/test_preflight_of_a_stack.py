"""A preflight agrees with the `up` that follows: it refuses what would fail, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from engine_stack import ROOT, Sandbox, Stack, run
from handmade_connections import PAYMENTS, Portal

SUBSCRIPTION = {"id": PAYMENTS, "name": "Payments production"}


@pytest.fixture
def weak(sandbox: Sandbox) -> dict[str, str]:
    """The variables of a caller that is Contributor of one subscription and nothing in the directory."""
    portal = Portal(sandbox)
    made = portal.application("weak")
    secret = portal.graph("POST", f"/applications/{made['id']}/addPassword", {"passwordCredential": {}})
    assignment = "22222222-2222-4222-8222-222222222222"
    portal.role(made["principalId"], "Contributor", f"/subscriptions/{PAYMENTS}", assignment)
    portal.close()
    variables = {"ARM_CLIENT_ID": made["appId"], "ARM_CLIENT_SECRET": secret["secretText"]}
    return {**variables, **{name.replace("ARM", "AZURE"): value for name, value in variables.items()}}


def preflight(stack: Stack, exit_code: int) -> list[dict[str, Any]]:
    done = run(
        ["connections", "verify", "--preflight", "--stack", stack.name, "--json"],
        stack.environment,
        stack.folder,
    )
    assert done.returncode == exit_code, done.stdout + done.stderr
    return [finding for row in json.loads(done.stdout) for finding in row["findings"]]


@pytest.mark.parametrize("name", ["sandbox", "matrix"])
def test_who_runs_the_stacks_of_this_repository_lacks_nothing(
    make_stack: Callable[..., Stack], name: str
) -> None:
    stack = make_stack(name).text((ROOT / "stacks" / f"Pulumi.{name}.yaml").read_text())
    assert preflight(stack, 0) == []


def test_what_a_preflight_objects_to_fails_and_the_rest_comes_up(
    make_stack: Callable[..., Stack], weak: dict[str, str]
) -> None:
    stack = make_stack("preflight")
    stack.environment |= weak
    connection = {
        "project": "Payments",
        "appRegistration": {},
        "subscription": SUBSCRIPTION,
        "roles": {"look": {"role": "Reader"}},
        "pipelines": ["deploy-payments"],
    }
    stack.connections({"new": connection})
    found = preflight(stack, 3)
    assert [(each["kind"], each["code"]) for each in found] == [
        ("right-lacking", "Authorization_RequestDenied"),
        ("right-lacking", "AuthorizationFailed"),
    ]
    stack.init()
    assert "Authorization_RequestDenied" in stack.up(fails=True)
    identity = {"name": "id-of-the-weak", "resourceGroup": "rg-payments"}
    possible = {
        key: value for key, value in connection.items() if key not in ("appRegistration", "roles")
    } | {"managedIdentity": identity}
    stack.connections({"new": {**possible, "roles": connection["roles"]}})
    (found_then,) = preflight(stack, 3)
    assert found_then["code"] == "AuthorizationFailed"
    assert "AuthorizationFailed" in stack.up(fails=True)
    stack.connections({"new": possible})
    assert preflight(stack, 0) == []
    stack.up()
