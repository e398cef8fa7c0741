"""The managed identity of the machine that takes a job, and who gets a token of it."""

from typing import Any

import httpx
import pytest
import yaml

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.cloud import Cloud

PRODUCTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
PRINCIPAL = "5c7d9e1f-3a2b-4c6d-8e0f-1a2b3c4d5e01"
RUNS = "/contoso/Payments/_apis/pipelines/{}/runs?api-version=7.1"
OWN, HOSTED = 6, 3
VERSION = {"api-version": "2019-08-01"}


def variables_of(client: httpx.Client, ada: dict[str, str], pipeline: int) -> dict[str, str]:
    """What the agent is given that takes the job of a new run."""
    body = {"templateParameters": {"serviceConnection": "payments-legacy"}}
    answer = client.post(RUNS.format(pipeline), json=body, headers=ada)
    assert answer.status_code == 200, answer.text
    run = answer.json()["id"]
    found: dict[str, str] = client.get(f"/_sandbox/organizations/contoso/runs/{run}/agent").json()[
        "variables"
    ]
    return found


def ask(client: httpx.Client, variables: dict[str, str], **query: str) -> httpx.Response:
    """The token that a program on the machine gets."""
    headers = {"X-IDENTITY-HEADER": variables["IDENTITY_HEADER"]}
    wanted = {**VERSION, "resource": "https://management.azure.com", **query}
    return client.get(variables["IDENTITY_ENDPOINT"], params=wanted, headers=headers)


@pytest.fixture
def machine(cloud: Cloud, client: httpx.Client, ada: dict[str, str]) -> dict[str, str]:
    """The variables of a job on a machine of one's own."""
    endpoint = cloud.store.find("endpoints")[0]["id"]
    answer = client.patch(
        f"/contoso/Payments/_apis/pipelines/pipelinepermissions/endpoint/{endpoint}",
        params={"api-version": "7.1-preview.1"},
        json={"pipelines": [{"id": OWN, "authorized": True}]},
        headers=ada,
    )
    assert answer.status_code == 200, answer.text
    return variables_of(client, ada, OWN)


def test_a_program_on_the_machine_gets_a_token_of_its_identity(
    client: httpx.Client, machine: dict[str, str]
) -> None:
    answer = ask(client, machine)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "client_id", "expires_on", "not_before", "resource", "token_type"}
    assert int(body["expires_on"]) > int(body["not_before"])
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    groups = f"/subscriptions/{PRODUCTION}/resourcegroups?api-version=2021-04-01"
    refused = client.get(groups, headers=bearer)
    assert refused.status_code == 403
    assert f"with object id '{PRINCIPAL}'" in refused.json()["error"]["message"]


def test_what_the_identity_may_do_its_roles_say(
    cloud: Cloud, client: httpx.Client, machine: dict[str, str]
) -> None:
    scope = f"/subscriptions/{PRODUCTION}"
    held = next(each for each in cloud.store.find("role-assignments") if each["scope"] == "/")
    cloud.store.put(
        "role-assignments", "machine", {**held, "id": "machine", "scope": scope, "principalId": PRINCIPAL}
    )
    bearer = {"Authorization": f"Bearer {ask(client, machine).json()['access_token']}"}
    groups = client.get(f"{scope}/resourcegroups?api-version=2021-04-01", headers=bearer).json()["value"]
    assert [each["name"] for each in groups] == ["rg-payments", "rg-other"]


def test_agents_of_microsoft_have_no_identity(client: httpx.Client, ada: dict[str, str]) -> None:
    assert not [name for name in variables_of(client, ada, HOSTED) if name.startswith("IDENTITY_")]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"client_id": PRODUCTION}, 400, "No User Assigned or Delegated Managed Identity found"),
        ({"mi_res_id": "/subscriptions/x"}, 400, "No User Assigned or Delegated Managed Identity found"),
        ({"resource": ""}, 500, "An unexpected error occured while fetching the AAD Token."),
        ({"resource": "https://nobody.example"}, 500, "An unexpected error occured"),
        ({"api-version": "2017-09-01"}, 400, "The api-version is missing or is not 2019-08-01."),
    ],
)
def test_a_request_for_something_else_gets_no_token(
    client: httpx.Client, machine: dict[str, str], query: dict[str, str], status: int, words: str
) -> None:
    answer = ask(client, machine, **query)
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)
    assert words in answer.json()["message"]


