"""Reading the identities of connections: what they hold, and how often that is asked for."""

from datetime import UTC, datetime, timedelta

import pytest
from inventory_world import Organizations

from azure_service_connections.sandbox.entra import passwords


def test_a_connection_of_the_older_issuer_signs_in_as_a_managed_identity(estate: Organizations) -> None:
    connection = estate.read("fabrikam-old")["fabrikam-old/Stock/stock"]
    identity = connection.identity
    assert connection.issuer_kind == "devops"
    assert connection.subject == "sc://fabrikam-old/Stock/stock"
    assert (identity.kind, identity.object_id) == ("managedIdentity", "")
    assert identity.resource_id.lower().endswith("/userassignedidentities/id-stock")
    assert identity.trusts[0].subject == connection.subject
    assert identity.trusts[0].id.lower().startswith(identity.resource_id.lower())
    [role] = connection.roles
    assert (role.role, role.principal_id) == ("Network Contributor", identity.principal_id)
    assert role.scope.lower().endswith("/resourcegroups/rg-shop")


def test_secrets_certificates_and_owners_of_an_application_are_read(estate: Organizations) -> None:
    application = estate.world.one("applications", displayName="reports")
    ends = datetime(2027, 3, 1, tzinfo=UTC)
    passwords.add(
        estate.cloud,
        application,
        {"displayName": "spare", "endDateTime": ends.strftime("%Y-%m-%dT%H:%M:%SZ")},
    )
    application["keyCredentials"] = [
        {
            "keyId": "0d1f2c3b-0000-4000-8000-000000000001",
            "displayName": "CN=reports",
            "endDateTime": "2027-04-01T00:00:00Z",
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            "key": None,
        }
    ]
    application["owners"] = [
        estate.world.one("users", displayName="Kim Lee")["id"],
        estate.world.one("service-principals", displayName="operator")["id"],
    ]
    estate.world.put("applications", application)
    connection = estate.read()["fabrikam/Web shop/reports"]
    assert connection.credential_kind == "secret"
    assert set(connection.identity.owners) == {"kim@fabrikam.example", "operator"}
    kinds = {(each.kind, each.name): each.expires for each in connection.identity.secrets}
    assert kinds["secret", "spare"] == ends
    assert kinds["certificate", "CN=reports"] == datetime(2027, 4, 1, tzinfo=UTC)
    assert "secret-of-reports" not in str(connection.as_json())


def test_an_expression_of_a_flexible_credential_is_read(estate: Organizations) -> None:
    application = estate.world.one("applications", displayName="payments")
    answer = estate.services.graph(
        "POST",
        f"/applications/{application['id']}/federatedIdentityCredentials",
        version="beta",
        body={
            "name": "any-branch",
            "issuer": "https://token.actions.githubusercontent.com",
            "audiences": ["api://AzureADTokenExchange"],
            "claimsMatchingExpression": {
                "value": "claims['sub'] matches 'repo:fabrikam/shop:*'",
                "languageVersion": 1,
            },
        },
    )
    assert answer.status == 201
    trusts = {each.name: each for each in estate.read()["fabrikam/Web shop/payments"].identity.trusts}
    assert trusts["any-branch"].subject == ""
    assert trusts["any-branch"].expression == "claims['sub'] matches 'repo:fabrikam/shop:*'"


