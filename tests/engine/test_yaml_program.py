"""The components as a package: a program in YAML makes what a program in Python makes."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine_stack import PYTHON, Sandbox, Stack, make_project, running_sandbox

PLATFORM = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c03"
IDENTITY = (
    f"/subscriptions/{PLATFORM}/resourceGroups/rg-identities"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-network"
)
PRODUCTION = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"}
DEVELOPMENT = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02", "name": "Payments development"}
GROUP = {"subscriptionId": DEVELOPMENT["id"], "subscriptionName": DEVELOPMENT["name"], "name": "rg-payments"}
GUID = "12807bfb-639b-4c0c-84e9-7ffad9d66cb1"
IN_YAML, IN_PYTHON = "consumer-in-yaml", "consumer-in-python"
"""The names of the two projects."""
TOKEN = "azure-service-connections:index:ServiceConnection"

PYTHON_PROGRAM = """
import pulumi
import pulumi_azure_native as azure_native
from components import ServiceConnection

project_id = pulumi.Config().require("projectId")
identity = {"resource_id": "IDENTITY"}
production = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"}
development = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02", "name": "Payments development"}
platform = azure_native.Provider("platform", subscription_id="PLATFORM")
theirs = pulumi.ResourceOptions(providers=[platform])
made = {
    "shared-production": ServiceConnection(
        "shared-production",
        {
            "project_id": project_id,
            "managed_identity": identity,
            "subscription": production,
            "roles": {"look": {"role": "Reader"}},
            "pipelines": {"deploy": {"id": 1}},
        },
        theirs,
    ),
    "shared-development": ServiceConnection(
        "shared-development",
        {
            "project_id": project_id,
            "managed_identity": identity,
            "subscription": development,
            "roles": {"look": {"role": "Reader"}},
        },
        theirs,
    ),
    "shared-group": ServiceConnection(
        "shared-group",
        {
            "project_id": project_id,
            "managed_identity": identity,
            "resource_group": {
                "subscription_id": development["id"],
                "subscription_name": development["name"],
                "name": "rg-payments",
            },
            "roles": {"deploy": {"role": "Contributor"}},
        },
        theirs,
    ),
    "application": ServiceConnection(
        "application",
        {
            "project_id": project_id,
            "description": "Signs in as an application",
            "app_registration": {"notes": "Made in a test"},
            "subscription": production,
            "all_pipelines": True,
        },
    ),
}
pulumi.export("connections", {key: {"connectionId": each.connection_id} for key, each in made.items()})
""".replace("PLATFORM", PLATFORM).replace("IDENTITY", IDENTITY)


@dataclass
class Deployed:
    """A stack that is up, and the services that it is up in."""

    stack: Stack
    sandbox: Sandbox
    created: list[dict[str, Any]] = field(default_factory=list)
    """The state after the first up. Later ones may order the same credentials in another way."""

    def up(self) -> None:
        self.stack.up()
        self.created = self.stack.resources()


@pytest.fixture(scope="module")
def both(
    engine_path: str, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Deployed, Deployed]]:
    """The same connections out of YAML and out of Python, each in a sandbox of its own."""
    with running_sandbox(engine_path, tmp_path_factory.mktemp("python") / "home") as other:
        out_of_yaml = Deployed(
            yaml_stack(sandbox, tmp_path_factory.mktemp("yaml"), resources(sandbox)), sandbox
        )
        folder = tmp_path_factory.mktemp("program")
        python = make_project(
            other, folder, "test", {"name": IN_PYTHON, "runtime": PYTHON}, PYTHON_PROGRAM
        ).text(yaml.safe_dump({"config": {f"{IN_PYTHON}:projectId": project_id(other)}}))
        out_of_python = Deployed(python.init(), other)
        before = [holdings(each) for each in (sandbox, other)]
        with ThreadPoolExecutor() as together:
            list(together.map(lambda each: each.up(), (out_of_yaml, out_of_python)))
            yield out_of_yaml, out_of_python
            list(together.map(lambda each: each.stack.destroy(), (out_of_yaml, out_of_python)))
        assert [holdings(each) for each in (sandbox, other)] == before


def test_a_second_up_of_either_program_changes_nothing(both: tuple[Deployed, Deployed]) -> None:
    for deployed in both:
        deployed.stack.up("--expect-no-changes")


def test_credentials_of_a_shared_identity_are_written_one_after_another(
    both: tuple[Deployed, Deployed],
) -> None:
    for deployed in both:
        writes = [
            request
            for request in deployed.sandbox.requests()
            if request["method"] == "PUT" and "/federatedidentitycredentials/" in request["path"].lower()
        ]
        assert [write["status"] for write in writes] == [201, 201, 201]
        credentials = [
            each for each in deployed.created if each["type"].endswith(":FederatedIdentityCredential")
        ]
        written = sorted(
            credentials,
            key=lambda each: position(writes, each["inputs"]["federatedIdentityCredentialResourceName"]),
        )
        assert len(written) == 3
        for earlier, later in pairwise(written):
            assert earlier["urn"] in later["dependencies"]


def test_each_credential_trusts_its_own_connection(both: tuple[Deployed, Deployed]) -> None:
    for deployed in both:
        subjects = {
            each["subject"].rsplit("/", 1)[-1] for each in deployed.sandbox.holds("federated-credentials")
        }
        assert subjects == {each["connectionId"] for each in deployed.stack.outputs().values()}
        parents = [each["parent"].lower() for each in deployed.sandbox.holds("federated-credentials")]
        assert parents.count(IDENTITY.lower()) == 3


def test_the_states_of_both_programs_differ_in_nothing_but_the_project_name(
    both: tuple[Deployed, Deployed],
) -> None:
    out_of_yaml, out_of_python = (state(deployed.stack) for deployed in both)
    assert sorted(out_of_yaml) == sorted(out_of_python)
    for urn, resource in out_of_yaml.items():
        assert resource == out_of_python[urn], urn


def test_every_mistake_in_yaml_is_told_at_once_with_its_path_and_nothing_is_created(
    both: tuple[Deployed, Deployed], sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wrong = {
        "first": {
            "type": TOKEN,
            "properties": {
                "projectId": "Payments",
                "appRegistration": {"displayName": " "},
                "managedIdentity": {"resourceId": "id-network"},
                "roles": {"look": {"role": "Raeder"}},
                "pipelines": {"deploy": {"id": 0}},
                # The words of a closed list: enums in the schema.
                "cloud": {"environment": "AzureClout"},
                "replace": "always",
                "checks": {
                    "businessHours": {
                        "days": ["monday", "Sunday"],
                        "start": "08:00",
                        "end": "18:00",
                        "timeZone": "UTC",
                    }
                },
                "permissions": {"owners": {"identityId": GUID, "role": "Owner"}},
            },
        },
        "second": {
            "type": TOKEN,
            "properties": {"projectId": project_id(sandbox), "subscription": PRODUCTION},
        },
    }
    stack = yaml_stack(sandbox, tmp_path_factory.mktemp("mistakes"), wrong)
    before = holdings(sandbox)
    printed = stack.up(fails=True)
    assert holdings(sandbox) == before
    for path, problem in {
        "projectId": "'Payments' is not a GUID",
        "appRegistration.displayName": "is blank",
        "managedIdentity.resourceId": "'id-network' is not the id of a managed identity",
        "managedIdentity": "Only one of appRegistration and managedIdentity can be given",
        "roles.look.role": "'Raeder' is not a known role; write 'Reader'",
        "pipelines.deploy.id": "'0' is not the id of a pipeline",
        "cloud.environment": "'AzureClout' is no cloud; write AzureCloud",
        "replace": "'always' says nothing; write allowed",
        "checks.businessHours.days[1]": "'Sunday' is not a day",
        "permissions.owners.role": "'Owner' is not",
        "args": "has no scope",
    }.items():
        assert re.search(rf"property {re.escape(path)} (with value .* )?has a problem: {problem}", printed), (
            path
        )
    assert "'second' cannot be made" in printed
    assert "has no identity" in printed


def resources(sandbox: Sandbox) -> dict[str, Any]:
    """The resources of the program in YAML."""
    shared = {"projectId": project_id(sandbox), "managedIdentity": {"resourceId": IDENTITY}}
    look = {"roles": {"look": {"role": "Reader"}}}
    theirs = {"options": {"providers": ["${platform}"]}}
    connections: dict[str, Any] = {
        "shared-production": {
            **shared,
            "subscription": PRODUCTION,
            **look,
            "pipelines": {"deploy": {"id": 1}},
        },
        "shared-development": {**shared, "subscription": DEVELOPMENT, **look},
        "shared-group": {**shared, "resourceGroup": GROUP, "roles": {"deploy": {"role": "Contributor"}}},
    }
    application = {
        "projectId": project_id(sandbox),
        "description": "Signs in as an application",
        "appRegistration": {"notes": "Made in a test"},
        "subscription": PRODUCTION,
        "allPipelines": True,
    }
    return {
        "platform": {"type": "pulumi:providers:azure-native", "properties": {"subscriptionId": PLATFORM}},
        **{key: {"type": TOKEN, "properties": each, **theirs} for key, each in connections.items()},
        "application": {"type": TOKEN, "properties": application},
    }


def yaml_stack(sandbox: Sandbox, folder: Path, declared: dict[str, Any]) -> Stack:
    connections = [key for key, each in declared.items() if each["type"] == TOKEN]
    project = {
        "name": IN_YAML,
        "runtime": "yaml",
        "packages": {"azure-service-connections": "./components"},
        "resources": declared,
        "outputs": {
            "connections": {key: {"connectionId": f"${{{key}.connectionId}}"} for key in connections}
        },
    }
    return make_project(sandbox, folder, "test", project).init()


def state(stack: Stack) -> dict[str, Any]:
    """What each resource is by its URN, with one project name and the names of connections for their ids.

    Left out is what differs between any two runs of one program: ids and times that the services answer,
    the provider's id, and in which order the credentials of an identity were written.
    """
    text = json.dumps(stack.resources()).replace(IN_YAML, "PROJECT").replace(IN_PYTHON, "PROJECT")
    for key, output in stack.outputs().items():
        text = text.replace(output["connectionId"], key)
    compared = ("type", "custom", "parent", "inputs", "protect", "external", "additionalSecretOutputs")
    return {
        each["urn"]: {
            **{part: each.get(part) for part in compared},
            "outputs": None if each["custom"] else sorted(each.get("outputs") or ()),
        }
        for each in json.loads(text)
        if not each["type"].startswith("pulumi:")
    }


def position(writes: list[dict[str, Any]], name: str) -> int:
    return next(place for place, write in enumerate(writes) if write["path"].endswith(name))


def project_id(sandbox: Sandbox) -> str:
    return next(str(each["id"]) for each in sandbox.holds("projects") if each["name"] == "Payments")


def holdings(sandbox: Sandbox) -> dict[str, list[str]]:
    """The ids of everything that a program could create."""
    held = sandbox.control("GET", "dump")
    return {
        collection: sorted(held.get(collection, {}))
        for collection in (
            "applications",
            "endpoints",
            "federated-credentials",
            "resources",
            "role-assignments",
            "service-principals",
        )
    }
