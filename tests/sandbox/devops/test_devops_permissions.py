"""Which pipelines may use a connection."""

from devops_world import OTHER_PROJECT, PROJECT, TENANT, Answer, World

VERSION = "7.1-preview.1"


def address(endpoint: dict[str, object], project: str = PROJECT) -> str:
    return f"{project}/_apis/pipelines/pipelinePermissions/endpoint/{endpoint['id']}"


def change(world: World, endpoint: dict[str, object], body: object, project: str = PROJECT) -> Answer:
    return world.ask("PATCH", address(endpoint, project), body, version=VERSION)


def pipelines(answer: Answer) -> list[int]:
    return [each["id"] for each in answer.body["pipelines"]]


def test_a_new_connection_is_open_to_no_pipeline(world: World) -> None:
    made = world.connection()
    body = world.ask("GET", address(made), version=VERSION).body
    assert body == {"resource": {"type": "endpoint", "id": made["id"], "name": "payments"}, "pipelines": []}


def test_changes_are_merged(world: World) -> None:
    made = world.connection()
    world.pipeline(2, "second", "steps: []")
    assert pipelines(change(world, made, {"pipelines": [{"id": 1, "authorized": True}]})) == [1]
    answer = change(world, made, {"pipelines": [{"id": 2, "authorized": True}]})
    assert pipelines(answer) == [1, 2]
    granted = answer.body["pipelines"][0]
    assert (granted["authorized"], granted["authorizedBy"]["displayName"]) == (True, "Ada Park")
    assert granted["authorizedOn"]
    assert pipelines(change(world, made, {"pipelines": [{"id": 1, "authorized": False}]})) == [2]
    assert (
        change(world, made, {"allPipelines": {"authorized": True}}).body["allPipelines"]["authorized"] is True
    )
    answer = change(world, made, {"allPipelines": {"authorized": False}})
    assert ("allPipelines" in answer.body, pipelines(answer)) == (False, [2])


def test_granting_twice_changes_nothing(world: World) -> None:
    made = world.connection()
    body = {"pipelines": [{"id": 1, "authorized": True}]}
    assert change(world, made, body).body == change(world, made, body).body


def test_an_unknown_pipeline_cannot_be_let_in(world: World) -> None:
    answer = change(world, world.connection(), {"pipelines": [{"id": 7, "authorized": True}]})
    assert (answer.status, answer.key) == (404, "DefinitionNotFoundException")
    assert world.cloud.store.find("pipeline-permissions") == []


def test_a_pipeline_of_another_project_needs_the_connection_to_be_shared_there(world: World) -> None:
    made = world.connection()
    world.pipeline(5, "shop", "steps: []", OTHER_PROJECT)
    body = {"pipelines": [{"id": 5, "authorized": True}]}
    assert change(world, made, body, OTHER_PROJECT).status == 404
    share = [{"projectReference": {"id": OTHER_PROJECT}}]
    world.ask("PATCH", f"_apis/serviceendpoint/endpoints/{made['id']}", share)
    assert pipelines(change(world, made, body, OTHER_PROJECT)) == [5]
    assert pipelines(world.ask("GET", address(made), version=VERSION)) == []


def test_permissions_of_a_connection_that_is_gone_can_be_read_and_taken_away(world: World) -> None:
    gone = {"id": TENANT}
    assert pipelines(world.ask("GET", address(gone), version=VERSION)) == []
    assert change(world, gone, {"pipelines": [{"id": 1, "authorized": False}]}).status == 200
    assert change(world, gone, {"allPipelines": {"authorized": True}}).status == 404


def test_a_batch_is_carried_out_whole_or_not_at_all(world: World) -> None:
    first, second = world.connection(), world.connection(name="other")

    def entry(endpoint: dict[str, object], pipeline: int) -> dict[str, object]:
        return {
            "resource": {"type": "endpoint", "id": endpoint["id"]},
            "pipelines": [{"id": pipeline, "authorized": True}],
        }

    path = f"{PROJECT}/_apis/pipelines/pipelinepermissions"
    answer = world.ask("PATCH", path, [entry(first, 1), entry(second, 9)], version=VERSION)
    assert answer.status == 404
    assert world.cloud.store.find("pipeline-permissions") == []
    answer = world.ask("PATCH", path, [entry(first, 1), entry(second, 1)], version=VERSION)
    assert [each["resource"]["id"] for each in answer.body["value"]] == [first["id"], second["id"]]


def test_an_unknown_kind_of_resource_is_refused(world: World) -> None:
    path = f"{PROJECT}/_apis/pipelines/pipelinepermissions/teapot/1"
    assert world.ask("GET", path, version=VERSION).status == 400
