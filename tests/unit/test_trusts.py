"""Further trust of a connection's identity, and how many trusts an identity may have."""

from typing import Any

import pytest
from mock_cloud import (
    APPLICATION,
    APPLICATION_CREDENTIAL,
    APPLICATION_OBJECT,
    MANAGED_IDENTITY_CREDENTIAL,
    Cloud,
)
from test_loader_mistakes import HUB, MANAGED, connection
from test_program import refusal, up
from test_service_connection import make

FLEXIBLE = (
    "azuread:index/applicationFlexibleFederatedIdentityCredential:"
    "ApplicationFlexibleFederatedIdentityCredential"
)


def trust(subject: str = "repo:contoso/shop:ref:refs/heads/main") -> dict[str, str]:
    return {"issuer": HUB, "subject": subject}


def test_a_trust_is_a_federated_credential_of_its_own_under_its_name(cloud: Cloud) -> None:
    make(trusts={"github-main": {**trust(), "description": "The mirror's own pipeline"}})
    own, other = sorted(cloud.of(APPLICATION_CREDENTIAL), key=lambda each: each["issuer"])
    assert other == {
        "applicationId": f"/applications/{APPLICATION_OBJECT}",
        "displayName": "github-main",
        **trust(),
        "audiences": ["api://AzureADTokenExchange"],
        "description": "The mirror's own pipeline",
    }
    assert own["displayName"].startswith("service-connection-")


def test_a_trust_is_for_the_audience_of_the_connections_cloud_unless_it_has_its_own(cloud: Cloud) -> None:
    government = {"environment": "AzureUSGovernment"}
    make(cloud=government, trusts={"one": trust("a"), "two": {**trust("b"), "audience": "api://own"}})
    audiences = {each["displayName"]: each["audiences"] for each in cloud.of(APPLICATION_CREDENTIAL)}
    assert audiences["one"] == ["api://AzureADTokenExchangeUSGov"]
    assert audiences["two"] == ["api://own"]


def test_an_expression_over_claims_is_a_flexible_credential(cloud: Cloud) -> None:
    expression = "claims['sub'] matches 'repo:contoso/*'"
    make(trusts={"github": {"issuer": HUB, "matching": expression}})
    assert cloud.one(FLEXIBLE) == {
        "applicationId": f"/applications/{APPLICATION_OBJECT}",
        "displayName": "github",
        "issuer": HUB,
        "claimsMatchingExpression": expression,
        "audience": "api://AzureADTokenExchange",
    }


def test_a_managed_identity_may_trust_others_too(cloud: Cloud) -> None:
    make(
        app_registration=None,
        managed_identity={"name": "id-payments", "resource_group": "rg"},
        trusts={"github": trust()},
    )
    names = {
        each["federatedIdentityCredentialResourceName"] for each in cloud.of(MANAGED_IDENTITY_CREDENTIAL)
    }
    assert "github" in names
    assert len(names) == 2


def test_an_application_has_the_tags_that_are_asked_for_beside_its_own(cloud: Cloud) -> None:
    make(app_registration={"tags": ["team:payments"]})
    assert cloud.one(APPLICATION)["tags"] == [
        "pulumi:azure-service-connections/unit/payments",
        "team:payments",
    ]


def test_twenty_trusts_of_one_identity_are_accepted_and_one_more_is_not() -> None:
    trusts: dict[str, Any] = {f"trust-{number}": trust(str(number)) for number in range(19)}
    assert len(up({"payments": connection(trusts=trusts)}).of(APPLICATION_CREDENTIAL)) == 20
    assert refusal({"payments": connection(trusts={**trusts, "one-more": trust("more")})}) == [
        "connections.payments.trusts: bring the federated credentials of the identity to 21; an identity "
        "holds 20, those of its connections included, so remove some"
    ]


def test_a_connection_with_a_secret_takes_none_of_the_twenty() -> None:
    trusts: dict[str, Any] = {f"trust-{number}": trust(str(number)) for number in range(20)}
    credential = {"secret": {"expires": "2027-01-31T00:00:00Z"}}
    written = {"payments": connection(trusts=trusts, credential=credential)}
    assert len(up(written).of(APPLICATION_CREDENTIAL)) == 20


@pytest.mark.parametrize(
    ("trusts", "sentence"),
    [
        (
            {"github": trust("other")},
            "connections.b.trusts.github: has the name of connections.a.trusts.github on the same identity; "
            "choose another name",
        ),
        (
            {"hub": trust()},
            "connections.b.trusts.hub: trusts the same issuer and subject as connections.a.trusts.github; an "
            "identity takes each pair once, so remove one",
        ),
    ],
)
def test_two_connections_with_one_identity_may_not_trust_the_same_twice(
    trusts: dict[str, Any], sentence: str
) -> None:
    shared: dict[str, Any] = {"appRegistration": None, "managedIdentity": {"resourceId": MANAGED}}
    written = {
        "a": connection(**shared, trusts={"github": trust()}),
        "b": connection(**shared, trusts=trusts),
    }
    assert refusal(written) == [sentence]
