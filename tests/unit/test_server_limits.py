"""Azure DevOps Server: what works there, and why the rest does not."""

import json
from typing import Any

import pulumi
import pytest
from mock_cloud import CLIENT, ENDPOINT, SUBSCRIPTION, TENANT, Cloud, run, start
from program import answers, connect
from test_loader_mistakes import END, MANAGED, WORKSPACE, connection

from azure_service_connections.configuration.loader import load
from azure_service_connections.configuration.mistakes import ConfigurationError
from azure_service_connections.configuration.server_limits import is_server, refuse_what_no_server_can

SERVER = "https://tfs.contoso.example/tfs/DefaultCollection"
SECRET = {"secret": {"expires": END}}


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://dev.azure.com/contoso", False),
        ("https://contoso.visualstudio.com", False),
        ("https://127.0.0.1:18443/contoso", False),
        (None, False),
        (SERVER, True),
        ("https://dev.azure.com.contoso.example/contoso", True),
    ],
)
def test_a_server_is_known_by_its_address(url: str | None, server: bool) -> None:
    assert is_server(url) is server


CASES: list[tuple[dict[str, Any], str]] = [
    (
        {},
        ".credential: is federated unless you say otherwise, and Azure DevOps Server has no issuer that "
        "Entra ID trusts; write {secret: …} or {certificate: …}",
    ),
    (
        {"appRegistration": None, "automatic": {}},
        ".automatic: is not what Azure DevOps Server does; use appRegistration or servicePrincipal with a "
        "secret or a certificate",
    ),
    (
        {"appRegistration": None, "managedIdentity": {"resourceId": MANAGED}},
        ".managedIdentity: signs in by federation only, and Azure DevOps Server has no issuer that Entra ID "
        "trusts; use agentIdentity, or appRegistration with a secret or a certificate",
    ),
    (
        {"credential": SECRET, "subscription": None, "workspace": WORKSPACE},
        ".workspace: is no scope of Azure DevOps Server; write subscription or managementGroup",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), CASES, ids=[sentence[:40] for _, sentence in CASES])
@pytest.mark.parametrize("written_at", ["the connection", "the provider"])
def test_what_a_server_cannot_do_is_refused_with_the_reason(
    changes: dict[str, Any], sentence: str, written_at: str
) -> None:
    own = {"organization": SERVER} if written_at == "the connection" else {}
    connections = load({"payments": connection(**own, **changes)})
    with pytest.raises(ConfigurationError) as raised:
        refuse_what_no_server_can(connections, None if own else SERVER)
    assert [str(mistake) for mistake in raised.value.mistakes] == [f"connections.payments{sentence}"]


def test_secrets_and_the_agents_identity_work_on_a_server() -> None:
    config = {"azuredevops__orgServiceUrl": SERVER}
    written = {
        "made": connection(credential=SECRET),
        "existing": connection(
            appRegistration=None,
            servicePrincipal={"clientId": CLIENT, "tenantId": TENANT},
            credential={"secret": {"value": "hunter2"}},
            subscription=None,
            managementGroup={"id": "corp", "name": "Contoso"},
        ),
        "agent": connection(appRegistration=None, agentIdentity={"tenantId": TENANT}),
    }
    cloud = start(Cloud(answers=answers()))
    run(lambda: connect(json.dumps(written), secret=True, **config))
    assert {each["serviceEndpointAuthenticationScheme"] for each in cloud.of(ENDPOINT)} == {
        "ServicePrincipal",
        "ManagedServiceIdentity",
    }


def test_the_program_reads_the_address_of_its_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    start(Cloud(answers=answers()))
    monkeypatch.setenv("AZDO_ORG_SERVICE_URL", SERVER)
    written = connection(subscription={"id": SUBSCRIPTION, "name": "s"})
    with pytest.raises(pulumi.RunError, match="Azure DevOps Server has no issuer"):
        run(lambda: connect(json.dumps({"payments": written})))
