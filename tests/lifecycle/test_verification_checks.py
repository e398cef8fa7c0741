"""Proving who may use connections: what holds a run up, and what a project hands down."""

from dataclasses import replace
from typing import Any

import pytest
from served_cloud import World

from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.stack_output import Connection
from azure_service_connections.lifecycle.verification import Verification
from azure_service_connections.sandbox.devops.identities import identities_of

TASK = {"id": "fe1de3ee-a436-41b4-bb20-f6eb4cb879a7"}
AGAIN = "let it pass in Azure DevOps or change the connection's `checks:`, and run the command again"


def add_check(
    world: World, kind: dict[str, str], settings: Any, connection: Connection | None = None
) -> None:
    """Protect a connection, by default shop, by one check."""
    protected = connection or world.shop()
    world.put(
        "checks",
        {
            "id": 1,
            "organization": "fabrikam",
            "projectId": protected.project_id,
            "resource": {"id": protected.connection_id, "type": "endpoint", "name": protected.name},
            "type": kind,
            "settings": settings,
            "timeout": 60,
            "version": 1,
        },
        "fabrikam/1",
    )


def approver(world: World) -> str:
    organization = world.cloud.store.get("organizations", "fabrikam")
    assert organization is not None
    return next(
        each.id for each in identities_of(world.cloud, organization) if each.account == "kim@fabrikam.example"
    )


def test_a_run_that_waits_for_an_approval_is_ended_and_the_sign_in_is_tried(
    world: World, services: Services
) -> None:
    settings = {"approvers": [{"id": approver(world)}]}
    add_check(world, {"id": "8c6f20a7-a545-4486-9777-f762fafe0d4d"}, settings)
    proof = Verification(services).prove(world.shop())
    assert (proof.ok, proof.problem) == (True, "")
    assert (proof.token, proof.read, proof.write, proof.outside) == ("tried", "held", "held", "held")
    assert proof.waits == (
        "Run 1 waits: Kim Lee must approve its use of the service connection shop (pipeline 'deploy')"
    )
    (held,) = [run for run in world.cloud.store.find("runs") if run["checks"]]
    assert held["result"] == "canceled"


def test_a_sign_in_that_is_refused_while_the_run_waits_is_told(world: World, services: Services) -> None:
    settings = {"approvers": [{"id": approver(world)}]}
    add_check(world, {"id": "8c6f20a7-a545-4486-9777-f762fafe0d4d"}, settings)
    credential = world.one("federated-credentials", name="connection-shop")
    world.put("federated-credentials", {**credential, "subject": "another"})
    proof = Verification(services).prove(world.shop())
    assert (proof.ok, proof.token) == (False, "refused")
    assert proof.problem.startswith("AADSTS700213: ")


@pytest.mark.parametrize("allowed", ["refs/heads/release/*", "refs/heads/main"])
def test_a_run_that_a_check_ends_is_told(world: World, services: Services, allowed: str) -> None:
    inputs = {"allowedBranches": allowed, "ensureProtectionOfBranch": "true"}
    definition = {"id": "86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b"}
    add_check(world, TASK, {"definitionRef": definition, "inputs": inputs})
    proof = Verification(services).prove(world.shop())
    assert proof.problem.startswith("Run 1 is over: it ended with failed: The branch refs/heads/main is ")
    assert proof.problem.endswith("(check of the service connection shop) (pipeline 'deploy')")
    assert proof.fix == AGAIN


def test_an_exclusive_lock_that_is_free_holds_no_proof(world: World, services: Services) -> None:
    add_check(world, {"id": "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563"}, {})
    assert Verification(services).prove(world.shop()).problem == ""


def test_a_check_of_another_connection_does_not_stand_in_the_way(world: World, services: Services) -> None:
    settings = {"approvers": [{"id": approver(world)}]}
    add_check(world, {"id": "8c6f20a7-a545-4486-9777-f762fafe0d4d"}, settings, world.audit())
    proof = Verification(services).prove(world.shop())
    assert (proof.problem, proof.otherPipeline) == ("", "refused")
    held = [run for run in world.cloud.store.find("runs") if run["checks"]]
    assert [run["result"] for run in held] == ["canceled"]


def test_roles_that_a_project_hands_down_are_told_where_the_stack_wants_none(
    world: World, services: Services
) -> None:
    connection = replace(world.shop(), inherits_permissions=False)
    proof = Verification(services).prove(connection)
    assert proof.problem == (
        f"the project '{connection.project}' hands roles on it down to [Web]\\Contributors (User) and "
        "[Web]\\Endpoint Administrators (Administrator)"
    )
    assert proof.fix == "turn inheritance off in the connection's security settings in Azure DevOps"
    path = (
        "/_apis/securityroles/scopes/distributedtask.serviceendpointrole/roleassignments/resources/"
        f"{connection.project_id}_{connection.connection_id}"
    )
    parameters = {"inheritPermissions": "false"}
    assert services.devops("PATCH", path, version="7.1-preview.1", parameters=parameters).successful
    assert Verification(services).prove(connection).problem == ""
