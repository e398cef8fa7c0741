"""Changes that pipelines may feel: another cloud, another identity, another way to sign in."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engine_stack import Sandbox, Stack

PRODUCTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
APPLICATION: dict[str, Any] = {"appRegistration": {}}
MANAGED_IDENTITY: dict[str, Any] = {
    "managedIdentity": {
        "name": "id-changes-that-hurt",
        "subscriptionId": PRODUCTION,
        "resourceGroup": "rg-payments",
        "location": "westeurope",
    }
}
CONNECTION: dict[str, Any] = {
    "project": "Payments",
    "subscription": {"id": PRODUCTION, "name": "Payments production"},
    "roles": {"look": {"role": "Reader"}},
    "pipelines": ["deploy-payments"],
}
CONNECTIONS: dict[str, dict[str, Any]] = {
    key: {**CONNECTION, **APPLICATION} for key in ("cloud", "identity", "scheme")
}
EXPIRES = (datetime.now(UTC) + timedelta(days=90)).strftime("%Y-%m-%dT00:00:00Z")
REPLACING: dict[str, dict[str, Any]] = {
    "cloud": {"cloud": {"environment": "AzureUSGovernment"}},
    "scheme": {"credential": {"secret": {"expires": EXPIRES}}},
}
AUDIENCES = {
    "AzureCloud": "api://AzureADTokenExchange",
    "AzureUSGovernment": "api://AzureADTokenExchangeUSGov",
}


class Deployed:
    """The stack, which each test changes from whatever the one before left."""

    def __init__(self, stack: Stack, sandbox: Sandbox) -> None:
        self.stack = stack
        self.sandbox = sandbox
        self.of_estate = sandbox.control("GET", "dump")

    def holds(self, collection: str) -> list[dict[str, Any]]:
        """The documents that the stack made in a collection: those of the estate are left out."""
        before = self.of_estate.get(collection, {})
        return [
            dict(document)
            for key, document in self.sandbox.control("GET", "dump").get(collection, {}).items()
            if key not in before
        ]

    def endpoints(self) -> dict[str, dict[str, Any]]:
        """The connections as Azure DevOps holds them, by name; a name is there once."""
        named = [(each["references"][0]["name"], each) for each in self.holds("endpoints")]
        assert len(named) == len(dict(named)), sorted(name for name, _ in named)
        return dict(named)

    def assert_whole(self) -> dict[str, Any]:
        """The services hold what the outputs say and nothing of what was before; returns the outputs.

        Each federated connection is trusted once, by its own identity, and one with a secret by nobody.
        """
        outputs = self.stack.outputs()
        endpoints = self.endpoints()
        assert {name: each["id"] for name, each in endpoints.items()} == {
            key: output["connectionId"] for key, output in outputs.items()
        }
        for key, output in outputs.items():
            parameters = endpoints[key]["authorization"]["parameters"]
            assert parameters["serviceprincipalid"] == output["clientId"], key

        assert sorted(
            (each["clientId"], each["issuer"], each["subject"], *each["audiences"])
            for each in self.holds("federated-credentials")
        ) == sorted(
            (output["clientId"], output["issuer"], output["subject"], AUDIENCES[output["cloud"]])
            for output in outputs.values()
            if output["credential"] == "federated"
        )
        assert sorted(
            (each["principalId"], each["roleDefinitionId"].rsplit("/", 1)[-1], each["scope"].lower())
            for each in self.holds("role-assignments")
        ) == sorted((output["principalId"], READER, output["scope"].lower()) for output in outputs.values())
        assert sorted(
            (each["resourceId"], pipeline["id"])
            for each in self.holds("pipeline-permissions")
            for pipeline in each["pipelines"]
            if pipeline["authorized"]
        ) == sorted((output["connectionId"], 1) for output in outputs.values())

        assert sorted(each["appId"] for each in self.holds("applications")) == sorted(
            output["clientId"] for output in outputs.values() if output["identity"] == "appRegistration"
        )
        assert sorted((each["appId"], each["id"]) for each in self.holds("service-principals")) == sorted(
            (output["clientId"], output["principalId"]) for output in outputs.values()
        )
        return outputs


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, make_stack: Callable[..., Stack]) -> Deployed:
    """Three connections that sign in federated as applications; they end with their sandbox."""
    made = Deployed(make_stack("hurt").connections(CONNECTIONS).init(), sandbox)
    made.stack.up()
    return made


@pytest.mark.parametrize("key", REPLACING)
def test_a_replacement_that_nobody_allowed_is_refused_and_nothing_is_written(
    deployed: Deployed, key: str
) -> None:
    before = deployed.sandbox.control("GET", "dump")
    deployed.stack.connections({**CONNECTIONS, key: {**CONNECTIONS[key], **REPLACING[key]}})
    told = deployed.stack.pulumi("up", "--stack", deployed.stack.name, "--yes", fails=True)
    refused = re.findall(r'unable to replace resource "\S+ServiceEndpointAzureRM::(\w+)"', told)
    assert set(refused) == {key}, told
    assert "marked for protection" in told
    assert deployed.sandbox.control("GET", "dump") == before
    deployed.assert_whole()


@pytest.mark.parametrize("key", REPLACING)
def test_without_a_preview_the_replacement_is_refused_as_well_before_anything_is_deleted(
    deployed: Deployed, key: str
) -> None:
    before = deployed.assert_whole()
    deployed.stack.connections({**CONNECTIONS, key: {**CONNECTIONS[key], **REPLACING[key]}})
    deployed.sandbox.control("DELETE", "requests")
    told = deployed.stack.up(fails=True)
    assert "marked for protection" in told
    assert [each["path"] for each in deployed.sandbox.requests() if each["method"] == "DELETE"] == []
    assert {name: each["id"] for name, each in deployed.endpoints().items()} == {
        name: output["connectionId"] for name, output in before.items()
    }
    # What came before the connection was made: taking the change back takes it away.
    deployed.stack.connections(CONNECTIONS).up()
    assert deployed.assert_whole() == before
    secrets = [each["passwordCredentials"] for each in deployed.holds("applications")]
    assert secrets == [[] for _ in CONNECTIONS]


def test_another_identity_takes_over_the_same_connection_without_being_allowed_to_replace(
    deployed: Deployed,
) -> None:
    before = deployed.assert_whole()
    deployed.stack.connections({**CONNECTIONS, "identity": {**CONNECTION, **MANAGED_IDENTITY}})
    deployed.stack.up()
    after = deployed.assert_whole()
    assert after["identity"]["identity"] == "managedIdentity"
    assert after["identity"]["clientId"] != before["identity"]["clientId"]
    assert {key: output["connectionId"] for key, output in after.items()} == {
        key: output["connectionId"] for key, output in before.items()
    }


def test_all_three_changes_that_are_allowed_converge_in_one_up(deployed: Deployed) -> None:
    before = deployed.assert_whole()
    managed = before["identity"]["identity"] == "managedIdentity"
    changed = {
        **{key: {**CONNECTIONS[key], **change} for key, change in REPLACING.items()},
        "identity": {**CONNECTION, **(APPLICATION if managed else MANAGED_IDENTITY)},
    }
    deployed.stack.connections({key: {**each, "replace": "allowed"} for key, each in changed.items()})
    deployed.stack.up()

    after = deployed.assert_whole()
    kept = {key for key, output in after.items() if output["connectionId"] == before[key]["connectionId"]}
    assert kept == {"identity"}
    for key in REPLACING:
        for name in ("clientId", "principalId"):
            assert after[key][name] == before[key][name], key
    assert after["identity"]["clientId"] != before["identity"]["clientId"]
    assert after["identity"]["principalId"] != before["identity"]["principalId"]

    endpoints = deployed.endpoints()
    assert endpoints["cloud"]["url"] == "https://management.usgovcloudapi.net/"
    assert endpoints["scheme"]["authorization"]["scheme"] == "ServicePrincipal"
    assert {key: (output["cloud"], output["credential"]) for key, output in after.items()} == {
        "cloud": ("AzureUSGovernment", "federated"),
        "identity": ("AzureCloud", "federated"),
        "scheme": ("AzureCloud", "secret"),
    }
    deployed.stack.preview("--expect-no-changes")
