"""What is told of roles, places, and of who may use a connection."""

from dataclasses import replace

import pytest
from diagnosed import change_endpoint, finding, findings, parameters
from served_cloud import ROLES, World

from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.stack_output import Pipeline, Role
from azure_service_connections.sandbox.arm import deny_assignment, role_assignment


def assignment(world: World, name: str) -> dict[str, object]:
    """The role assignment of an application of the estate."""
    return world.one("role-assignments", principalId=world.one("service-principals", displayName=name)["id"])


def take(world: World, name: str) -> None:
    world.cloud.store.remove("role-assignments", str(assignment(world, name)["id"]).lower())


def give(world: World, name: str, role: str, scope: str) -> None:
    principal = world.one("service-principals", displayName=name)
    role_assignment.make(
        world.cloud,
        principal["tenantId"],
        scope=scope,
        name=world.cloud.identifiers.guid("given", scope),
        role=role,
        principal_id=principal["id"],
        principal_type="ServicePrincipal",
    )


def test_an_identity_without_any_role_is_told(world: World, services: Services) -> None:
    found = finding(world, services, "science")
    assert (found.kind, found.code) == ("no-role", "AuthorizationFailed")
    scope = f"/subscriptions/{world.subscription('Shop')}"
    assert found.what == f"its identity has no role at, above or below {scope}"
    assert f"--role Reader --scope {scope}" in found.fix


def test_a_role_that_the_stack_gives_and_nobody_holds_is_told(world: World, services: Services) -> None:
    take(world, "shop")
    found = finding(world, services, "shop", world.shop())
    assert (found.kind, found.code) == ("role-missing", "AuthorizationFailed")
    assert found.what == (
        f"the role 'Contributor' at /subscriptions/{world.subscription('Shop')} (`roles.role`) is not there"
    )
    assert found.fix == "run `pulumi up --refresh`"


def test_a_role_at_the_wrong_scope_is_told_with_where_it_is(world: World, services: Services) -> None:
    take(world, "shop")
    give(world, "shop", ROLES["Contributor"], world.group("Shop", "rg-shop"))
    found = finding(world, services, "shop", world.shop())
    assert found.kind == "role-missing"
    assert found.what.endswith(f"it has it at {world.group('Shop', 'rg-shop')}")


def test_a_role_in_another_subscription_is_looked_for_there(world: World, services: Services) -> None:
    elsewhere = world.group("Elsewhere", "rg-elsewhere")
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{ROLES['Reader']}"
    shop = world.shop()
    declared = replace(shop, roles=(*shop.roles, Role("there", "Reader", elsewhere, definition)))
    assert finding(world, services, "shop", declared).what.startswith(
        f"the role 'Reader' at {elsewhere} (`roles.there`)"
    )
    give(world, "shop", ROLES["Reader"], elsewhere)
    assert findings(world, services, "shop", declared) == ()


def test_a_connection_to_a_group_whose_roles_are_at_another_one_is_told(
    world: World, services: Services
) -> None:
    shown = {**parameters(world, "audit"), "scope": world.group("Shop", "rg-books")}
    change_endpoint(
        world, "audit", authorization={"scheme": "WorkloadIdentityFederation", "parameters": shown}
    )
    found = finding(world, services, "audit")
    assert (found.kind, found.code) == ("role-elsewhere", "AuthorizationFailed")
    assert world.group("Shop", "rg-shop") in found.what


def test_a_role_that_takes_away_what_it_gives_is_told(world: World, services: Services) -> None:
    scope = f"/subscriptions/{world.subscription('Shop')}"
    guid = "00000000-0000-4000-8000-00000000c0de"
    made = services.azure(
        "PUT",
        f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        "2022-04-01",
        body={
            "properties": {
                "roleName": "Blind",
                "type": "CustomRole",
                "assignableScopes": [scope],
                "permissions": [{"actions": ["*"], "notActions": ["Microsoft.Resources/*/read"]}],
            }
        },
    )
    assert made.successful, made.message
    take(world, "shop")
    give(world, "shop", guid, scope)
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("role-excludes", "AuthorizationFailed")
    assert found.what == (
        f"the role 'Blind' at {scope} takes Microsoft.Resources/subscriptions/read away by its notActions"
    )
    give(world, "shop", ROLES["Reader"], world.group("Shop", "rg-shop"))
    assert [each.kind for each in findings(world, services, "shop")] == ["role-excludes"]


