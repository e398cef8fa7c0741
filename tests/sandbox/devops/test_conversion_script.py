"""The documentation's script that converts a project's connections, replayed call by call.

"Convert multiple service connections with a script" in Azure DevOps' documentation of connections to Azure.
"""

from typing import Any

import pytest
from devops_world import OTHER_PROJECT, PROJECT, World, described, keyed
from test_devops_automatic import automatic, own

ENDPOINTS = "_apis/serviceendpoint/endpoints"
QUERY = {
    "authSchemes": "ServicePrincipal",
    "type": "azurerm",
    "includeFailed": "false",
    "includeDetails": "true",
}
CONVERT, SKIP = 0, 1


class ScriptError(Exception):
    """The script ended with its exit code 1."""


def convertible(world: World, project: str, authorization: str) -> list[Any]:
    """What the script reads and keeps: its own query, filter and order."""
    listed = world.ask("GET", f"{project}/{ENDPOINTS}", authorization=authorization, **QUERY)
    assert listed.status == 200
    kept = [
        each
        for each in listed.body["value"]
        if each["authorization"]["scheme"] == "ServicePrincipal"
        and each["data"].get("creationMode") == "Automatic"
        and not (
            each["isShared"]
            and each["serviceEndpointProjectReferences"][0]["projectReference"]["name"] != project
        )
    ]
    if not kept:
        raise ScriptError("No convertible service connections found")
    return sorted(kept, key=lambda each: str(each["name"]))


def script(world: World, project: str, authorization: str) -> list[str]:
    """Run the script, answering each prompt with its default; the names that it converted."""
    converted = []
    for endpoint in convertible(world, project, authorization):
        decision = SKIP if endpoint["isShared"] else CONVERT
        if decision == SKIP:
            continue
        endpoint["authorization"]["scheme"] = "WorkloadIdentityFederation"
        endpoint["data"].pop("revertSchemeDeadline", None)
        answer = world.ask(
            "PUT",
            f"{project}/{ENDPOINTS}/{endpoint['id']}",
            endpoint,
            authorization=authorization,
            operation="ConvertAuthenticationScheme",
        )
        if answer.status != 200 or not answer.body:
            raise ScriptError(f"Failed to convert service connection '{endpoint['name']}'")
        converted.append(endpoint["name"])
    return converted


@pytest.fixture
def estate(world: World) -> dict[str, Any]:
    """Connections of all kinds that the script tells apart; by name."""
    own(world)
    made: dict[str, Any] = {}
    for name in ("zeta", "alpha", "shared-out"):
        made[name] = world.ask("POST", ENDPOINTS, automatic("ServicePrincipal", name)).body
    elsewhere = automatic("ServicePrincipal", "shared-in")
    elsewhere["serviceEndpointProjectReferences"][0]["projectReference"]["id"] = OTHER_PROJECT
    made["shared-in"] = world.ask("POST", ENDPOINTS, elsewhere).body
    for name, project in (("shared-out", OTHER_PROJECT), ("shared-in", PROJECT)):
        path = f"{ENDPOINTS}/{made[name]['id']}"
        assert world.ask("PATCH", path, [{"projectReference": {"id": project}}]).status == 204
    made["manual"] = world.ask("POST", ENDPOINTS, keyed("manual")).body
    made["federated"] = world.ask("POST", ENDPOINTS, described("federated")).body
    return made


def person(world: World) -> str:
    """The header of the person who signed in for the script."""
    return "Basic OmFkYS10b2tlbg=="


def test_the_script_converts_the_automatic_ones_of_the_project_and_keeps_the_others(
    world: World, estate: dict[str, Any]
) -> None:
    assert script(world, "Payments", person(world)) == ["alpha", "zeta"]
    schemes = {}
    for name, endpoint in estate.items():
        project = OTHER_PROJECT if name == "shared-in" else PROJECT
        schemes[name] = world.read(endpoint, project).body["authorization"]["scheme"]
    assert schemes == {
        "zeta": "WorkloadIdentityFederation",
        "alpha": "WorkloadIdentityFederation",
        "shared-out": "ServicePrincipal",
        "shared-in": "ServicePrincipal",
        "manual": "ServicePrincipal",
        "federated": "WorkloadIdentityFederation",
    }


def test_the_script_offers_a_shared_connection_only_in_the_project_that_it_was_made_in(
    world: World, estate: dict[str, Any]
) -> None:
    names = [each["name"] for each in convertible(world, "Payments", person(world))]
    assert names == ["alpha", "shared-out", "zeta"]


def test_a_second_run_finds_nothing_but_what_it_keeps(world: World, estate: dict[str, Any]) -> None:
    script(world, "Payments", person(world))
    assert script(world, "Payments", person(world)) == []
    path = f"{ENDPOINTS}/{estate['shared-out']['id']}"
    assert world.ask("DELETE", path, projectIds=OTHER_PROJECT).status == 204
    assert script(world, "Payments", person(world)) == ["shared-out"]
    with pytest.raises(ScriptError, match="No convertible service connections found"):
        script(world, "Payments", person(world))


def test_a_reverted_connection_is_offered_again(world: World, estate: dict[str, Any]) -> None:
    script(world, "Payments", person(world))
    body = world.read(estate["alpha"]).body
    body["authorization"]["scheme"] = "ServicePrincipal"
    path = f"Payments/{ENDPOINTS}/{body['id']}"
    assert world.ask("PUT", path, body, operation="ConvertAuthenticationScheme").status == 200
    assert script(world, "Payments", person(world)) == ["alpha"]


def test_the_script_ends_at_a_conversion_that_is_refused(world: World, estate: dict[str, Any]) -> None:
    application = world.cloud.store.get("applications", estate["alpha"]["data"]["appObjectId"])
    assert application is not None
    world.cloud.store.put("applications", application["id"], {**application, "owners": []})
    with pytest.raises(ScriptError, match="Failed to convert service connection 'alpha'"):
        script(world, "Payments", person(world))
    assert world.read(estate["zeta"]).body["authorization"]["scheme"] == "ServicePrincipal"
