"""Renames: of the project, of a connection and of its key, with either issuer. Nothing is made anew."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from engine_stack import ROOT, Sandbox, Stack, run

PRODUCTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
PLATFORM = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c03"
IDENTITY = (
    f"/subscriptions/{PLATFORM}/resourceGroups/rg-identities"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-network"
)
WORKSPACE = {
    "subscriptionId": PRODUCTION,
    "subscriptionName": "Payments production",
    "resourceGroup": "rg-payments",
    "name": "ml-fraud",
    "location": "westeurope",
}
KEYS = ("application", "identity", "workspace")
COLLECTIONS = ("applications", "endpoints", "federated-credentials", "role-assignments", "service-principals")
ESTATE = ROOT / "azure_service_connections" / "sandbox" / "estates" / "sample.yaml"


def connections(project: str = "Payments", prefix: str = "", **changes: Any) -> dict[str, dict[str, Any]]:
    """A connection of each kind that is named in another way; the prefix comes before their keys."""
    common = {"project": project, "roles": {"look": {"role": "Reader"}}, "pipelines": ["deploy-payments"]}
    subscription = {"id": PRODUCTION, "name": "Payments production"}
    own: dict[str, dict[str, Any]] = {
        "application": {"appRegistration": {}, "subscription": subscription},
        "identity": {"managedIdentity": {"resourceId": IDENTITY}, "subscription": subscription},
        "workspace": {"appRegistration": {}, "workspace": WORKSPACE},
    }
    return {
        f"{prefix}{key}": {
            **common,
            **own[key],
            **{name: value.format(key=key) for name, value in changes.items()},
        }
        for key in KEYS
    }


class Deployed:
    """The stack in an organization with one of the issuers; each test goes on from the one before."""

    def __init__(self, stack: Stack, sandbox: Sandbox, issuer: str) -> None:
        self.stack = stack
        self.sandbox = sandbox
        self.issuer = issuer

    def up(self, written: dict[str, Any], *arguments: str) -> list[dict[str, Any]]:
        """Bring up these connections; what was written meanwhile."""
        self.stack.connections(written)
        self.sandbox.control("DELETE", "requests")
        self.stack.up(*arguments)
        return [
            each
            for each in self.sandbox.requests()
            if each["method"] in ("PUT", "PATCH", "DELETE")
            or (each["method"] == "POST" and not each["path"].endswith("/token"))
        ]

    def ids(self) -> dict[str, list[str]]:
        """What there is."""
        dump = self.sandbox.control("GET", "dump")
        return {collection: sorted(dump.get(collection, {})) for collection in COLLECTIONS}

    def subjects(self) -> dict[str, str]:
        """Whom the identity of each connection trusts, by the end of the connection's key."""
        trusts = self.sandbox.holds("federated-credentials")
        found = {}
        for key, output in self.stack.outputs().items():
            (trust,) = [each for each in trusts if each["name"].endswith(output["connectionId"])]
            assert trust["clientId"] == output["clientId"]
            found[key.rpartition("-")[2]] = trust["subject"]
        return found

    def proofs(self) -> dict[str, tuple[str, str]]:
        """What becomes of signing in through each connection: the token, and what is wrong."""
        done = run(
            ["connections", "verify", "--stack", self.stack.name, "--json"],
            self.stack.environment,
            self.stack.folder,
        )
        return {each["key"]: (each["token"], each["problem"]) for each in json.loads(done.stdout)}

    def assert_usable(self) -> None:
        assert set(self.proofs().values()) == {("done", "")}


@pytest.fixture(scope="module", params=["entra", "devops"])
def deployed(request: pytest.FixtureRequest, sandbox: Sandbox, make_stack: Callable[..., Stack]) -> Deployed:
    """The connections in an organization with this issuer; they end with their sandbox."""
    estate = yaml.safe_load(ESTATE.read_text())
    estate["organizations"][0]["issuer"] = request.param
    sandbox.control("POST", "seed", content=yaml.safe_dump(estate))
    made = Deployed(make_stack(f"renames-{request.param}").init(), sandbox, request.param)
    made.up(connections())
    return made


def rename_project(deployed: Deployed, old: str, new: str) -> None:
    """As a person does it in the project's settings."""
    (project,) = [each for each in deployed.sandbox.holds("projects") if each["name"] == old]
    environment = deployed.sandbox.environment
    answer = deployed.sandbox.send(
        "PATCH",
        f"{environment['AZDO_ORG_SERVICE_URL']}/_apis/projects/{project['id']}?api-version=7.1",
        json={"name": new},
        auth=("", environment["AZDO_PERSONAL_ACCESS_TOKEN"]),
    )
    assert answer.status_code == 202, answer.text


def a_renamed_project_keeps_its_connections_and_a_refresh_heals_the_trust_in_them(
    deployed: Deployed,
) -> None:
    before, ids = deployed.subjects(), deployed.ids()
    rename_project(deployed, "Payments", "Cards")
    written = deployed.up(connections("Cards"), "--refresh")
    after = deployed.subjects()
    assert deployed.ids() == ids
    if deployed.issuer == "entra":
        assert after == before
        assert written == []
    else:
        assert after == {key: f"sc://contoso/Cards/{key}" for key in KEYS}
        assert before == {key: f"sc://contoso/Payments/{key}" for key in KEYS}
        assert {each["method"] for each in written} <= {"PATCH", "PUT"}
        assert len(written) == len(KEYS)
        assert all("federatedidentitycredentials" in each["path"].lower() for each in written)
    deployed.assert_usable()


def a_renamed_connection_is_trusted_under_its_new_name_in_the_same_up(deployed: Deployed) -> None:
    before, ids = deployed.subjects(), deployed.ids()
    deployed.up(connections("Cards", connectionName="renamed-{key}"))
    after = deployed.subjects()
    assert deployed.ids() == ids
    assert {each["references"][0]["name"] for each in deployed.sandbox.holds("endpoints")} >= {
        f"renamed-{key}" for key in KEYS
    }
    if deployed.issuer == "entra":
        assert after == before
    else:
        assert after == {key: f"sc://contoso/Cards/renamed-{key}" for key in KEYS}
    deployed.assert_usable()
    deployed.stack.preview("--expect-no-changes")


def a_new_key_takes_over_what_its_former_key_made(deployed: Deployed) -> None:
    ids, outputs = deployed.ids(), deployed.stack.outputs()
    renamed = connections("Cards", "new-", connectionName="renamed-{key}")
    moved = {key: {**each, "formerKeys": [key.removeprefix("new-")]} for key, each in renamed.items()}
    written = deployed.up(moved)
    assert deployed.ids() == ids
    # The tag that tells which resource an application is holds the key.
    assert {each["method"] for each in written} <= {"PATCH"}
    assert all("/applications/" in each["path"] for each in written)
    assert deployed.stack.outputs() == {f"new-{key}": output for key, output in outputs.items()}

    deployed.stack.preview("--expect-no-changes")
    deployed.up(renamed, "--expect-no-changes")
    deployed.assert_usable()


def test_renames_of_project_connection_and_key_replace_nothing_one_after_another(deployed: Deployed) -> None:
    # One test: each step starts from what the one before has left, and tests are spread over processes.
    a_renamed_project_keeps_its_connections_and_a_refresh_heals_the_trust_in_them(deployed)
    a_renamed_connection_is_trusted_under_its_new_name_in_the_same_up(deployed)
    a_new_key_takes_over_what_its_former_key_made(deployed)
