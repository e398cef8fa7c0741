"""Secrets of whoever runs the program: in the stack's configuration, and nowhere in clear."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from engine_stack import Sandbox, Stack

SECRET_MARK = "4dabf18193072939515e22adb298388d"
"""The key under which the engine keeps what kind of special value a map stands for; source: Pulumi's SDK."""


@dataclass
class Deployed:
    """A stack whose providers get everything from its configuration, and all that was printed of it."""

    stack: Stack
    secrets: tuple[str, str]
    printed: list[str]


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, make_stack: Callable[..., Stack]) -> Deployed:
    held = sandbox.environment
    stack = make_stack("secrets").connections(
        {
            "secrets": {
                "organization": held["AZDO_ORG_SERVICE_URL"],
                "project": "Payments",
                "managedIdentity": {
                    "name": "id-secrets",
                    "resourceGroup": "rg-payments",
                    "location": "westeurope",
                },
                "subscription": {
                    "id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01",
                    "name": "Payments production",
                },
                "roles": {"look": {"role": "Reader"}},
            },
        }
    )
    credentials = ("ARM_CLIENT", "ARM_TENANT", "AZURE_CLIENT", "AZURE_TENANT", "AZDO_")
    environment = {key: value for key, value in stack.environment.items() if not key.startswith(credentials)}
    stack = replace(stack, environment=environment).init()
    client_secret, token = held["ARM_CLIENT_SECRET"], held["AZDO_PERSONAL_ACCESS_TOKEN"]
    for key, value in {
        "azure-native:clientId": held["ARM_CLIENT_ID"],
        "azure-native:tenantId": held["ARM_TENANT_ID"],
    }.items():
        stack.pulumi("config", "set", "--stack", stack.name, key, value)
    for key, value in {
        "azure-native:clientSecret": client_secret,
        "azuredevops:personalAccessToken": token,
    }.items():
        stack.pulumi("config", "set", "--stack", stack.name, "--secret", key, value)
    printed = [stack.preview("--diff"), stack.up("--diff")]
    # What it made ends with the module's sandbox.
    return Deployed(stack, (client_secret, token), printed)


def test_a_stack_works_with_its_configured_credentials_alone(deployed: Deployed, sandbox: Sandbox) -> None:
    connection = deployed.stack.outputs()["secrets"]["connectionId"]
    assert connection in {each["id"] for each in sandbox.holds("endpoints")}


def test_no_secret_is_printed_or_kept_in_clear(deployed: Deployed) -> None:
    stack = deployed.stack
    printed = [
        *deployed.printed,
        stack.pulumi("stack", "export", "--stack", stack.name),
        stack.pulumi("stack", "output", "--stack", stack.name, "--json"),
        stack.pulumi("config", "--stack", stack.name),
    ]
    files = [path.read_bytes() for path in stack.folder.rglob("*") if path.is_file()]
    assert any(b"azure-native:authorization:RoleAssignment" in content for content in files)
    for secret in deployed.secrets:
        for form in (secret, base64.b64encode(f":{secret}".encode()).decode().rstrip("=")):
            assert not [text for text in printed if form in text]
            assert not [content for content in files if form.encode() in content]


def test_the_state_holds_the_secrets_of_explicit_providers_encrypted(deployed: Deployed) -> None:
    providers = {
        each["type"].rsplit(":", 1)[-1]: each["inputs"]
        for each in deployed.stack.resources()
        if each["type"].startswith("pulumi:providers:") and "::default" not in each["urn"]
    }
    kept = providers["azure-native"]["clientSecret"], providers["azuredevops"]["personalAccessToken"]
    assert all(SECRET_MARK in value and "ciphertext" in value for value in kept)
    shown = deployed.stack.pulumi("stack", "export", "--show-secrets", "--stack", deployed.stack.name)
    assert all(json.dumps(secret)[1:-1] in shown for secret in deployed.secrets)


def test_a_wrong_secret_is_refused_without_being_shown(deployed: Deployed) -> None:
    stack = deployed.stack
    client_secret, token = deployed.secrets
    for key, right, refused in (
        (
            "azure-native:clientSecret",
            client_secret,
            r"error: ManagedIdentity 'secrets': subscriptionId: could not be looked up \(.*AADSTS7000215.*\)",
        ),
        (
            "azuredevops:personalAccessToken",
            token,
            r"connections\.secrets\.project: .*could not be looked up",
        ),
    ):
        wrong = f"mistyped-{right[:12]}"
        stack.pulumi("config", "set", "--stack", stack.name, "--secret", key, wrong)
        printed = stack.preview(fails=True)
        assert re.search(refused, printed), printed
        assert wrong not in printed
        assert right not in printed
        stack.pulumi("config", "set", "--stack", stack.name, "--secret", key, right)
