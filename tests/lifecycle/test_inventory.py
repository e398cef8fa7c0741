"""Reading connections that exist: what is read, how often it is asked for, and what cannot be seen."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from inventory_world import Organizations
from served_cloud import World

from azure_service_connections.lifecycle.errors import (
    LifecycleError,
    ServiceError,
    SettingError,
    SignedOutError,
)
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.sandbox.entra import passwords

APPROVAL = "8c6f20a7-a545-4486-9777-f762fafe0d4d"


@pytest.fixture
def estate(world: World) -> Iterator[Organizations]:
    """Three organizations of two tenants."""
    organizations = Organizations(world)
    yield organizations
    organizations.services.close()


def test_connections_of_several_organizations_are_read_at_once_and_sorted(estate: Organizations) -> None:
    read = estate.read("tailspin", "fabrikam-old", "fabrikam")
    assert list(read) == [
        "fabrikam-old/Stock/stock",
        "fabrikam/Web shop/payments",
        "fabrikam/Web shop/reports",
        "tailspin/Toys/toys",
    ]
    organization = estate.world.one("organizations", name="fabrikam-old")
    assert read["fabrikam-old/Stock/stock"].organization_id == organization["id"]


def test_a_federated_connection_is_read_with_issuer_scope_and_identity(estate: Organizations) -> None:
    connection = estate.read()["fabrikam/Web shop/payments"]
    shop = estate.world.subscription("Shop")
    assert (connection.scheme, connection.creation_mode) == ("WorkloadIdentityFederation", "Manual")
    assert (connection.credential_kind, connection.issuer_kind) == ("federated", "entra")
    assert connection.subject.endswith(f"/sc/{connection.organization_id}/{connection.id}")
    assert connection.scope == f"/subscriptions/{shop}"
    assert (connection.scope_level, connection.subscription_name) == ("Subscription", "Shop")
    assert connection.owner == "kim@fabrikam.example"
    assert connection.created is not None
    application = estate.world.one("applications", displayName="payments")
    assert connection.identity.state == "present"
    assert connection.identity.kind == "application"
    assert connection.identity.name == "payments"
    assert connection.identity.object_id == application["id"]
    assert connection.identity.client_id == connection.client_id == application["appId"]
    [trust] = connection.identity.trusts
    assert (trust.issuer, trust.subject) == (connection.issuer, connection.subject)
    assert trust.audiences == ("api://AzureADTokenExchange",)
    assert connection.unseen == ()


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


def test_a_shared_connection_is_read_once_with_its_home_first_and_its_names(estate: Organizations) -> None:
    identifier = estate.connect("orders", application="payments")
    estate.share(identifier, "Reports", "orders-of-the-shop")
    read = estate.read()
    connection = read["fabrikam/Web shop/orders"]
    assert [(each.name, each.connection_name) for each in connection.projects] == [
        ("Web shop", "orders"),
        ("Reports", "orders-of-the-shop"),
    ]
    assert connection.shared
    assert len(read) == 3
    through_the_other = estate.read(projects=["Reports"])
    assert list(through_the_other) == ["fabrikam/Web shop/orders"]
    assert through_the_other["fabrikam/Web shop/orders"].fingerprint() == connection.fingerprint()


def test_pipelines_of_every_project_that_has_a_connection_are_read(estate: Organizations) -> None:
    identifier = estate.connect("orders", application="payments")
    estate.share(identifier, "Reports", "orders")
    for project, pipeline in (("Web shop", "nightly"), ("Reports", "report")):
        number = estate.world.one("pipelines", name=pipeline)["id"]
        allow(estate, project, identifier, {"pipelines": [{"id": number, "authorized": True}]})
    connection = estate.read()["fabrikam/Web shop/orders"]
    assert [(each.project, each.name) for each in connection.pipelines] == [
        ("Reports", "report"),
        ("Web shop", "nightly"),
    ]
    assert not connection.all_pipelines
    allow(estate, "Reports", identifier, {"allPipelines": {"authorized": True}})
    assert estate.read()["fabrikam/Web shop/orders"].all_pipelines


def allow(estate: Organizations, project: str, connection: str, change: dict[str, Any]) -> None:
    path = f"/{estate.project(project)}/_apis/pipelines/pipelinepermissions/endpoint/{connection}"
    answer = estate.services.devops("PATCH", path, version="7.1-preview.1", body=change)
    assert answer.status == 200, answer.document


def test_checks_are_read_with_their_settings(estate: Organizations) -> None:
    project = estate.project("Web shop")
    identifier = estate.read()["fabrikam/Web shop/payments"].id
    for kind, settings in (
        ("2ef31ad6-baa0-403a-8b45-2cbc9b4e5563", {}),
        (
            "fe1de3ee-a436-41b4-bb20-f6eb4cb879a7",
            {
                "definitionRef": {
                    "id": "86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b",
                    "name": "evaluatebranchProtection",
                    "version": "0.0.1",
                },
                "displayName": "Branch control",
                "inputs": {"allowedBranches": "refs/heads/main", "ensureProtectionOfBranch": "true"},
            },
        ),
    ):
        answer = estate.services.devops(
            "POST",
            f"/{project}/_apis/pipelines/checks/configurations",
            version="7.1-preview.1",
            body={
                "type": {"id": kind},
                "settings": settings,
                "resource": {"type": "endpoint", "id": identifier},
                "timeout": 1440,
            },
        )
        assert answer.successful, answer.document
    read = estate.read()
    checks = {each.kind: each for each in read["fabrikam/Web shop/payments"].checks}
    assert set(checks) == {"exclusiveLock", "branchControl"}
    assert checks["branchControl"].settings["inputs"]["allowedBranches"] == "refs/heads/main"
    assert checks["branchControl"].timeout_minutes == 1440
    assert checks["branchControl"].project_id == project
    assert read["fabrikam/Web shop/reports"].checks == ()


def test_the_last_use_is_that_of_the_newest_run(estate: Organizations) -> None:
    number = estate.world.one("pipelines", name="deploy")["id"]
    path = f"/{estate.project('Web shop')}/_apis/pipelines/{number}/runs"
    for result in ("succeeded", "failed"):
        run = estate.services.devops("POST", path, body={}).document
        estate.cloud.clock.advance(3600)
        ended = estate.services.http.send(
            "POST",
            f"{estate.cloud.url}/_sandbox/organizations/fabrikam/runs/{run['id']}/complete",
            body={"result": result},
        )
        assert ended.successful, ended.document
    used = estate.read()["fabrikam/Web shop/payments"].last_used
    assert used is not None
    assert (used.result, used.pipeline) == ("failed", "deploy")
    assert timedelta(hours=1) < used.finished - datetime.now(UTC) < timedelta(hours=3)
    assert estate.read()["fabrikam/Web shop/reports"].last_used is None


def test_scopes_are_full_ids_of_what_a_connection_is_for(estate: Organizations) -> None:
    shop = f"/subscriptions/{estate.world.subscription('Shop')}"
    estate.connect("group", parameters={"scope": f"{shop.upper()[:15]}{shop[15:]}/resourcegroups/rg-shop"})
    estate.connect(
        "retail",
        application="payments",
        data={
            "scopeLevel": "ManagementGroup",
            "managementGroupId": "retail",
            "managementGroupName": "Retail",
        },
    )
    estate.connect(
        "books",
        application="payments",
        data={
            "scopeLevel": "AzureMLWorkspace",
            "resourceGroupName": "rg-books",
            "mlWorkspaceName": "ml-books",
            "mlWorkspaceLocation": "northeurope",
        },
    )
    read = estate.read()
    group = read["fabrikam/Web shop/group"]
    assert group.scope == f"{shop}/resourceGroups/rg-shop"
    assert (group.resource_group, group.creation_mode) == ("rg-shop", "Automatic")
    retail = read["fabrikam/Web shop/retail"]
    assert retail.scope == "/providers/Microsoft.Management/managementGroups/retail"
    assert retail.management_group_name == "Retail"
    books = read["fabrikam/Web shop/books"]
    assert books.scope == (
        f"{shop}/resourceGroups/rg-books/providers/Microsoft.MachineLearningServices/workspaces/ml-books"
    )
    assert (books.workspace, books.workspace_location) == ("ml-books", "northeurope")
    assert {each.role for each in books.roles} == {"Contributor"}


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


def test_a_subscription_is_gone_only_for_who_sees_the_whole_tenant(estate: Organizations) -> None:
    estate.connect("lab", application="payments", data={"subscriptionId": estate.world.subscription("Lab")})
    estate.cloud.store.remove("subscriptions", estate.world.subscription("Lab"))
    gone = estate.read()["fabrikam/Web shop/lab"]
    assert gone.subscription_gone
    assert not estate.read()["fabrikam/Web shop/payments"].subscription_gone
    estate.cloud.faults.fail_next("arm", 403, path="descendants")
    unclear = estate.read()["fabrikam/Web shop/lab"]
    assert not unclear.subscription_gone
    assert unclear.unseen[0] == f"{gone.scope} is not there, or the operator may see nothing in it."


@pytest.mark.parametrize(
    ("service", "path", "begins"),
    [
        ("devops", "pipelinepermissions", "Who may use it in Web shop could not be read: "),
        ("devops", "executionhistory", "Its execution history in Web shop could not be read: "),
        ("devops", "queryconfigurations", "Its checks in Web shop could not be read: "),
        ("graph", "/v1.0/applications$", "Its application could not be read: "),
        ("graph", "/v1.0/servicePrincipals$", "Its service principal could not be read: "),
        ("graph", "/owners", "The owners of its application could not be read: "),
        (
            "graph",
            "/federatedIdentityCredentials",
            "The federated credentials of its application could not be read: ",
        ),
        ("arm", "roleAssignments", "Its roles could not be read: "),
    ],
)
def test_what_may_not_be_read_is_said_and_the_rest_is_read(
    estate: Organizations, service: str, path: str, begins: str
) -> None:
    estate.cloud.faults.fail_next(service, 403, path=path)
    connection = estate.read(names=["payments"])["fabrikam/Web shop/payments"]
    assert [each[: len(begins)] for each in connection.unseen] == [begins]
    assert connection.identity.state == "present"


def test_identities_that_the_operator_may_not_look_at_are_not_called_missing(estate: Organizations) -> None:
    estate.cloud.faults.fail_next("graph", 403, count=2)
    connection = estate.read(names=["payments"])["fabrikam/Web shop/payments"]
    assert connection.identity.state == "notVisible"
    assert connection.identity.client_id == estate.client("payments")
    assert [each.partition(" could")[0] for each in connection.unseen] == [
        "Its application",
        "Its service principal",
    ]


def test_without_a_sign_in_to_azure_the_organization_is_read_alone(estate: Organizations) -> None:
    estate.environment["ARM_CLIENT_SECRET"] = "not-the-secret"
    connection = estate.read()["fabrikam/Web shop/payments"]
    assert connection.identity.state == "notVisible"
    assert [each.name for each in connection.pipelines] == ["deploy"]
    assert connection.unseen[0].startswith("Its identity could not be read: The operator ")
    assert "AADSTS7000215" in connection.unseen[0] or "secret" in connection.unseen[0]


def test_an_entra_token_does_where_there_is_no_personal_access_token(estate: Organizations) -> None:
    for name in list(estate.environment):
        if name.startswith("AZDO_PERSONAL"):
            del estate.environment[name]
    assert list(estate.read("fabrikam", "fabrikam-old")) == [
        "fabrikam-old/Stock/stock",
        "fabrikam/Web shop/payments",
        "fabrikam/Web shop/reports",
    ]


def test_a_token_that_ends_midway_is_renewed(estate: Organizations) -> None:
    for name in list(estate.environment):
        if name.startswith("AZDO_PERSONAL"):
            del estate.environment[name]
    estate.world.after(r"GET /v1\.0/applications", lambda: estate.cloud.clock.advance(7200))
    connection = estate.read()["fabrikam/Web shop/payments"]
    assert connection.identity.trusts
    assert {each.role for each in connection.roles} == {"Contributor"}
    assert connection.unseen == ()
    assert 401 in {each.status for each in estate.cloud.traffic.entries}


def test_a_refused_personal_access_token_is_told_with_its_variable(estate: Organizations) -> None:
    estate.environment["AZDO_PERSONAL_ACCESS_TOKEN_FABRIKAM_OLD"] = "token-of-kim-in-fabrikam"
    with pytest.raises(ServiceError) as refused:
        estate.read("fabrikam-old")
    assert str(refused.value) == (
        "The organization fabrikam-old does not take the personal access token of "
        "AZDO_PERSONAL_ACCESS_TOKEN_FABRIKAM_OLD: it has expired, was revoked or is another organization's; "
        "make a new one and set it."
    )
    assert "token-of-kim" not in str(refused.value)


def test_a_personal_access_token_that_ends_midway_is_told_and_nothing_is_called_unseen(
    estate: Organizations,
) -> None:
    def revoke() -> None:
        estate.cloud.store.remove("personal-access-tokens", "token-of-kim-in-fabrikam")

    estate.world.after("GET /fabrikam/.*/_apis/serviceendpoint/endpoints", revoke)
    told: list[LifecycleError] = []
    with pytest.raises(SignedOutError, match="does not take the personal access token of AZDO_PERSONAL"):
        read_estate(estate.services, [estate.address("fabrikam")], projects=["Web shop"], refused=told.append)
    assert told == []


def test_what_cannot_be_read_does_not_lose_the_others(estate: Organizations) -> None:
    told: list[LifecycleError] = []
    estate.cloud.faults.fail_next("devops", 403, path=f"{estate.project('Reports')}/_apis/serviceendpoint")
    read = read_estate(
        estate.services,
        [estate.address("nowhere"), estate.address("fabrikam")],
        refused=told.append,
    )
    assert [each.name for each in read] == ["payments", "reports"]
    assert str(told[0]).startswith(f"There is no Azure DevOps organization at {estate.address('nowhere')}; ")
    assert str(told[1]).startswith("Listing the service connections of fabrikam/Reports was refused with ")


def test_without_somebody_to_tell_the_first_refusal_ends_the_reading(estate: Organizations) -> None:
    with pytest.raises(ServiceError, match="There is no Azure DevOps organization at"):
        estate.read("nowhere", "fabrikam")


def test_ids_and_a_project_narrow_the_reading_to_a_few_requests(estate: Organizations) -> None:
    wanted = estate.read()["fabrikam/Web shop/payments"]
    estate.cloud.traffic.clear()
    read = estate.read(projects=["Web shop"], ids=[wanted.id.upper()])
    assert list(read.values()) == [wanted]
    asked = estate.asked()
    assert "GET /fabrikam/_apis/projects" not in asked
    assert not any("reports" in request for request in asked)
    assert sum(asked.values()) <= 14


def test_a_project_that_no_organization_has_is_told(estate: Organizations) -> None:
    assert list(estate.read("fabrikam", "fabrikam-old", projects=["stock"])) == ["fabrikam-old/Stock/stock"]
    with pytest.raises(
        SettingError, match="There is no project 'Nope' in fabrikam that the operator can see"
    ):
        estate.read(projects=["Nope"])


def test_a_failed_and_a_disabled_connection_are_read_as_such(estate: Organizations) -> None:
    failed = estate.endpoint("reports")
    status = {"state": "Failed", "statusMessage": "Insufficient privileges to complete the operation."}
    estate.world.put("endpoints", {**failed, "isReady": False, "operationStatus": status})
    estate.world.put("endpoints", {**estate.endpoint("payments"), "isDisabled": True})
    read = estate.read()
    assert not read["fabrikam/Web shop/reports"].ready
    assert read["fabrikam/Web shop/reports"].status == status["statusMessage"]
    assert read["fabrikam/Web shop/payments"].disabled


def test_a_converted_connection_shows_how_long_it_can_be_reverted(estate: Organizations) -> None:
    identifier = estate.connect("shop", scheme="ServicePrincipal")
    before = estate.read()["fabrikam/Web shop/shop"]
    assert before.conversion.possible
    answer = estate.services.devops(
        "PUT",
        f"/_apis/serviceendpoint/endpoints/{identifier}",
        parameters={"operation": "ConvertAuthenticationScheme"},
        body={
            "id": identifier,
            "type": "azurerm",
            "authorization": {"scheme": "WorkloadIdentityFederation"},
            "serviceEndpointProjectReferences": [
                {"name": "shop", "projectReference": {"id": estate.project("Web shop")}}
            ],
        },
    )
    assert answer.successful, answer.document
    after = estate.read()["fabrikam/Web shop/shop"]
    assert not after.conversion.possible
    assert after.reversion.possible
    assert after.revert_deadline is not None
    assert timedelta(days=6) < after.revert_deadline - datetime.now(UTC) <= timedelta(days=7)
    later = estate.read(now=datetime.now(UTC) + timedelta(days=8))["fabrikam/Web shop/shop"]
    assert not later.reversion.possible
    assert later.fingerprint() == after.fingerprint() != before.fingerprint()


def test_progress_is_told_to_its_end(estate: Organizations) -> None:
    told: dict[str, tuple[int, int]] = {}
    estate.read(tell=lambda what, done, of: told.__setitem__(what, (done, of)))
    assert list(told) == ["organizations", "projects", "connections", "identities", "details"]
    assert all(done == of for done, of in told.values())
