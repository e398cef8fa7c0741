"""Components used directly: what they look up, and what they say where it is not there."""

from collections.abc import Callable
from typing import Any

import pytest
from engine_stack import Sandbox, Stack

PRODUCTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
PLATFORM = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c03"
IDENTITY = (
    f"/subscriptions/{PLATFORM}/resourceGroups/rg-identities"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-network"
)
PROGRAM = f"""
import pulumi
import pulumi_azure_native as azure_native
from components import ExistingServicePrincipal, FederatedCredential, ManagedIdentity, ServiceConnection

production = azure_native.Provider("production", subscription_id="{PRODUCTION}")
options = pulumi.ResourceOptions(providers=[production])
"""
ENDED = "error: an unhandled error occurred: program exited with non-zero exit code: 1"
"""The engine's own last word on every program that fails."""
CONNECTION = f"""
ServiceConnection(
    "elsewhere",
    {{
        "project_id": "38536868-9af8-4b92-917c-15c70693bdcf",
        "managed_identity": {{"resource_id": "{IDENTITY}"}},
        "subscription": {{"id": "{PRODUCTION}", "name": "Payments production"}},
        "roles": {{"look": {{"role": "Reader"}}}},
    }},
    options,
)
"""
MADE = f"""
ManagedIdentity(
    "elsewhere",
    {{
        "name": "id-elsewhere",
        "resource_group": "rg-identities",
        "subscription_id": "{PLATFORM}",
        "location": "westeurope",
    }},
    options,
)
"""
CREDENTIAL = f"""
FederatedCredential(
    "elsewhere",
    {{
        "managed_identity_id": pulumi.Output.from_input("{IDENTITY}"),
        "credential_name": "elsewhere",
        "issuer": "https://issuer.example",
        "subject": "somebody",
    }},
    options,
)
"""


NOWHERE = f"""
ManagedIdentity(
    "nowhere",
    {{"resource_id": "{IDENTITY.replace(PLATFORM, PRODUCTION)}"}},
    options,
)
"""
NOBODY = """
ExistingServicePrincipal(
    "nobody",
    {
        "client_id": "00000000-0000-4000-8000-000000000001",
        "tenant_id": "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01",
    },
)
"""


@pytest.mark.parametrize(
    ("component", "path", "program"),
    [
        ("ManagedIdentity", "resourceId", CONNECTION),
        ("ManagedIdentity", "subscriptionId", MADE),
        ("FederatedCredential", "managedIdentityId", CREDENTIAL),
    ],
    ids=["of a connection", "to be made", "that trusts"],
)
def test_an_identity_elsewhere_is_refused_in_one_sentence_and_nothing_is_made(
    sandbox: Sandbox, make_program: Callable[..., Stack], component: str, path: str, program: str
) -> None:
    stack = make_program("elsewhere", PROGRAM + program).init()
    before = holdings(sandbox)
    printed = stack.up(fails=True)
    assert holdings(sandbox) == before
    sentence = (
        f"error: {component} 'elsewhere': {path}: the identity is in subscription '{PLATFORM}', but the "
        f"azure-native provider works in '{PRODUCTION}'; pass "
        f"`providers=[azure_native.Provider(..., subscription_id='{PLATFORM}')]`"
    )
    assert told(printed) == {sentence, ENDED}


@pytest.mark.parametrize(
    ("place", "words", "program"),
    [
        ("ManagedIdentity 'nowhere': resourceId", "id-network", NOWHERE),
        ("ExistingServicePrincipal 'nobody': clientId", "00000000-0000-4000-8000-000000000001", NOBODY),
    ],
    ids=["managed identity", "service principal"],
)
def test_an_identity_that_is_not_there_is_told_in_one_sentence(
    make_program: Callable[..., Stack], place: str, words: str, program: str
) -> None:
    printed = make_program("missing", PROGRAM + program).init().up(fails=True)
    sentence, *others = told(printed) - {ENDED}
    assert not others
    assert sentence.startswith(f"error: {place}: could not be looked up (")
    assert words in sentence
    assert sentence.endswith("); check address, credentials and rights")


def told(printed: str) -> set[str]:
    """The lines about errors."""
    return {line.strip() for line in printed.partition("Diagnostics:")[2].splitlines() if "error:" in line}


def holdings(sandbox: Sandbox) -> dict[str, Any]:
    held = sandbox.control("GET", "dump")
    return {
        collection: held.get(collection)
        for collection in ("endpoints", "federated-credentials", "resources", "role-assignments")
    }
