"""Proving connections that sign in as the machine that runs the job."""

import pytest
from served_cloud import ROLES, World

from azure_service_connections.lifecycle.job_steps import Step
from azure_service_connections.lifecycle.pipeline_runs import PipelineRun, PipelineRuns
from azure_service_connections.lifecycle.services import Services, checked
from azure_service_connections.lifecycle.stack_output import Connection, Pipeline, Role
from azure_service_connections.lifecycle.verification import Proof, Verification
from azure_service_connections.sandbox.devops import runs as sandbox_runs


def states(proof: Proof) -> tuple[str, ...]:
    return (proof.token, proof.read, proof.write, proof.outside, proof.otherPipeline)


def made(world: World, services: Services, *pipelines: str, named: bool = True) -> Connection:
    """A connection as the machine; `named` says whether the stack names the principal and a role."""
    project, subscription = world.one("projects", name="Web"), world.subscription("Shop")
    principal = world.one("service-principals", displayName="id-agents")
    body = {
        "name": "machine",
        "type": "azurerm",
        "url": "https://management.azure.com/",
        "authorization": {
            "scheme": "ManagedServiceIdentity",
            "parameters": {"tenantid": principal["tenantId"]},
        },
        "data": {
            "environment": "AzureCloud",
            "scopeLevel": "Subscription",
            "subscriptionId": subscription,
            "subscriptionName": "Shop",
        },
        "serviceEndpointProjectReferences": [
            {"name": "machine", "projectReference": {"id": project["id"], "name": "Web"}}
        ],
    }
    endpoint = checked(services.devops("POST", "/_apis/serviceendpoint/endpoints", body=body), "Making one")
    allowed = [Pipeline(world.one("pipelines", name=name)["id"], name, project["id"]) for name in pipelines]
    path = f"/{project['id']}/_apis/pipelines/pipelinepermissions/endpoint/{endpoint['id']}"
    permitted = {"pipelines": [{"id": each.id, "authorized": True} for each in allowed]}
    checked(services.devops("PATCH", path, version="7.1-preview.1", body=permitted), "Opening it")
    scope = f"/subscriptions/{subscription}/resourceGroups/rg-shop"
    definition = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/"
    return Connection(
        key="machine",
        connection_id=endpoint["id"],
        name="machine",
        project_id=project["id"],
        project="Web",
        client_id="",
        principal_id=principal["id"] if named else "",
        tenant_id=principal["tenantId"],
        scope=f"/subscriptions/{subscription}",
        identity="agentIdentity",
        pipelines=tuple(allowed),
        roles=(Role("look", "Reader", scope, definition + ROLES["Reader"]),) if named else (),
        credential="agent",
    )


def test_a_job_signs_in_as_its_machine_and_does_what_the_roles_of_that_allow(
    world: World, services: Services
) -> None:
    proof = Verification(services).prove(made(world, services, "on-own-machines"))
    assert proof.problem == ""
    assert states(proof) == ("done", "done", "refused", "refused", "refused")
    assert [each for each in world.cloud.traffic.entries if "oidctoken" in each.path] == []
    assert world.cloud.store.find("runs")[0]["result"] == "succeeded"


def test_of_a_machine_that_the_stack_does_not_name_it_is_proven_that_it_signs_in(
    world: World, services: Services
) -> None:
    proof = Verification(services).prove(made(world, services, "on-own-machines", named=False))
    assert proof.problem == ""
    assert states(proof) == ("done", "not tried", "not tried", "not tried", "refused")


@pytest.mark.parametrize("pipeline", ["on-bare-machines", "deploy"])
def test_a_machine_without_an_identity_is_a_finding(world: World, services: Services, pipeline: str) -> None:
    proof = Verification(services).prove(made(world, services, pipeline))
    assert proof.token == "refused"
    assert proof.problem == "ManagedIdentityNotFound: the agent that takes the job has no managed identity"
    assert proof.fix == "let the pipeline run on agents of your own in Azure (`pool:`) that have one"


def test_the_role_of_another_principal_than_that_of_the_machine_is_of_no_use(
    world: World, services: Services
) -> None:
    connection = made(world, services, "on-own-machines")
    principal = connection.principal_id
    held = world.one("role-assignments", principalId=principal)
    other = world.one("service-principals", displayName="science")["id"]
    world.put("role-assignments", {**held, "principalId": other})
    proof = Verification(services).prove(connection)
    assert (proof.token, proof.read) == ("done", "refused")
    assert proof.problem.startswith("AuthorizationFailed: no role of the identity allows it there")


def test_a_pipeline_that_may_not_use_the_connection_does_not_start_on_the_machine_either(
    world: World, services: Services
) -> None:
    connection = made(world, services, "on-bare-machines")
    own = next(
        each for each in PipelineRuns(services).pipelines(connection) if each.name == "on-own-machines"
    )
    started = PipelineRuns(services).start(connection, own)
    assert not isinstance(started, PipelineRun)
    assert started.names(connection)


def test_a_machine_gives_no_token_once_the_run_is_over(world: World, services: Services) -> None:
    runs, connection = PipelineRuns(services), made(world, services, "on-own-machines")
    run = runs.start(connection, connection.pipelines[0])
    assert isinstance(run, PipelineRun)
    world.after(r"GET .*/agent$", lambda: sandbox_runs.complete(world.cloud, "fabrikam", run.id, "canceled"))
    (outcome,) = runs.work(run, connection, [Step("token", {"kind": "signIn"}, False)])
    assert outcome["outcome"] == "refused"
    assert "managed identity" in outcome["message"]
