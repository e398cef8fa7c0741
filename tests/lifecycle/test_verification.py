"""Proving connections: a run, a sign-in with the real library, reading and writing with the real client."""

import subprocess
from dataclasses import replace
from typing import Any

import pytest
from served_cloud import World

from azure_service_connections.lifecycle.errors import SettingError
from azure_service_connections.lifecycle.job_steps import Step
from azure_service_connections.lifecycle.pipeline_runs import PipelineRun, PipelineRuns
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.verification import Proof, Verification


def states(proof: Proof) -> tuple[str, ...]:
    return (proof.token, proof.read, proof.write, proof.outside, proof.otherPipeline)


def test_every_connection_does_what_its_role_allows_and_nothing_else(
    world: World, services: Services
) -> None:
    told: list[tuple[str, int, int]] = []
    proofs = Verification(services).prove_all(
        [world.shop(), world.audit(), world.network()],
        lambda proof, done, of: told.append((proof.key, done, of)),
    )
    assert [proof.problem for proof in proofs] == ["", "", ""]
    assert [states(proof) for proof in proofs] == [
        ("done", "done", "done", "refused", "refused"),
        ("done", "done", "refused", "refused", "refused"),
        ("done", "done", "done", "refused", "refused"),
    ]
    assert [proof.pipeline for proof in proofs] == ["deploy", "report", "deploy"]
    assert sorted(key for key, _, _ in told) == ["audit", "network", "shop"]
    assert [(done, of) for _, done, of in told] == [(1, 3), (2, 3), (3, 3)]


def test_what_a_proof_writes_is_gone_afterwards_and_its_runs_are_over(
    world: World, services: Services
) -> None:
    before = {each["id"] for each in world.cloud.store.find("resources")}
    Verification(services).prove_all([world.shop(), world.network()])
    written = [
        entry.path
        for entry in world.cloud.traffic.entries
        if entry.method in ("PUT", "PATCH", "DELETE") and entry.service == "arm" and entry.status < 300
    ]
    assert any("/tags/default" in path for path in written)
    assert any("networkSecurityGroups/" in path for path in written)
    assert {each["id"] for each in world.cloud.store.find("resources")} == before
    assert not world.one("subscriptions", name="Shop").get("tags")
    assert {run["state"] for run in world.cloud.store.find("runs")} == {"completed"}


def test_a_run_uses_the_connection_that_is_proven_where_its_pipeline_takes_one(
    world: World, services: Services
) -> None:
    Verification(services).prove(world.network())
    run = world.cloud.store.find("runs")[0]
    assert run["endpoints"] == [world.network().connection_id]
    assert run["result"] == "succeeded"


def test_a_pipeline_that_may_not_use_a_connection_is_refused_at_its_start(
    world: World, services: Services
) -> None:
    endpoint = world.shop().connection_id
    for each in world.cloud.store.find("pipeline-permissions", resourceId=endpoint):
        key = f"{each['projectId']}/endpoint/{endpoint}"
        world.put("pipeline-permissions", {**each, "pipelines": []}, key)
    proof = Verification(services).prove(world.shop())
    assert not proof.ok
    assert proof.problem.startswith("no run of 'deploy' starts: PipelineValidationException")
    assert "'shop'" in proof.problem
    assert proof.fix.startswith("name the pipeline under `pipelines:`")
    assert proof.token == "not tried"


def test_a_running_job_of_another_pipeline_gets_no_token_for_a_connection(
    world: World, services: Services
) -> None:
    runs, shop = PipelineRuns(services), world.shop()
    lint = next(each for each in runs.pipelines(shop) if each.name == "lint")
    run = runs.start(shop, lint)
    assert isinstance(run, PipelineRun)
    assert not run.uses_connection
    (outcome,) = runs.work(run, shop, [Step("token", {"kind": "signIn"}, False)])
    assert outcome["outcome"] == "refused"
    assert f"lint is not authorized to use the service connection {shop.connection_id}" in outcome["message"]
    assert world.one("runs")["result"] == "succeeded"


def test_a_subject_that_differs_in_the_case_of_one_letter_is_refused(
    world: World, services: Services
) -> None:
    credential = world.one("federated-credentials", name="connection-shop")
    at = next(index for index, letter in enumerate(credential["subject"]) if letter.isalpha())
    subject = credential["subject"]
    other = subject[:at] + subject[at].swapcase() + subject[at + 1 :]
    world.put("federated-credentials", {**credential, "subject": other})
    proof = Verification(services).prove(world.shop())
    assert proof.token == "refused"
    assert proof.problem.startswith("AADSTS7002138: ")
    assert "letter by letter" in proof.fix
    assert states(proof)[1:4] == ("not tried",) * 3


