"""What a program exports of a connection, so that it can be verified."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from mock_cloud import (
    APPLICATION_OBJECT,
    CLIENT,
    OTHER_PROJECT,
    PRINCIPAL,
    PROJECT,
    SUBSCRIPTION,
    TENANT,
    Cloud,
    endpoint_id,
    run,
)

from azure_service_connections.lifecycle.stack_output import Pipeline, Role, connections_of_file
from components import ServiceConnection

SCOPE = f"/subscriptions/{SUBSCRIPTION}"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def summary(**inputs: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def program() -> pulumi.Output[None]:
        made = ServiceConnection(
            "payments",
            {"project_id": PROJECT, "subscription": {"id": SUBSCRIPTION, "name": "Payments"}, **inputs},  # type: ignore[typeddict-item]
        )
        return pulumi.Output.from_input(made.summary).apply(found.update)

    run(program)
    return found


def test_a_summary_holds_what_the_connection_is_and_who_may_use_it(cloud: Cloud) -> None:
    assert (
        summary(
            app_registration={},
            roles={
                "deploy": {"role": "Contributor"},
                "look": {"role": "Reader", "scope": f"{SCOPE}/resourceGroups/rg"},
            },
            pipelines={"own": {"id": 7}, "other": {"id": 8, "project_id": OTHER_PROJECT}},
        ).items()
        >= {
            "connectionId": endpoint_id("payments"),
            "connectionName": "payments",
            "clientId": CLIENT,
            "principalId": PRINCIPAL,
            "tenantId": TENANT,
            "scope": SCOPE,
            "projectId": PROJECT,
            "cloud": "AzureCloud",
            "identity": "appRegistration",
            "credential": "federated",
        }.items()
    )


@pytest.mark.parametrize(
    ("inputs", "identity", "credential"),
    [
        ({"app_registration": {}}, "appRegistration", "federated"),
        (
            {
                "service_principal": {
                    "client_id": CLIENT,
                    "principal_id": PRINCIPAL,
                    "tenant_id": TENANT,
                    "application_id": APPLICATION_OBJECT,
                },
                "credential": {"secret": {"value": "s3cret"}},
            },
            "servicePrincipal",
            "secret",
        ),
        ({"agent_identity": {"tenant_id": TENANT}}, "agentIdentity", "agent"),
        ({"automatic": {"tenant_id": TENANT}}, "automatic", "federated"),
    ],
)
def test_a_summary_says_which_identity_and_which_credential_it_is_without_the_credential(
    cloud: Cloud, inputs: dict[str, Any], identity: str, credential: str
) -> None:
    found = summary(**inputs)
    assert (found["identity"], found["credential"]) == (identity, credential)
    assert "s3cret" not in json.dumps(found)


def test_the_verification_reads_a_stack_whose_output_is_made_of_summaries(
    cloud: Cloud, tmp_path: Path
) -> None:
    found = summary(
        app_registration={},
        roles={
            "deploy": {"role": "Contributor"},
            "look": {"role": READER, "scope": f"{SCOPE}/resourceGroups/rg"},
        },
        pipelines={"own": {"id": 7}, "other": {"id": 8, "project_id": OTHER_PROJECT}},
    )
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"connections": {"payments": found}}))
    (connection,) = connections_of_file(file)
    assert connection.pipelines == (Pipeline(7, "7", PROJECT), Pipeline(8, "8", OTHER_PROJECT))
    definitions = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions"
    assert connection.roles == (
        Role("deploy", "Contributor", SCOPE, f"{definitions}/{CONTRIBUTOR}"),
        Role("look", READER, f"{SCOPE}/resourceGroups/rg", f"{definitions}/{READER}"),
    )
