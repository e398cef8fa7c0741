"""Reading connections that exist: what of each is read, and of which."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from inventory_world import Organizations

from azure_service_connections.lifecycle.errors import (
    SettingError,
)


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
