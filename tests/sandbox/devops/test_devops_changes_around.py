"""What happens to connections when the things around them change: names, projects, principals, policies."""

from typing import Any

import pytest
from devops_world import OTHER_PROJECT, PROJECT, TENANT, World, described
from test_devops_automatic import automatic, own
from test_devops_conversion import convert, tried

from azure_service_connections.sandbox.application import SERVICES

ENDPOINTS = "_apis/serviceendpoint/endpoints"


def subject(world: World, endpoint: Any, project: str = PROJECT) -> str:
    parameters = world.read(endpoint, project).body["authorization"]["parameters"]
    return str(parameters["workloadIdentityFederationSubject"])


@pytest.fixture
def old(world: World) -> Any:
    """A working connection of the older issuer."""
    world.issuer("devops")
    application = world.application()
    world.grant_role(application, "Reader")
    made = world.connection(application)
    world.trust(application, made)
    assert tried(world, made)["statusCode"] == "ok"
    return made


@pytest.mark.parametrize("renamed", ["project", "connection"])
def test_a_credential_stays_at_the_old_names_of_the_older_issuer(
    world: World, old: Any, renamed: str
) -> None:
    if renamed == "project":
        world.ask("PATCH", f"_apis/projects/{PROJECT}", {"name": "Money"})
    else:
        client_id = old["authorization"]["parameters"]["serviceprincipalid"]
        body = {**described("money", client_id), "id": old["id"]}
        assert world.ask("PUT", f"{ENDPOINTS}/{old['id']}", body).status == 200
    assert subject(world, old) in ("sc://Contoso/Money/payments", "sc://Contoso/Payments/money")
    (credential,) = world.cloud.store.find("federated-credentials")
    assert credential["subject"] == "sc://Contoso/Payments/payments"
    assert "AADSTS700213" in tried(world, old)["errorMessage"]


def test_a_new_case_of_a_name_is_another_subject(world: World, old: Any) -> None:
    world.ask("PATCH", f"_apis/projects/{PROJECT}", {"name": "PAYMENTS"})
    assert "AADSTS7002138" in tried(world, old)["errorMessage"]


def test_the_subject_follows_to_the_next_project_when_the_first_one_leaves(world: World, old: Any) -> None:
    path = f"{ENDPOINTS}/{old['id']}"
    world.ask("PATCH", path, [{"projectReference": {"id": OTHER_PROJECT}, "name": "shared"}])
    assert world.ask("DELETE", path, projectIds=PROJECT).status == 204
    assert subject(world, old, OTHER_PROJECT) == "sc://Contoso/Web shop/shared"
    assert world.read(old).status == 404


def test_a_deleted_project_takes_its_connections_along_and_leaves_their_identities(world: World) -> None:
    own(world)
    made = world.ask("POST", ENDPOINTS, automatic()).body
    shared = world.ask("POST", ENDPOINTS, automatic(name="shared")).body
    world.ask("PATCH", f"{ENDPOINTS}/{shared['id']}", [{"projectReference": {"id": OTHER_PROJECT}}])
    assert world.ask("DELETE", f"_apis/projects/{PROJECT}").status == 202
    assert world.ask("GET", f"_apis/projects/{PROJECT}").status == 404
    assert world.cloud.store.keys("endpoints") == [shared["id"]]
    assert world.read(shared, OTHER_PROJECT).body["isShared"] is False
    assert world.cloud.store.find("pipelines", projectId=PROJECT) == []
    assert world.cloud.store.get("applications", made["data"]["appObjectId"]) is not None
    assert len(world.cloud.store.find("federated-credentials")) == 2


def test_a_tenant_may_allow_no_federation(world: World, old: Any) -> None:
    tenant = world.cloud.store.get("tenants", TENANT)
    assert tenant is not None
    world.cloud.store.put("tenants", TENANT, {**tenant, "federationBlocked": True})
    assert "AADSTS700238" in tried(world, old)["errorMessage"]
    own(world)
    secret = world.ask("POST", ENDPOINTS, automatic("ServicePrincipal", "secret")).body
    assert convert(world, secret).status == 200
    assert "AADSTS700238" in tried(world, secret)["errorMessage"]


def test_a_disabled_service_principal_signs_in_with_nothing(world: World, old: Any) -> None:
    (principal,) = world.cloud.store.find("service-principals", displayName="deployer")
    world.cloud.store.put("service-principals", principal["id"], {**principal, "accountEnabled": False})
    assert "AADSTS7000112" in tried(world, old)["errorMessage"]


def test_a_disabled_connection_gives_no_token(world: World, old: Any) -> None:
    world.authorize(old)
    agent = world.agent(world.run())
    body = {**old, "isDisabled": True}
    assert world.ask("PUT", f"{ENDPOINTS}/{old['id']}", body).body["isDisabled"] is True
    assert world.oidc(agent, old).status == 403
    assert world.run().key == "PipelineValidationException"


def test_projects_come_in_pages(world: World) -> None:
    first = world.ask("GET", "_apis/projects", **{"$top": "1"})
    token = first.headers["x-ms-continuationtoken"]
    second = world.ask("GET", "_apis/projects", **{"$top": "1", "continuationToken": token})
    names = [each["name"] for page in (first, second) for each in page.body["value"]]
    assert names == ["Payments", "Web shop"]
    assert "x-ms-continuationtoken" not in second.headers
    (skipped,) = world.ask("GET", "_apis/projects", **{"$skip": "1"}).body["value"]
    assert skipped["name"] == "Web shop"


def test_a_throttled_request_is_told_its_limit() -> None:
    (devops,) = [service for service in SERVICES if service.name == "devops"]
    answer = devops.failure(429, 7)
    assert answer.headers["Retry-After"] == "7"
    limits = {name for name in answer.headers if name.startswith("X-RateLimit-")}
    assert limits == {f"X-RateLimit-{name}" for name in ("Resource", "Delay", "Limit", "Remaining", "Reset")}
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert "X-RateLimit-Limit" not in devops.failure(503, 7).headers
