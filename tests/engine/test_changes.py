"""Changes of a stack that is up: what stays, what is replaced, and in which order."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from engine_stack import Sandbox, Stack

PRODUCTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
DEVELOPMENT = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02"
SUBSCRIPTION = {"id": PRODUCTION, "name": "Payments production"}
OTHER = {
    "role": "Log Analytics Reader",
    "scope": f"/subscriptions/{PRODUCTION}/resourceGroups/rg-other",
}
CONNECTIONS: dict[str, Any] = {
    "application": {
        "project": "Payments",
        "appRegistration": {},
        "subscription": SUBSCRIPTION,
        "roles": {"deploy": {"role": "Contributor"}, "other": OTHER},
        "pipelines": ["deploy-payments"],
        "replace": "allowed",
    },
    "identity": {
        "project": "Payments",
        "managedIdentity": {
            "name": "id-changes",
            "subscriptionId": PRODUCTION,
            "resourceGroup": "rg-payments",
            "location": "westeurope",
        },
        "subscription": SUBSCRIPTION,
        "roles": {"deploy": {"role": "Contributor"}, "other": OTHER},
        "pipelines": ["deploy-payments"],
        "replace": "allowed",
    },
}
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
VAULT_READER = "21090545-7ca7-4776-b22c-e363652d74d2"
OTHER_HELD = ("73c42c96-874c-492b-b04d-ab87d138a893", OTHER["scope"].lower())


class Deployed:
    """The stack, which each test changes from whatever the one before left."""

    def __init__(self, stack: Stack, sandbox: Sandbox) -> None:
        self.stack = stack
        self.sandbox = sandbox
        self.written = CONNECTIONS

    def up(self, written: dict[str, Any], *arguments: str) -> list[dict[str, Any]]:
        """Bring up these connections; the requests of it."""
        self.stack.connections(written)
        self.sandbox.control("DELETE", "requests")
        self.stack.up(*arguments)
        self.written = written
        return self.sandbox.requests()

    def changed(self, **changes: Any) -> dict[str, Any]:
        """The connections with the same changed in both; `None` takes an input away."""
        return {
            key: {
                name: each for name, each in deepcopy({**connection, **changes}).items() if each is not None
            }
            for key, connection in self.written.items()
        }

    def assert_empty(self) -> None:
        """Another up has nothing to do."""
        self.up(self.written, "--expect-no-changes")

    def roles(self, output: dict[str, Any]) -> set[tuple[str, str]]:
        """What an identity holds: the role's GUID and its scope."""
        return {
            (each["roleDefinitionId"].rsplit("/", 1)[-1], each["scope"].lower())
            for each in self.sandbox.holds("role-assignments")
            if each["principalId"] == output["principalId"]
        }

    def pipelines(self, output: dict[str, Any]) -> set[int]:
        """Ids of the pipelines that may use a connection."""
        return {
            pipeline["id"]
            for each in self.sandbox.holds("pipeline-permissions")
            if each["resourceId"] == output["connectionId"]
            for pipeline in each["pipelines"]
            if pipeline["authorized"]
        }

    def endpoint(self, output: dict[str, Any]) -> dict[str, Any]:
        """The connection as Azure DevOps holds it."""
        return next(each for each in self.sandbox.holds("endpoints") if each["id"] == output["connectionId"])

    def credential(self, output: dict[str, Any]) -> str:
        """How the address of the credential that trusts a connection ends."""
        found = next(
            each
            for each in self.sandbox.holds("federated-credentials")
            if each["subject"] == output["subject"]
        )
        # Azure addresses it by its name, Graph by its id.
        return f"/{found['name'] if found['parent'].startswith('/') else found['id']}".lower()

    def assert_consistent(self) -> dict[str, Any]:
        """Each connection is trusted by its own identity alone; returns the stack's outputs."""
        outputs = self.stack.outputs()
        credentials = self.sandbox.holds("federated-credentials")
        assert len(credentials) == len(outputs)
        for key, output in outputs.items():
            trusting = [each for each in credentials if each["subject"] == output["subject"]]
            assert [each["clientId"] for each in trusting] == [output["clientId"]], key
            assert output["subject"].endswith(f"/{output['connectionId']}")
            parameters = self.endpoint(output)["authorization"]["parameters"]
            assert parameters["serviceprincipalid"] == output["clientId"]
        return outputs


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, make_stack: Callable[..., Stack]) -> Iterator[Deployed]:
    before = sandbox.control("GET", "dump")
    made = Deployed(make_stack("changes").init(), sandbox)
    made.up(CONNECTIONS)
    yield made
    made.stack.destroy()
    after = sandbox.control("GET", "dump")
    for collection in ("applications", "endpoints", "federated-credentials", "resources", "role-assignments"):
        assert sorted(after.get(collection, {})) == sorted(before.get(collection, {})), collection


def test_a_new_name_and_description_are_written_into_the_same_connection(deployed: Deployed) -> None:
    before = deployed.assert_consistent()
    permitted = {key: deployed.pipelines(output) for key, output in before.items()}
    renamed = deployed.changed()
    for key, connection in renamed.items():
        connection |= {"connectionName": f"renamed-{key}", "description": f"Described as {key}"}
    requests = deployed.up(renamed)
    after = deployed.assert_consistent()
    for key, output in after.items():
        assert output["connectionId"] == before[key]["connectionId"]
        assert output["clientId"] == before[key]["clientId"]
        assert output["connectionName"] == f"renamed-{key}"
        reference = deployed.endpoint(output)["references"][0]
        assert (reference["name"], reference["description"]) == (f"renamed-{key}", f"Described as {key}")
        assert deployed.pipelines(output) == permitted[key] == {1}
    assert not of(requests, "DELETE")
    assert not of(requests, "PATCH", "/pipelinepermissions/")