def test_a_deny_assignment_is_told(world: World, services: Services) -> None:
    subscription = world.one("subscriptions", name="Shop")
    scope = f"/subscriptions/{subscription['id']}"
    deny_assignment.make(
        world.cloud,
        subscription["tenantId"],
        name="kept by a stack",
        scope=scope,
        actions=["*/write", "*/delete"],
        excluded=[world.one("service-principals", displayName="audit")["id"]],
    )
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("denied", "DenyAssignmentAuthorizationFailed")
    assert found.what == (
        f"the deny assignment 'kept by a stack' at {scope} keeps it from */delete and */write"
    )
    assert findings(world, services, "audit") == ()


def test_a_connection_that_is_disabled_or_not_ready_is_told(world: World, services: Services) -> None:
    change_endpoint(world, "shop", isDisabled=True)
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("disabled", "PipelineValidationException")
    status = {"state": "Failed", "statusMessage": "The role could not be given."}
    change_endpoint(world, "shop", isDisabled=False, isReady=False, operationStatus=status)
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("not-ready", "PipelineValidationException")
    assert found.what.endswith("ready: The role could not be given")


def test_a_pipeline_that_the_stack_names_and_that_may_not_use_it_is_told(
    world: World, services: Services
) -> None:
    shop = world.shop()
    lint = Pipeline(world.one("pipelines", name="lint")["id"], "lint", shop.project_id)
    found = finding(world, services, "shop", replace(shop, pipelines=(*shop.pipelines, lint)))
    assert (found.kind, found.code) == ("pipeline-not-permitted", "PipelineValidationException")
    assert found.what == "the pipeline 'lint' may not use it, and the stack names it"


def test_a_connection_that_no_pipeline_may_use_is_told(world: World, services: Services) -> None:
    shop = world.shop()
    answer = services.devops(
        "PATCH",
        f"/{shop.project_id}/_apis/pipelines/pipelinepermissions/endpoint/{shop.connection_id}",
        version="7.1-preview.1",
        body={"pipelines": [{"id": shop.pipelines[0].id, "authorized": False}]},
    )
    assert answer.successful
    assert finding(world, services, "shop").what == "no pipeline may use it"


def test_the_wrong_tenant_is_told(world: World, services: Services) -> None:
    other = "00000000-0000-4000-8000-00000000000b"
    own = parameters(world, "shop")["tenantid"]
    shown = {**parameters(world, "shop"), "tenantid": other}
    change_endpoint(
        world, "shop", authorization={"scheme": "WorkloadIdentityFederation", "parameters": shown}
    )
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("wrong-tenant", "InvalidAuthenticationTokenTenant")
    assert f"names the tenant {other}" in found.what
    assert found.what.endswith(f"is in {own}")


@pytest.mark.parametrize(
    ("address", "environment"),
    [
        ("https://management.usgovcloudapi.net/", "AzureUSGovernment"),
        ("https://management.chinacloudapi.cn/", "AzureChinaCloud"),
    ],
)
def test_the_wrong_cloud_is_told(world: World, services: Services, address: str, environment: str) -> None:
    change_endpoint(world, "shop", url=address)
    found = finding(world, services, "shop")
    assert found.kind == "wrong-cloud"
    assert found.what.endswith(f"its address {address} is that of {environment}")


def test_a_subscription_that_is_gone_is_told(world: World, services: Services) -> None:
    data = {"scopeLevel": "Subscription", "subscriptionId": "00000000-0000-4000-8000-00000000000c"}
    change_endpoint(world, "shop", data={"environment": "AzureCloud", **data})
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("scope-gone", "SubscriptionNotFound")