def test_roles_are_read_through_groups_and_with_the_names_of_roles_of_ones_own(estate: Organizations) -> None:
    shop = f"/subscriptions/{estate.world.subscription('Shop')}"
    guid = "6d6f1e2a-0000-4000-8000-000000000009"
    definition = f"{shop}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
    principal = estate.world.one("service-principals", displayName="payments")["id"]
    for path, properties in (
        (
            definition,
            {
                "roleName": "Deployment Runner",
                "assignableScopes": [shop],
                "permissions": [{"actions": ["Microsoft.Resources/deployments/*"]}],
            },
        ),
        (
            f"{shop}/providers/Microsoft.Authorization/roleAssignments/6d6f1e2a-0000-4000-8000-000000000010",
            {
                "roleDefinitionId": definition,
                "principalId": principal,
                "principalType": "ServicePrincipal",
                "description": "runs deployments",
            },
        ),
    ):
        answer = estate.services.azure("PUT", path, "2022-04-01", body={"properties": properties})
        assert answer.successful, answer.document
    estate.connect("payments-again", application="payments")
    estate.cloud.traffic.clear()
    read = estate.read()
    group = estate.world.one("groups", displayName="deployers")["id"]
    roles = {each.role: each for each in read["fabrikam/Web shop/payments"].roles}
    assert set(roles) == {"Contributor", "Deployment Runner"}
    assert roles["Contributor"].principal_id == group
    assert roles["Deployment Runner"].description == "runs deployments"
    assert read["fabrikam/Web shop/payments-again"].roles == read["fabrikam/Web shop/payments"].roles
    asked = estate.asked()
    assert asked[f"GET {definition}"] == 1
    assert asked[f"GET {shop}/providers/Microsoft.Authorization/roleAssignments"] == 2, "one an identity"


def test_an_identity_that_many_connections_share_is_read_once(estate: Organizations) -> None:
    for number in range(9):
        estate.connect(f"more-{number}", application="payments")
    estate.cloud.traffic.clear()
    read = estate.read("fabrikam", "fabrikam-old")
    assert read["fabrikam/Web shop/payments"].identity.shared_by == 10
    assert read["fabrikam/Web shop/reports"].identity.shared_by == 1
    twice = {request: times for request, times in estate.asked().items() if times > 1}
    shop = estate.world.subscription("Shop")
    assert twice == {
        # One for each of the three identities.
        f"GET /subscriptions/{shop}/providers/Microsoft.Authorization/roleAssignments": 3
    }


def test_forty_applications_are_found_with_few_requests(estate: Organizations) -> None:
    for number in range(40):
        assert estate.services.graph(
            "POST", "/applications", body={"displayName": f"app-{number}"}
        ).successful
        client = estate.world.one("applications", displayName=f"app-{number}")["appId"]
        assert estate.services.graph("POST", "/servicePrincipals", body={"appId": client}).successful
        estate.connect(f"connection-{number}", application=f"app-{number}")
    estate.cloud.traffic.clear()
    read = estate.read()
    assert {each.identity.state for each in read.values()} == {"present"}
    asked = estate.asked()
    assert asked["GET /v1.0/applications"] == asked["GET /v1.0/servicePrincipals"] == 3
    assert asked[f"GET /fabrikam/{estate.project('Web shop')}/_apis/serviceendpoint/endpoints"] == 1
    assert (
        asked[f"POST /fabrikam/{estate.project('Web shop')}/_apis/pipelines/checks/queryconfigurations"] == 1
    )


@pytest.mark.parametrize("state", ["disabled", "deleted", "missing"])
def test_an_identity_that_is_not_in_order_is_told(estate: Organizations, state: str) -> None:
    principal = estate.world.one("service-principals", displayName="payments")
    if state == "disabled":
        estate.world.put("service-principals", {**principal, "accountEnabled": False})
    else:
        application = estate.world.one("applications", displayName="payments")["id"]
        assert estate.services.graph("DELETE", f"/applications/{application}").status == 204
        if state == "missing":
            estate.cloud.clock.advance(timedelta(days=31).total_seconds())
    connection = estate.read()["fabrikam/Web shop/payments"]
    assert connection.identity.state == state
    assert connection.identity.client_id == connection.client_id == principal["appId"]


def test_an_identity_of_another_tenant_is_not_called_missing(estate: Organizations) -> None:
    connection = estate.read("tailspin")["tailspin/Toys/toys"]
    assert connection.identity.state == "notVisible"
    [told] = connection.unseen[:1]
    assert not connection.subscription_gone
    assert told.startswith(
        f"Its identity is in the tenant {connection.tenant_id}, and the operator is signed in"
    )


def test_a_multi_tenant_application_is_known_for_one(estate: Organizations) -> None:
    application = estate.world.one("applications", displayName="payments")
    path = f"/applications/{application['id']}"
    changed = estate.services.graph("PATCH", path, body={"signInAudience": "AzureADMultipleOrgs"})
    assert changed.status == 204
    assert estate.read()["fabrikam/Web shop/payments"].identity.multi_tenant
