"""Azure DevOps Server as the target: a collection's address, and no federation.

The sandbox under the name `localhost` is one: every host but Azure DevOps' own counts as a server.
"""

from collections.abc import Callable

from engine_stack import Sandbox, Stack

SUBSCRIPTION = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"}


def test_a_secret_works_on_a_server_and_a_federated_credential_is_refused_with_the_reason(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    collection = sandbox.environment["AZDO_ORG_SERVICE_URL"].replace("127.0.0.1", "localhost")
    connection = {
        "project": "Payments",
        "organization": collection,
        "appRegistration": {},
        "subscription": SUBSCRIPTION,
        "pipelines": ["deploy-payments"],
    }
    stack = make_stack("server").connections({"server": connection}).init()
    assert "connections.server" in stack.up(fails=True)
    assert "Azure DevOps Server" in stack.up(fails=True)
    assert held(sandbox) == []

    stack.connections({"server": {**connection, "credential": {"secret": {"expires": "2099-12-31"}}}})
    stack.up()
    assert held(sandbox) == ["ServicePrincipal"]
    stack.preview("--expect-no-changes")
    stack.destroy()
    assert held(sandbox) == []


def held(sandbox: Sandbox) -> list[str]:
    """The schemes of the connections named `server`."""
    return [
        each["authorization"]["scheme"]
        for each in sandbox.holds("endpoints")
        if each["references"][0]["name"] == "server"
    ]
