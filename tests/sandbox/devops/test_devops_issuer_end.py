"""The end of Azure DevOps' own issuer, by the sandbox's clock."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from devops_world import TENANT, World, described, keyed
from test_devops_automatic import automatic, own
from test_devops_conversion import convert, tried

from azure_service_connections.catalogue.issuers import DEVOPS_ISSUER_ENDS
from azure_service_connections.sandbox.arm import identities, identity_credentials
from azure_service_connections.sandbox.entra import issuers

ENDPOINTS = "_apis/serviceendpoint/endpoints"


def go_to(world: World, moment: datetime) -> None:
    """Set the sandbox's clock."""
    world.cloud.clock.advance((moment - world.cloud.clock.now()).total_seconds())


def test_the_day_is_the_one_that_plans_go_by() -> None:
    assert datetime.combine(DEVOPS_ISSUER_ENDS, time(), UTC) == issuers.DEVOPS_ISSUER_ENDS


@pytest.fixture
def connected(world: World) -> tuple[Any, Any]:
    """A connection of the older issuer and its application, which trusts it."""
    world.issuer("devops")
    application = world.application()
    world.grant_role(application, "Reader")
    made = world.connection(application)
    world.trust(application, made)
    return made, application


def test_its_tokens_are_good_to_the_last_minute_and_then_no_more(
    world: World, connected: tuple[Any, Any]
) -> None:
    made, _ = connected
    go_to(world, datetime(2027, 6, 30, 23, 58, tzinfo=UTC))
    assert tried(world, made)["statusCode"] == "ok"
    go_to(world, datetime(2027, 7, 1, 0, 0, 1, tzinfo=UTC))
    answer = tried(world, made)
    assert "AADSTS700211" in answer["errorMessage"]
    assert "has been retired" in answer["errorMessage"]


def test_a_managed_identity_is_cut_off_as_well(world: World) -> None:
    world.issuer("devops")
    world.cloud.store.put(
        "resources", "/subscriptions/a1b2c3d4-0000-4000-8000-000000000001/resourcegroups/rg", {"id": "rg"}
    )
    identifier = identities.identity_id("a1b2c3d4-0000-4000-8000-000000000001", "rg", "id")
    identity = identities.create(world.cloud, identifier, "westeurope")
    made = world.connection({"appId": identity["properties"]["clientId"]})
    parameters = made["authorization"]["parameters"]
    identity_credentials.keep(
        world.cloud,
        identity,
        "connection",
        issuer=parameters["workloadIdentityFederationIssuer"],
        subject=parameters["workloadIdentityFederationSubject"],
        audiences=["api://AzureADTokenExchange"],
        description=None,
    )
    assert "AADSTS" not in tried(world, made)["errorMessage"]
    go_to(world, datetime(2027, 7, 2, tzinfo=UTC))
    assert "AADSTS700211" in tried(world, made)["errorMessage"]


def test_an_application_of_several_tenants_goes_on(world: World, connected: tuple[Any, Any]) -> None:
    made, application = connected
    application["signInAudience"] = "AzureADMultipleOrgs"
    world.cloud.store.put("applications", application["id"], application)
    go_to(world, datetime(2027, 8, 1, tzinfo=UTC))
    assert tried(world, made)["statusCode"] == "ok"
    new = world.ask("POST", ENDPOINTS, described("new", application["appId"])).body
    issuer = new["authorization"]["parameters"]["workloadIdentityFederationIssuer"]
    assert issuer.startswith("https://vstoken.dev.azure.com/")


def test_a_national_cloud_goes_on(world: World) -> None:
    application = world.application()
    world.grant_role(application, "Reader")
    body = described(client_id=application["appId"])
    data = {**body["data"], "environment": "AzureUSGovernment"}
    made = world.connection(application, data=data, url=None)
    world.trust(application, made, audiences=["api://AzureADTokenExchangeUSGov"])  # type: ignore[arg-type]
    go_to(world, datetime(2027, 8, 1, tzinfo=UTC))
    assert tried(world, made)["statusCode"] == "ok"


def test_new_and_converted_connections_get_entras_issuer_whatever_the_organization_has(world: World) -> None:
    own(world)
    go_to(world, datetime(2027, 8, 1, tzinfo=UTC))
    world.issuer("devops")
    entra = f"https://login.microsoftonline.com/{TENANT}/v2.0"
    made = world.ask("POST", ENDPOINTS, automatic()).body
    assert made["authorization"]["parameters"]["workloadIdentityFederationIssuer"] == entra
    secret = world.ask("POST", ENDPOINTS, automatic("ServicePrincipal", "secret")).body
    converted = convert(world, secret).body
    assert converted["authorization"]["parameters"]["workloadIdentityFederationIssuer"] == entra
    assert tried(world, secret)["statusCode"] == "ok"


def test_a_secret_has_no_issuer_that_could_end(world: World) -> None:
    application = world.application()
    world.grant_role(application, "Reader")
    made = world.ask("POST", ENDPOINTS, keyed(client_id=application["appId"])).body
    go_to(world, datetime(2027, 8, 1, tzinfo=UTC))
    assert tried(world, made)["statusCode"] == "ok"