def test_a_missing_role_is_refused_by_azure(world: World, services: Services) -> None:
    shop = world.shop()
    for each in world.cloud.store.find("role-assignments", principalId=shop.principal_id):
        world.cloud.store.remove("role-assignments", each["id"].lower())
    proof = Verification(services).prove(shop)
    assert (proof.token, proof.read) == ("done", "refused")
    assert proof.problem.startswith("AuthorizationFailed: no role of the identity allows it there")
    assert f"read at {shop.scope}" in proof.problem
    assert "under `roles:`" in proof.fix
    assert world.cloud.store.find("runs")[0]["result"] == "failed"


def test_a_request_outside_of_the_scope_is_refused_by_azure(world: World, services: Services) -> None:
    runs, audit = PipelineRuns(services), world.audit()
    run = runs.start(audit, audit.pipelines[0])
    assert isinstance(run, PipelineRun)
    outside = world.group("Elsewhere", "rg-elsewhere")
    reading = {"kind": "readGroup", "subscriptionId": world.subscription("Elsewhere"), "scope": outside}
    signed_in, read = runs.work(
        run, audit, [Step("token", {"kind": "signIn"}, True), Step("outside", reading, False, outside)]
    )
    assert signed_in["outcome"] == "done"
    assert (read["outcome"], read["code"]) == ("refused", "AuthorizationFailed")


def test_an_identity_that_reaches_further_than_the_stack_says_is_found(
    world: World, services: Services
) -> None:
    audit = world.audit()
    assignment = world.one("role-assignments", principalId=audit.principal_id)

    def widen() -> None:
        wider = f"{assignment['id']}-wider"
        world.put("role-assignments", {**assignment, "id": wider, "scope": "/"}, wider.lower())

    # The operator has looked by then where the identity reaches.
    world.after(r"POST .*/oidctoken", widen)
    proof = Verification(services).prove(audit)
    assert proof.outside == "done"
    assert proof.problem.startswith("it reads at ")
    assert "which no role of it allows" in proof.problem


def test_an_assertion_that_has_expired_is_refused(world: World, services: Services) -> None:
    runs, shop = PipelineRuns(services), world.shop()
    run = runs.start(shop, shop.pipelines[0])
    assert isinstance(run, PipelineRun)
    two_days = 2 * 24 * 60 * 60
    world.after(r"POST .*/oidctoken", lambda: world.cloud.clock.advance(two_days))
    (outcome,) = runs.work(run, shop, [Step("token", {"kind": "signIn"}, False)])
    assert outcome["outcome"] == "refused"
    assert "AADSTS700024" in outcome["message"]


def test_a_token_that_arrives_late_is_asked_for_again(world: World, services: Services) -> None:
    credential = world.one("federated-credentials", name="connection-shop")
    world.cloud.store.remove("federated-credentials", credential["id"])

    def come_after_the_next_refusal() -> None:
        world.after(r"POST .*/oauth2/v2.0/token", lambda: world.put("federated-credentials", credential))

    world.after(r"POST .*/oidctoken", come_after_the_next_refusal)
    proof = Verification(services).prove(world.shop())
    assert proof.token == "done"
    assert proof.ok


def test_a_connection_without_roles_signs_in_and_may_do_nothing(world: World, services: Services) -> None:
    for each in world.cloud.store.find("role-assignments", principalId=world.audit().principal_id):
        world.cloud.store.remove("role-assignments", each["id"].lower())
    bare = world.connection("audit", world.group("Shop", "rg-shop"), None, "report")
    proof = Verification(services).prove(bare)
    assert states(proof) == ("done", "refused", "refused", "refused", "refused")
    assert proof.ok


def test_a_connection_to_a_management_group_reaches_what_is_in_it_and_nothing_else(
    world: World, services: Services
) -> None:
    scope = "/providers/Microsoft.Management/managementGroups/retail"
    proof = Verification(services).prove(world.connection("retail", scope, "Contributor", "deploy"))
    assert proof.problem == ""
    assert states(proof) == ("done", "done", "done", "refused", "refused")
    paths = [entry.path for entry in world.cloud.traffic.entries if entry.service == "arm"]
    assert f"/subscriptions/{world.subscription('Shop')}/providers/Microsoft.Resources/tags/default" in paths
    assert world.group("Elsewhere", "rg-elsewhere") in [
        path.replace("resourcegroups", "resourceGroups") for path in paths
    ]


def test_in_a_management_group_without_subscriptions_nothing_can_be_written(
    world: World, services: Services
) -> None:
    retail = world.one("service-principals", displayName="retail")["id"]
    held = world.one("role-assignments", principalId=retail)
    scope = "/providers/Microsoft.Management/managementGroups/empty"
    world.put("role-assignments", {**held, "scope": scope})
    proof = Verification(services).prove(world.connection("retail", scope, "Contributor", "deploy"))
    assert proof.problem == ""
    assert states(proof) == ("done", "done", "not tried", "refused", "refused")