def test_the_identity_may_be_named_in_each_way(
    cloud: Cloud, client: httpx.Client, machine: dict[str, str]
) -> None:
    principal = cloud.store.get("service-principals", PRINCIPAL)
    assert principal is not None
    named = {
        "client_id": principal["appId"],
        "object_id": PRINCIPAL.upper(),
        "principal_id": PRINCIPAL,
        "mi_res_id": principal["resourceId"],
    }
    assert [ask(client, machine, **{name: value}).status_code for name, value in named.items()] == [200] * 4


@pytest.mark.parametrize("headers", [{}, {"X-IDENTITY-HEADER": "guessed"}])
def test_without_the_machines_header_there_is_no_token(
    client: httpx.Client, machine: dict[str, str], headers: dict[str, str]
) -> None:
    wanted = {**VERSION, "resource": "https://management.azure.com"}
    answer = client.get(machine["IDENTITY_ENDPOINT"], params=wanted, headers=headers)
    assert answer.status_code == 401


def test_the_header_of_one_run_opens_nothing_in_another_and_nothing_when_the_run_is_over(
    client: httpx.Client, ada: dict[str, str], machine: dict[str, str]
) -> None:
    other = variables_of(client, ada, OWN)
    mixed = {**other, "IDENTITY_HEADER": machine["IDENTITY_HEADER"]}
    assert ask(client, mixed).status_code == 401
    run = machine["BUILD_BUILDID"]
    client.post(f"/_sandbox/organizations/contoso/runs/{run}/complete", json={"result": "succeeded"})
    assert ask(client, machine).status_code == 400
    assert ask(client, other).status_code == 200


def test_a_pool_that_there_is_not_is_refused_at_the_start(
    cloud: Cloud, client: httpx.Client, ada: dict[str, str]
) -> None:
    (pipeline,) = [each for each in cloud.store.find("pipelines") if each["id"] == HOSTED]
    text = pipeline["yaml"].replace("{vmImage: ubuntu-latest}", "nowhere")
    cloud.store.put("pipelines", f"{pipeline['projectId']}/{HOSTED}", {**pipeline, "yaml": text})
    body = {"templateParameters": {"serviceConnection": "payments-legacy"}}
    answer = client.post(RUNS.format(HOSTED), json=body, headers=ada)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Could not find a pool with name nowhere.")


def test_the_pool_of_a_job_goes_before_that_of_the_pipeline(
    cloud: Cloud, client: httpx.Client, ada: dict[str, str]
) -> None:
    (pipeline,) = [each for each in cloud.store.find("pipelines") if each["id"] == HOSTED]
    text = pipeline["yaml"].replace("- job: tests", "- job: tests\n    pool: {name: Contoso-Agents}")
    assert text != pipeline["yaml"]
    cloud.store.put("pipelines", f"{pipeline['projectId']}/{HOSTED}", {**pipeline, "yaml": text})
    assert "IDENTITY_ENDPOINT" in variables_of(client, ada, HOSTED)


def test_an_estate_names_identities_that_its_tenant_has() -> None:
    written: dict[str, Any] = yaml.safe_load(estate.sample())
    written["organizations"][0]["agentPools"] = [{"name": "a", "managedIdentity": "id-agent"}, {"name": "A"}]
    with pytest.raises(Exception, match="2 mistakes") as raised:
        estate.load(yaml.safe_dump(written))
    told = str(raised.value)
    assert "organizations[0].agentPools[1].name: 'A' stands at organizations[0].agentPools[0] too" in told
    assert "agentPools[0].managedIdentity: 'id-agent' is no managed identity here; write 'id-agents'" in told
