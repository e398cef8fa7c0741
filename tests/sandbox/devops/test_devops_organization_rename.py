"""An organization gets another name: what follows it, and what is left at the old one."""

import json
from typing import Any

import pytest
from devops_world import ORGANIZATION, PROJECT, World
from test_devops_conversion import tried

from azure_service_connections.sandbox.devops import runs


def rename(world: World, name: str, old: str = "contoso") -> Any:
    headers = {"Host": "127.0.0.1", "Content-Type": "application/json"}
    content = json.dumps({"name": name}).encode()
    return world.send("POST", f"/_sandbox/organizations/{old}/rename", headers, content)


def ask(
    world: World, path: str, organization: str = "Fabrikam", method: str = "GET", body: Any = None
) -> Any:
    headers = {"Authorization": "Basic OmFkYS10b2tlbg==", "Content-Type": "application/json"}
    content = b"" if body is None else json.dumps(body).encode()
    return world.send(method, f"/{organization}/{path}", headers, content)


@pytest.mark.parametrize("kind", ["entra", "devops"])
def test_only_the_older_issuers_subject_follows_and_leaves_its_credential_behind(
    world: World, kind: str
) -> None:
    world.issuer(kind)
    application = world.application()
    world.grant_role(application, "Reader")
    made = world.connection(application)
    world.trust(application, made)
    before = made["authorization"]["parameters"]["workloadIdentityFederationSubject"]
    answer = rename(world, "Fabrikam")
    assert (answer.status, answer.body) == (200, {"id": ORGANIZATION, "name": "Fabrikam"})
    path = f"{PROJECT}/_apis/serviceendpoint/endpoints/{made['id']}"
    parameters = ask(world, path).body["authorization"]["parameters"]
    request = {"dataSourceDetails": {"dataSourceName": "TestConnection"}}
    proxy = f"{PROJECT}/_apis/serviceendpoint/endpointproxy?endpointId={made['id']}&api-version=7.1"
    test = ask(world, proxy, method="POST", body=request).body
    if kind == "entra":
        assert parameters["workloadIdentityFederationSubject"] == before
        assert test["statusCode"] == "ok"
    else:
        assert parameters["workloadIdentityFederationSubject"] == "sc://Fabrikam/Payments/payments"
        assert "AADSTS700213" in test["errorMessage"]


def test_everything_of_the_organization_is_under_its_new_name(world: World) -> None:
    made = world.connection(world.application())
    world.authorize(made)
    first = world.run().body["id"]
    runs.complete(world.cloud, "contoso", first, "succeeded")
    check = {
        "resource": {"id": made["id"], "type": "endpoint"},
        "type": {"id": "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563"},
        "settings": {},
    }
    checks = f"{PROJECT}/_apis/pipelines/checks/configurations?api-version=7.1-preview.1"
    assert ask(world, checks, "Contoso", "POST", check).status == 200
    rename(world, "Fabrikam")
    assert [each["name"] for each in ask(world, "_apis/projects").body["value"]] == ["Payments", "Web shop"]
    assert ask(world, checks).body["count"] == 1
    history = f"{PROJECT}/_apis/serviceendpoint/{made['id']}/executionhistory"
    assert [each["data"]["id"] for each in ask(world, history).body["value"]] == [first]
    again = ask(world, f"{PROJECT}/_apis/pipelines/1/runs?api-version=7.1", method="POST", body={})
    assert (again.status, again.body["id"]) == (200, first + 1)
    assert ask(world, "_apis/projects", "Contoso").status != 200


def test_a_name_that_another_organization_has_is_refused(world: World) -> None:
    world.cloud.store.put("organizations", "fabrikam", {"id": "other", "name": "fabrikam", "tenantId": "t"})
    assert rename(world, "Fabrikam").status == 409
    assert rename(world, "Tailspin", "nobody").status == 404
    assert rename(world, "no/name").status == 400
    assert ask(world, "_apis/projects", "Contoso").status == 200


def test_a_new_spelling_of_its_name_is_a_new_name(world: World) -> None:
    world.issuer("devops")
    application = world.application()
    made = world.connection(application)
    world.trust(application, made)
    assert rename(world, "CONTOSO").status == 200
    assert "AADSTS7002138" in tried(world, made)["errorMessage"]
