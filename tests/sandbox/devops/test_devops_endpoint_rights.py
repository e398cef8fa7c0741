"""What people may do with the service connections of a project, asked beforehand and enforced."""

from typing import Any

from devops_world import PERSON, PROJECT, World

from azure_service_connections.sandbox.devops.endpoint_rights import ACTIONS, NAMESPACE

CREATE, ADMINISTER = ACTIONS["Create"], ACTIONS["Administer"]


def keep_for(world: World, *people: str) -> None:
    project = world.cloud.store.get("projects", PROJECT)
    assert project is not None
    world.cloud.store.put("projects", PROJECT, {**project, "endpointAdministrators": list(people)})


def holds(world: World, bits: int, *tokens: str) -> Any:
    answer = world.ask("GET", f"_apis/permissions/{NAMESPACE}/{bits}", tokens=",".join(tokens))
    return answer.body["value"]


def test_the_namespace_names_its_actions_with_their_bits(world: World) -> None:
    (namespace,) = world.ask("GET", f"_apis/securitynamespaces/{NAMESPACE}").body["value"]
    assert namespace["name"] == "ServiceEndpoints"
    assert {each["name"]: each["bit"] for each in namespace["actions"]} == ACTIONS
    other = "00000000-0000-4000-8000-000000000000"
    assert world.ask("GET", f"_apis/securitynamespaces/{other}").body["value"] == []


def test_everybody_holds_the_rights_unless_the_project_keeps_them(world: World) -> None:
    assert holds(world, CREATE | ADMINISTER, f"endpoints/{PROJECT}") == [True]
    keep_for(world)
    assert holds(world, CREATE, f"endpoints/{PROJECT}") == [False]
    assert holds(world, ACTIONS["Use"], f"endpoints/{PROJECT}") == [True]
    keep_for(world, PERSON)
    assert holds(world, CREATE, f"endpoints/{PROJECT}") == [True]
    assert holds(world, CREATE, "endpoints/nowhere", "repoV2/x") == [False, False]


def test_who_lacks_the_right_makes_no_connection_and_changes_none(world: World) -> None:
    made = world.connection()
    keep_for(world)
    # Whoever made a connection administers it.
    assert holds(world, ADMINISTER, f"endpoints/{PROJECT}/{made['id']}", f"endpoints/{PROJECT}") == [
        True,
        False,
    ]
    for key in world.cloud.store.keys("connection-roles"):
        world.cloud.store.remove("connection-roles", key)
    body = {
        "name": "another",
        "type": "azurerm",
        "authorization": {"scheme": "ManagedServiceIdentity", "parameters": {"tenantid": "x"}},
        "serviceEndpointProjectReferences": [{"name": "another", "projectReference": {"id": PROJECT}}],
    }
    for method, path, sent in (
        ("POST", "_apis/serviceendpoint/endpoints", {**made, **body, "id": None}),
        ("PUT", f"_apis/serviceendpoint/endpoints/{made['id']}", made),
        ("PATCH", f"_apis/serviceendpoint/endpoints/{made['id']}", []),
    ):
        answer = world.ask(method, path, sent)
        assert (answer.status, answer.body["typeKey"]) == (403, "AccessCheckException"), method
    path = f"{PROJECT}/_apis/pipelines/pipelinePermissions/endpoint/{made['id']}"
    answer = world.ask("PATCH", path, {"pipelines": [{"id": 1, "authorized": True}]}, version="7.1-preview.1")
    assert answer.status == 403
