"""Connections whose identity is not made here, and connections to other clouds."""

import json
from typing import Any

import pulumi
import pytest
from mock_cloud import (
    APPLICATION,
    APPLICATION_CREDENTIAL,
    CLIENT,
    ENDPOINT,
    GENERIC_ENDPOINT,
    ISSUER,
    PRINCIPAL,
    ROLE_ASSIGNMENT,
    SECRET_MARK,
    SUBSCRIPTION,
    TENANT,
    Cloud,
    run,
    start,
)
from program import answers, connect
from test_loader_mistakes import SITE, WEB_APP, connection
from test_service_connection import args, make

from components import ServiceConnection

CLIENT_CONFIG = "azuread:index/getClientConfig:getClientConfig"
SERVICE_PRINCIPAL = "azuread:index/getServicePrincipal:getServicePrincipal"


@pytest.fixture
def cloud(cloud: Cloud) -> Cloud:
    """A cloud that says which tenant it is and knows every service principal."""
    cloud.answers |= {
        CLIENT_CONFIG: lambda asked: {"tenantId": TENANT},
        SERVICE_PRINCIPAL: lambda asked: {"objectId": PRINCIPAL},
    }
    return cloud


@pytest.mark.parametrize(
    ("credential", "scheme"), [(None, "WorkloadIdentityFederation"), ({"secret": {}}, "ServicePrincipal")]
)
def test_an_automatic_identity_is_left_to_azure_devops(cloud: Cloud, credential: Any, scheme: str) -> None:
    make(app_registration=None, automatic={}, credential=credential)
    endpoint = cloud.one(ENDPOINT)
    assert endpoint["serviceEndpointAuthenticationScheme"] == scheme
    assert endpoint["azurermSpnTenantid"] == TENANT
    assert "credentials" not in endpoint
    assert cloud.of(APPLICATION) == cloud.of(APPLICATION_CREDENTIAL) == []


def test_roles_of_an_automatic_identity_are_given_to_whom_azure_devops_made(cloud: Cloud) -> None:
    make(app_registration=None, automatic={"tenant_id": TENANT})
    assert [call.args for call in cloud.calls] == [{"clientId": CLIENT}]
    assert cloud.one(ROLE_ASSIGNMENT)["principalId"] == PRINCIPAL


def test_an_automatic_identity_without_roles_is_not_looked_up(cloud: Cloud) -> None:
    make(app_registration=None, automatic={"tenant_id": TENANT}, roles=None)
    assert cloud.calls == []


def test_an_automatic_identity_of_a_resource_group_is_limited_to_it_by_azure_devops(cloud: Cloud) -> None:
    group = {"subscription_id": SUBSCRIPTION, "subscription_name": "Payments", "name": "rg-payments"}
    make(app_registration=None, automatic={}, subscription=None, resource_group=group)
    assert cloud.one(ENDPOINT)["resourceGroup"] == "rg-payments"


def test_an_agents_identity_has_no_credential_and_gets_the_roles_that_are_asked_for(cloud: Cloud) -> None:
    make(app_registration=None, agent_identity={"principal_id": PRINCIPAL})
    endpoint = cloud.one(ENDPOINT)
    assert endpoint["serviceEndpointAuthenticationScheme"] == "ManagedServiceIdentity"
    assert "credentials" not in endpoint
    assert cloud.one(ROLE_ASSIGNMENT)["principalId"] == PRINCIPAL
    assert cloud.of(APPLICATION_CREDENTIAL) == []


def test_a_web_app_is_reached_by_its_publish_profile(cloud: Cloud) -> None:
    web_app = {"resource_id": SITE, "publish_profile": "hunter2"}
    make(app_registration=None, subscription=None, roles=None, web_app=web_app)
    endpoint = cloud.one(GENERIC_ENDPOINT)
    assert endpoint["authorizationScheme"] == "PublishProfile"
    assert endpoint["authorizationParameters"][SECRET_MARK]
    assert endpoint["authorizationParameters"]["value"] == {"tenantid": TENANT, "publishProfile": "hunter2"}
    assert endpoint["parameters"]["resourceId"] == SITE
    assert endpoint["parameters"]["subscriptionId"] == SUBSCRIPTION


def test_what_nobody_knows_is_an_empty_output(cloud: Cloud) -> None:
    def program() -> pulumi.Output[None]:
        made = ServiceConnection("a", args(app_registration=None, agent_identity={}, roles=None))

        def check(known: list[str]) -> None:
            assert known == ["", "", "", "", TENANT]

        return pulumi.Output.all(
            made.client_id, made.principal_id, made.issuer, made.subject, made.tenant_id
        ).apply(check)

    run(program)


@pytest.mark.parametrize(
    ("environment", "audience"),
    [
        ("AzureUSGovernment", "api://AzureADTokenExchangeUSGov"),
        ("AzureChinaCloud", "api://AzureADTokenExchangeChina"),
        ("AzureCloud", "api://AzureADTokenExchange"),
    ],
)
def test_a_connection_to_another_cloud_is_trusted_for_the_audience_of_that_cloud(
    cloud: Cloud, environment: str, audience: str
) -> None:
    make(cloud={"environment": environment})
    assert cloud.one(ENDPOINT)["environment"] == environment
    assert "serverUrl" not in cloud.one(ENDPOINT)
    assert cloud.one(APPLICATION_CREDENTIAL)["audiences"] == [audience]


def test_an_azure_stack_has_an_address_of_its_own(cloud: Cloud) -> None:
    address = "https://management.local.azurestack.external"
    make(cloud={"environment": "AzureStack", "server_url": address})
    assert cloud.one(ENDPOINT)["environment"] == "AzureStack"
    assert cloud.one(ENDPOINT)["serverUrl"] == address


def test_the_program_hands_over_what_the_stack_says(monkeypatch: pytest.MonkeyPatch) -> None:
    exported: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", lambda key, value: exported.update({key: value}))
    cloud = start(Cloud(answers={**answers(), CLIENT_CONFIG: lambda asked: {"tenantId": TENANT}}))
    stack = {"url": "https://management.local.azurestack.external"}
    written = {
        "automatic": connection(appRegistration=None, automatic={}),
        "agent": connection(appRegistration=None, agentIdentity={}),
        "web": connection(appRegistration=None, subscription=None, webApp=WEB_APP),
        "stack": connection(cloud={"environment": "AzureStack", "serverUrl": stack["url"]}),
    }
    run(lambda: connect(json.dumps(written), secret=True))
    assert {each["serviceEndpointAuthenticationScheme"] for each in cloud.of(ENDPOINT)} == {
        "WorkloadIdentityFederation",
        "ManagedServiceIdentity",
    }
    assert {each.get("serverUrl") for each in cloud.of(ENDPOINT)} == {None, stack["url"]}
    assert len(cloud.of(GENERIC_ENDPOINT)) == 1
    assert "hunter2" not in str(exported)
    said = {key: (entry["identity"], entry["credential"]) for key, entry in exported["connections"].items()}
    assert said == {
        "automatic": ("automatic", "federated"),
        "agent": ("agentIdentity", "agent"),
        "web": ("webApp", "publishProfile"),
        "stack": ("appRegistration", "federated"),
    }
    assert exported["connections"]["stack"]["cloud"] == "AzureStack"
    assert ISSUER.startswith("https://")
