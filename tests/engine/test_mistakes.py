"""A stack with mistakes is refused as a whole: nothing is created anywhere."""

from collections.abc import Callable
from typing import Any

from engine_stack import Sandbox, Stack

SUBSCRIPTION = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"}
TENANT = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
UNKNOWN = "0a4b5c6d-1e2f-4a3b-8c4d-5e6f7a8b9cff"
GOOD = {"project": "Payments", "appRegistration": {}, "subscription": SUBSCRIPTION}


def test_every_mistake_of_a_stack_is_told_at_once_and_nothing_is_created(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    stack = make_stack("mistakes").connections(
        {
            "good": GOOD,
            "without-project": {"appRegistration": {}, "subscription": SUBSCRIPTION},
            "two-identities": {**GOOD, "managedIdentity": {"resourceId": "/subscriptions/x"}},
            "without-scope": {"project": "Payments", "appRegistration": {}},
            "misspelt": {**GOOD, "piplines": ["deploy-payments"]},
            "wrong-guid": {**GOOD, "subscription": {"id": "6d1f", "name": "x"}},
            "unknown-role": {**GOOD, "roles": {"deploy": {"role": "Contributer"}}},
        }
    )
    printed = refused(sandbox, stack.init())
    for key in (
        "without-project",
        "two-identities",
        "without-scope",
        "misspelt",
        "wrong-guid",
        "unknown-role",
    ):
        assert f"connections.{key}" in printed
    assert "connections.good" not in printed
    assert "Contributor" in printed


def test_names_that_do_not_exist_are_told_together_and_nothing_is_created(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    stack = make_stack("names").connections(
        {
            "one": {**GOOD, "pipelines": ["deploy-paymnts"]},
            "two": {**GOOD, "project": "Paiments"},
            "three": {**GOOD, "appRegistration": {"owners": ["nobody@contoso.example"]}},
            "four": {
                "project": "Payments",
                "servicePrincipal": {"clientId": UNKNOWN, "tenantId": TENANT},
                "subscription": SUBSCRIPTION,
            },
        }
    )
    printed = refused(sandbox, stack.init())
    for place in ("three.appRegistration.owners[0]", "four.servicePrincipal.clientId"):
        assert f"connections.{place}: there is no such thing as " in printed
    assert "connections.one.pipelines[0]" in printed
    assert "connections.two.project" in printed


def test_a_file_that_is_not_yaml_is_told_in_a_sentence(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    stack = make_stack("broken").init().text("config:\n  azure-service-connections:connections: [\n")
    printed = refused(sandbox, stack)
    assert "invalid YAML file" in printed


def test_a_list_where_a_map_belongs_is_told_in_a_sentence(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    printed = refused(sandbox, make_stack("list").connections([GOOD]).init())
    assert "connections" in printed


def refused(sandbox: Sandbox, stack: Stack) -> str:
    """What the failing up prints; the services hold what they held before."""
    before = holdings(sandbox)
    printed = stack.up(fails=True)
    assert holdings(sandbox) == before
    return printed


def holdings(sandbox: Sandbox) -> dict[str, Any]:
    """Everything that a program could create."""
    held = sandbox.control("GET", "dump")
    return {
        collection: held.get(collection)
        for collection in (
            "applications",
            "endpoints",
            "federated-credentials",
            "pipeline-permissions",
            "resources",
            "role-assignments",
            "service-principals",
        )
    }
