"""A pipeline that brings connections up and signs in through a connection itself, as the page says."""

import re
import subprocess
from collections.abc import Callable
from typing import Any

import yaml
from engine_stack import ROOT, Sandbox, Stack

PLATFORM = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c03", "name": "Platform"}
DEVELOPMENT = {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02", "name": "Payments development"}
GROUP = f"/subscriptions/{PLATFORM['id']}/resourceGroups/rg-identities"
DEPLOYER = {
    "project": "Platform",
    "appRegistration": {},
    "subscription": PLATFORM,
    "roles": {
        "assign": {
            "role": "Role Based Access Control Administrator",
            "scope": f"/subscriptions/{DEVELOPMENT['id']}",
        },
        "identities": {"role": "Managed Identity Contributor", "scope": GROUP},
        "read": {"role": "Reader"},
    },
    "pipelines": ["deploy-network"],
}
DEPLOYED = {
    "project": "Payments",
    "managedIdentity": {
        "name": "id-from-a-pipeline",
        "resourceGroup": "rg-identities",
        "subscriptionId": PLATFORM["id"],
    },
    "subscription": DEVELOPMENT,
    "roles": {"read": {"role": "Reader"}},
}


def job_of(sandbox: Sandbox, stack: Stack) -> dict[str, str]:
    """What AzureCLI@2 gives its script in a run that may use the connection."""
    connection = stack.outputs()["deployer"]
    (pipeline,) = connection["pipelines"]
    organization = sandbox.environment["AZDO_ORG_SERVICE_URL"]
    token = ("", sandbox.environment["AZDO_PERSONAL_ACCESS_TOKEN"])
    started = sandbox.send(
        "POST",
        f"{organization}/{pipeline['projectId']}/_apis/pipelines/{pipeline['id']}/runs?api-version=7.1",
        auth=token,
        json={"templateParameters": {"serviceConnection": "deployer"}},
    )
    assert started.status_code == 200, started.text
    agent = sandbox.control("GET", f"organizations/contoso/runs/{started.json()['id']}/agent")["variables"]
    asked = sandbox.send(
        "POST",
        f"{agent['SYSTEM_OIDCREQUESTURI']}?api-version=7.1&serviceConnectionId={connection['connectionId']}",
        headers={"Authorization": f"Bearer {agent['SYSTEM_ACCESSTOKEN']}"},
    )
    assert asked.status_code == 200, asked.text
    return {
        "idToken": asked.json()["oidcToken"],
        "servicePrincipalId": connection["clientId"],
        "tenantId": connection["tenantId"],
    }


def script_of_the_page() -> str:
    page = (ROOT / "docs" / "shared-state.md").read_text()
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    steps: list[dict[str, Any]] = yaml.safe_load(text)["steps"]
    script: str = steps[0]["inputs"]["inlineScript"]
    return script


def test_a_pipeline_brings_a_stack_up_with_the_token_of_its_own_connection(
    make_stack: Callable[..., Stack], sandbox: Sandbox
) -> None:
    first = make_stack("first").connections({"deployer": DEPLOYER}).init()
    first.up()
    prod = make_stack("prod").connections({"from-a-pipeline": DEPLOYED}).init()
    without_secret = {
        key: value
        for key, value in prod.environment.items()
        if not key.startswith(("ARM_CLIENT", "ARM_TENANT", "AZURE_CLIENT", "AZURE_TENANT"))
    }
    job = job_of(sandbox, first)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script_of_the_page()],
        cwd=prod.folder,
        env={**without_secret, **job},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = prod.outputs()["from-a-pipeline"]
    (assignment,) = [
        each for each in sandbox.holds("role-assignments") if each["principalId"] == made["principalId"]
    ]
    deployer = first.outputs()["deployer"]["principalId"]
    assert assignment["createdBy"] == deployer
    assert job["idToken"] not in done.stdout + done.stderr
    prod.destroy()
    first.destroy()
