"""What goes wrong in the clouds during an up, and how it ends well."""

from collections.abc import Callable
from typing import Any

from engine_stack import Sandbox, Stack

SUBSCRIPTION = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"}
APPLICATION = {
    "project": "Payments",
    "appRegistration": {},
    "subscription": SUBSCRIPTION,
    "roles": {"read": {"role": "Reader"}},
    "pipelines": ["deploy-payments"],
}
IDENTITY = {
    "project": "Payments",
    "managedIdentity": {"name": "id-faults", "resourceGroup": "rg-payments", "location": "westeurope"},
    "subscription": SUBSCRIPTION,
    "roles": {"read": {"role": "Reader"}},
}


def test_slow_replication_throttling_and_a_server_error_need_no_human(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    stack = make_stack("faults").connections({"application": APPLICATION, "identity": IDENTITY}).init()
    lag(sandbox, 2)
    for service, path in (("graph", "/applications"), ("arm", "/roleAssignments/")):
        sandbox.control(
            "POST", "fail-next", json={"service": service, "status": 429, "retryAfter": 1, "path": path}
        )
        sandbox.control("POST", "fail-next", json={"service": service, "status": 500, "path": path})
    stack.up()
    assert sandbox.control("GET", "faults")["value"] == []
    assert sorted(stack.outputs()) == ["application", "identity"]
    lag(sandbox, 0)
    stack.up("--expect-no-changes")
    assert len(named(sandbox, "applications", "displayName", "application")) == 1
    stack.destroy()


def test_azure_devops_being_unavailable_fails_the_up_in_a_sentence_and_the_next_one_converges(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    stack = make_stack("unavailable").connections({"unavailable": APPLICATION}).init()
    sandbox.control(
        "POST",
        "fail-next",
        json={"service": "devops", "status": 503, "method": "POST", "path": "/serviceendpoint/endpoints"},
    )
    printed = stack.up(fails=True)
    assert "503" in printed or "unavailable" in printed.lower()
    stack.up()
    assert connection_names(sandbox).count("unavailable") == 1
    assert len(named(sandbox, "applications", "displayName", "unavailable")) == 1
    stack.up("--expect-no-changes")
    stack.destroy()


def lag(sandbox: Sandbox, reads: int) -> None:
    """Let new objects be found late, where the published azuread plugin waits for them."""
    for kind in ("applications", "federated-credentials"):
        sandbox.control("POST", "visible-after", json={"kind": kind, "reads": reads})


def connection_names(sandbox: Sandbox) -> list[str]:
    return [reference["name"] for each in sandbox.holds("endpoints") for reference in each["references"]]


def named(sandbox: Sandbox, collection: str, key: str, name: str) -> list[dict[str, Any]]:
    return [each for each in sandbox.holds(collection) if each.get(key) == name]
