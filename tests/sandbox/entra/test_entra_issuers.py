"""The documents of the issuers: what a client needs to find the endpoints and to check a token."""

import json

import jwt
import pytest
from entra_world import DEVOPS_ISSUER, ENTRA_ISSUER, ORGANIZATION, TENANT, Answer, World


def read(world: World, address: str) -> Answer:
    return world.send("GET", address.removeprefix(world.cloud.url), {}, b"")


@pytest.mark.parametrize("tenant", [TENANT, "contoso.example"])
def test_a_tenant_names_its_real_issuer_and_the_endpoints_of_this_address(world: World, tenant: str) -> None:
    document = read(world, f"/{tenant}/v2.0/.well-known/openid-configuration").body

    assert document["issuer"] == ENTRA_ISSUER
    assert document["token_endpoint"] == f"{world.cloud.url}/{TENANT}/oauth2/v2.0/token"
    assert document["jwks_uri"].startswith(f"{world.cloud.url}/")
    assert document["authorization_endpoint"].startswith(f"{world.cloud.url}/")


def test_the_shared_name_describes_any_tenant(world: World) -> None:
    document = read(world, "/common/v2.0/.well-known/openid-configuration").body

    assert document["issuer"] == "https://login.microsoftonline.com/{tenantid}/v2.0"
    assert document["token_endpoint"] == f"{world.cloud.url}/common/oauth2/v2.0/token"


def test_an_unknown_tenant_is_refused(world: World) -> None:
    answer = read(world, "/99999999-9999-4999-8999-999999999999/v2.0/.well-known/openid-configuration")

    assert (answer.status, answer.body["error"], answer.aadsts) == (400, "invalid_tenant", 90002)


@pytest.mark.parametrize(
    ("document", "signer", "issuer"),
    [
        (f"/{TENANT}/v2.0/.well-known/openid-configuration", "entra", ENTRA_ISSUER),
        (f"/vstoken/{ORGANIZATION}/.well-known/openid-configuration", "devops", DEVOPS_ISSUER),
    ],
)
def test_a_token_of_an_issuer_is_checked_by_the_keys_that_its_document_leads_to(
    world: World, document: str, signer: str, issuer: str
) -> None:
    described = read(world, document).body
    assert described["issuer"] == issuer
    keys = jwt.PyJWKSet.from_json(json.dumps(read(world, described["jwks_uri"]).body))
    token = world.assertion(signer, iss=issuer)

    key = keys[jwt.get_unverified_header(token)["kid"]]

    claims = jwt.decode(
        token, key, algorithms=["RS256"], audience="api://AzureADTokenExchange", issuer=issuer
    )
    assert claims["sub"] == "subject"


def test_an_unknown_organization_has_no_issuer(world: World) -> None:
    unknown = "/vstoken/99999999-9999-4999-8999-999999999999/.well-known"

    assert read(world, f"{unknown}/openid-configuration").status == 404
    assert read(world, f"{unknown}/jwks").status == 404


def test_the_list_of_instances_names_this_address_alone(world: World) -> None:
    body = read(world, "/common/discovery/instance?api-version=1.1&authorization_endpoint=x").body

    host = world.cloud.url.removeprefix("https://")
    assert body["metadata"] == [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}]
    assert body["tenant_discovery_endpoint"].startswith(world.cloud.url)
