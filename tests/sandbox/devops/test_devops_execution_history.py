"""The execution history of a connection: which runs used it."""

from typing import Any

import pytest
from devops_world import OTHER_PROJECT, PROJECT, World

from azure_service_connections.sandbox.devops import runs


@pytest.fixture
def endpoint(world: World) -> Any:
    """A connection that pipeline 1 names and may use."""
    made = world.connection(world.application())
    world.authorize(made)
    return made


def finished(world: World, pipeline: int = 1) -> int:
    """A run that has ended; a minute later."""
    run = world.run(pipeline)
    assert run.status == 200, run
    runs.complete(world.cloud, "contoso", run.body["id"], "succeeded")
    world.cloud.clock.advance(60)
    return int(run.body["id"])


def history(world: World, endpoint: Any, project: str = PROJECT, **query: str) -> Any:
    return world.ask("GET", f"{project}/_apis/serviceendpoint/{endpoint['id']}/executionhistory", **query)


def test_it_comes_in_pages_with_the_newest_first(world: World, endpoint: Any) -> None:
    numbers = [finished(world) for _ in range(5)]
    seen: list[int] = []
    query = {"top": "2"}
    for _ in range(3):
        page = history(world, endpoint, **query)
        assert {each["endpointId"] for each in page.body["value"]} == {endpoint["id"]}
        seen += [each["data"]["id"] for each in page.body["value"]]
        if "x-ms-continuationtoken" not in page.headers:
            break
        query["continuationToken"] = page.headers["x-ms-continuationtoken"]
    assert seen == sorted(numbers, reverse=True)
    assert "x-ms-continuationtoken" not in page.headers


def test_it_outlives_the_pipeline_under_the_name_that_this_had(world: World, endpoint: Any) -> None:
    finished(world)
    assert world.ask("DELETE", f"{PROJECT}/_apis/build/definitions/1").status == 204
    assert world.ask("GET", f"{PROJECT}/_apis/build/definitions/1").status == 404
    (record,) = history(world, endpoint).body["value"]
    assert record["data"]["definition"]["name"] == "deploy-payments"
    assert record["data"]["result"] == "succeeded"


def test_a_job_that_got_a_token_used_the_connection_even_if_no_step_names_it(world: World) -> None:
    made = world.connection(world.application())
    world.pipeline(2, "script", "steps: [{script: az login}]")
    world.authorize(made, 2)
    finished(world, 2)
    assert history(world, made).body["value"] == []
    run = world.run(2)
    agent = world.agent(run)
    for _ in range(2):
        assert world.oidc(agent, made).status == 200
    assert history(world, made).body["value"] == []
    runs.complete(world.cloud, "contoso", run.body["id"], "failed")
    (record,) = history(world, made).body["value"]
    assert (record["data"]["id"], record["data"]["result"]) == (run.body["id"], "failed")


def test_a_job_that_was_refused_a_token_has_not_used_it(world: World, endpoint: Any) -> None:
    other = world.connection(world.application("other"), "other")
    run = world.run()
    assert world.oidc(world.agent(run), other).status == 403
    runs.complete(world.cloud, "contoso", run.body["id"], "succeeded")
    assert history(world, other).body["value"] == []


def test_it_is_read_through_a_project_that_has_the_connection(world: World, endpoint: Any) -> None:
    assert history(world, endpoint, OTHER_PROJECT).status == 404


def test_a_pipeline_that_is_not_there_cannot_be_deleted(world: World) -> None:
    answer = world.ask("DELETE", f"{PROJECT}/_apis/build/definitions/9")
    assert (answer.status, answer.key) == (404, "DefinitionNotFoundException")
