"""What the agent that takes a pipeline's job is given, and how the job ends."""

from typing import Any

import httpx

RUNS = "/contoso/Payments/_apis/pipelines/3/runs?api-version=7.1"
AGENTS = "/_sandbox/organizations/contoso/runs"


def started(client: httpx.Client, ada: dict[str, str]) -> int:
    """A run of a pipeline with the connection that it may use."""
    body = {"templateParameters": {"serviceConnection": "payments-legacy"}}
    answer = client.post(RUNS, json=body, headers=ada)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def test_an_agent_is_given_the_variables_of_its_job(client: httpx.Client, ada: dict[str, str]) -> None:
    run = started(client, ada)
    variables: dict[str, Any] = client.get(f"{AGENTS}/{run}/agent").json()["variables"]
    assert variables["BUILD_BUILDID"] == str(run)
    assert "/_apis/distributedtask/hubs/build/plans/" in variables["SYSTEM_OIDCREQUESTURI"]
    answer = client.post(
        f"{variables['SYSTEM_OIDCREQUESTURI']}?api-version=7.1",
        headers={"Authorization": f"Bearer {variables['SYSTEM_ACCESSTOKEN']}"},
    )
    assert answer.json()["oidcToken"]


def test_a_job_that_has_ended_gets_no_token_and_no_agent(client: httpx.Client, ada: dict[str, str]) -> None:
    run = started(client, ada)
    variables = client.get(f"{AGENTS}/{run}/agent").json()["variables"]
    ended = client.post(f"{AGENTS}/{run}/complete", json={"result": "succeeded"}).json()
    assert ended == {"id": run, "state": "completed", "result": "succeeded"}
    assert client.get(f"{AGENTS}/{run}/agent").status_code == 400
    refused = client.post(
        f"{variables['SYSTEM_OIDCREQUESTURI']}?api-version=7.1",
        headers={
            "Authorization": f"Bearer {variables['SYSTEM_ACCESSTOKEN']}",
            "X-TFS-FedAuthRedirect": "Suppress",
        },
    )
    assert refused.status_code == 401


def test_a_run_that_there_is_not_has_no_agent(client: httpx.Client) -> None:
    assert client.get(f"{AGENTS}/4711/agent").status_code == 404
    assert client.get("/_sandbox/organizations/nobody/runs/1/agent").status_code == 404


def test_a_run_ends_in_one_of_three_ways(client: httpx.Client, ada: dict[str, str]) -> None:
    run = started(client, ada)
    answer = client.post(f"{AGENTS}/{run}/complete", json={"result": "exploded"})
    assert answer.status_code == 400
    assert "'succeeded', 'failed' or 'canceled'" in answer.json()["error"]["message"]
    assert client.get(f"{AGENTS}/{run}/agent").status_code == 200