def test_a_changed_role_is_given_before_the_old_one_is_taken(deployed: Deployed) -> None:
    requests = deployed.up(deployed.changed(roles={"deploy": {"role": "Reader"}, "other": OTHER}))
    given = of(requests, "PUT", "/roleassignments/")
    taken = of(requests, "DELETE", "/roleassignments/")
    assert len(given) == len(taken) == 2
    assert max(given.values()) < min(taken.values())
    assert given.keys().isdisjoint(taken)
    for output in deployed.assert_consistent().values():
        assert deployed.roles(output) == {(READER, output["scope"].lower()), OTHER_HELD}


def test_roles_and_pipelines_come_and_go_without_touching_the_others(deployed: Deployed) -> None:
    before = deployed.assert_consistent()
    kept = {key: deployed.roles(output) for key, output in before.items()}
    roles = deployed.written["application"]["roles"]
    more = {**roles, "watch": {"role": "Key Vault Reader"}}
    requests = deployed.up(deployed.changed(roles=more, pipelines=["plan-payments", "deploy-payments"]))
    assert not of(requests, "DELETE")
    after = deployed.assert_consistent()
    for key, output in after.items():
        assert deployed.roles(output) == kept[key] | {(VAULT_READER, output["scope"].lower())}
        assert deployed.pipelines(output) == {1, 2}

    requests = deployed.up(deployed.changed(roles=roles, pipelines=["plan-payments"]))
    assert not of(requests, "PUT")
    assert deployed.assert_consistent() == {
        key: {**output, "roles": output["roles"][:2], "pipelines": output["pipelines"][:1]}
        for key, output in after.items()
    }
    for key, output in after.items():
        assert deployed.roles(output) == kept[key]
        assert deployed.pipelines(output) == {2}


def test_ids_in_capital_letters_change_nothing(deployed: Deployed) -> None:
    outputs = deployed.assert_consistent()
    capitals = deployed.changed(project=outputs["application"]["projectId"].upper())
    for connection in capitals.values():
        for scope, key in (("subscription", "id"), ("resourceGroup", "subscriptionId")):
            if scope in connection:
                connection[scope][key] = connection[scope][key].upper()
        connection["roles"]["other"]["scope"] = OTHER["scope"].replace(PRODUCTION, PRODUCTION.upper())
    capitals["identity"]["managedIdentity"]["subscriptionId"] = PRODUCTION.upper()
    deployed.up(capitals, "--expect-no-changes")


def test_a_scope_narrowed_to_a_resource_group_moves_the_rights_and_keeps_the_connection(
    deployed: Deployed,
) -> None:
    before = deployed.assert_consistent()
    held = {key: deployed.roles(output) for key, output in before.items()}
    groups = {"application": SUBSCRIPTION, "identity": {"id": DEVELOPMENT, "name": "Payments development"}}
    narrowed = deployed.changed(subscription=None)
    for key, subscription in groups.items():
        narrowed[key]["resourceGroup"] = {
            "subscriptionId": subscription["id"],
            "subscriptionName": subscription["name"],
            "name": "rg-payments",
        }
    requests = deployed.up(narrowed)
    assert of(requests, "DELETE") == of(requests, "DELETE", "/roleassignments/")
    after = deployed.assert_consistent()
    for key, output in after.items():
        scope = f"/subscriptions/{groups[key]['id']}/resourceGroups/rg-payments"
        assert output["scope"] == scope
        assert output["connectionId"] == before[key]["connectionId"]
        assert deployed.roles(output) == {
            OTHER_HELD,
            *((role, scope.lower()) for role, _ in held[key] - {OTHER_HELD}),
        }
        assert deployed.endpoint(output)["data"]["subscriptionId"] == groups[key]["id"]
        assert deployed.endpoint(output)["data"]["subscriptionName"] == groups[key]["name"]


def test_a_connection_in_another_project_is_a_new_one_for_the_same_identity(deployed: Deployed) -> None:
    before = deployed.assert_consistent()
    held = {key: deployed.roles(output) for key, output in before.items()}
    trust = {key: deployed.credential(output) for key, output in before.items()}
    moved = deployed.changed(project="Platform", pipelines=["deploy-network"])
    deployed.stack.connections(moved)
    told = deployed.stack.preview("--diff")
    assert told.count("+-azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM: (replace)") == 2
    requests = deployed.up(moved)
    removed = of(requests, "DELETE")
    after = deployed.assert_consistent()
    endpoints = {each["id"] for each in deployed.sandbox.holds("endpoints")}
    for key, output in after.items():
        old = before[key]["connectionId"]
        assert output["connectionId"] != old
        assert old not in endpoints
        untrusted = next(place for path, place in removed.items() if trust[key] in path)
        assert untrusted < next(
            place for path, place in removed.items() if path.endswith(f"/endpoints/{old}")
        )
        assert (output["clientId"], output["principalId"]) == (
            before[key]["clientId"],
            before[key]["principalId"],
        )
        assert deployed.roles(output) == held[key]
        assert deployed.pipelines(output) == {4}
        assert deployed.pipelines(before[key]) == set()
        assert deployed.endpoint(output)["references"][0]["projectId"] == output["projectId"]
    deployed.assert_empty()


def of(requests: list[dict[str, Any]], method: str, part: str = "") -> dict[str, int]:
    """The paths of requests of a method, and the place of each among all requests."""
    return {
        request["path"].lower(): place
        for place, request in enumerate(requests)
        if request["method"] == method and part in request["path"].lower()
    }