def test_a_connection_to_a_workspace_reads_it(world: World, services: Services) -> None:
    kind = "Microsoft.MachineLearningServices/workspaces"
    scope = f"{world.group('Shop', 'rg-books')}/providers/{kind}/ml-books"
    science = world.one("service-principals", displayName="science")["id"]
    reader = world.one("role-assignments", principalId=world.audit().principal_id)
    assignment = {**reader, "id": f"{scope}/x", "scope": scope, "principalId": science}
    world.put("role-assignments", assignment)
    proof = Verification(services).prove(world.connection("science", scope, "Reader", "deploy"))
    assert proof.problem == ""
    assert states(proof) == ("done", "done", "refused", "refused", "refused")


def test_a_connection_with_a_secret_is_tried_by_azure_devops(world: World, services: Services) -> None:
    scope = f"/subscriptions/{world.subscription('Shop')}"
    old = replace(world.connection("old", scope, "Reader", "deploy"), credential="secret")
    proof = Verification(services).prove(old)
    assert proof.problem == ""
    assert states(proof) == ("done", "done", "not tried", "not tried", "refused")
    application = world.one("applications", displayName="old")
    world.put("applications", {**application, "passwordCredentials": []}, application["id"])
    proof = Verification(services).prove(old)
    assert proof.token == "refused"
    assert proof.problem.startswith("AADSTS7000215: the client secret is wrong")


def test_pipelines_that_only_azure_devops_knows_of_are_used_too(world: World, services: Services) -> None:
    unnamed = world.connection("audit", world.group("Shop", "rg-shop"), "Reader")
    proof = Verification(services).prove(unnamed)
    assert proof.pipeline == "report"
    assert proof.ok


def test_a_connection_that_no_pipeline_may_use_is_a_finding(world: World, services: Services) -> None:
    audit = world.connection("audit", world.group("Shop", "rg-shop"), "Reader")
    for each in world.cloud.store.find("pipeline-permissions", resourceId=audit.connection_id):
        key = f"{each['projectId']}/endpoint/{audit.connection_id}"
        world.put("pipeline-permissions", {**each, "pipelines": []}, key)
    proof = Verification(services).prove(audit)
    assert proof.problem == "no pipeline may use it"
    assert proof.fix == "name one under `pipelines:` and run `pulumi up`"


def test_a_connection_that_is_open_to_all_has_no_other_pipeline_to_try(
    world: World, services: Services
) -> None:
    shop = world.shop()
    held = world.one("pipeline-permissions", resourceId=shop.connection_id)
    key = f"{held['projectId']}/endpoint/{shop.connection_id}"
    world.put("pipeline-permissions", {**held, "allPipelines": {"authorized": True}}, key)
    proof = Verification(services).prove(shop)
    assert proof.otherPipeline == "not tried"
    assert proof.ok


def test_a_job_knows_what_the_agent_gives_it_and_nothing_of_the_operator(
    world: World, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        given.update(options)
        return subprocess.CompletedProcess(command, 0, '[{"step": "token", "outcome": "done"}]', "")

    monkeypatch.setattr(subprocess, "run", run)
    runs, shop = PipelineRuns(services), world.shop()
    started = runs.start(shop, shop.pipelines[0])
    assert isinstance(started, PipelineRun)
    runs.work(started, shop, [Step("token", {"kind": "signIn"}, True)])
    names = set(given["env"])
    assert {"SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN", "BUILD_BUILDID"} <= names
    assert {"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "AZURE_AUTHORITY_HOST"} <= names
    assert not [name for name in names if name.startswith(("ARM_", "AZDO_", "SANDBOX_", "PULUMI_"))]
    assert world.environment["ARM_CLIENT_SECRET"] not in str(given)
    assert world.environment["AZDO_PERSONAL_ACCESS_TOKEN"] not in str(given)


def test_outside_of_the_sandbox_nothing_can_be_proven(world: World) -> None:
    elsewhere = {key: value for key, value in world.environment.items() if key != "SANDBOX_URL"}
    with (
        Services(elsewhere) as services,
        pytest.raises(SettingError, match=r"SANDBOX_URL is not set, .* run a pipeline whose task uses"),
    ):
        Verification(services)


def test_a_service_that_refuses_the_operator_is_a_problem_of_the_row_and_not_the_end(
    world: World,
) -> None:
    wrong = {**world.environment, "AZDO_PERSONAL_ACCESS_TOKEN": "wrong"}
    with Services(wrong) as services:
        proofs = Verification(services).prove_all([world.shop(), world.audit()])
    assert [proof.ok for proof in proofs] == [False, False]
    assert all(proof.problem and proof.fix for proof in proofs)
    assert "wrong" not in f"{proofs[0].problem}{proofs[0].fix}"
