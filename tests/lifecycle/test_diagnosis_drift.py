"""The live estate against a state, whichever program made it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from diagnosed import change_endpoint, change_trust, parameters, trust
from served_cloud import ROLES, World

from azure_service_connections.lifecycle.diagnosis.check_facts import differences, live_facts, stated_facts
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.stack_checkup import check_stack
from azure_service_connections.lifecycle.diagnosis.stack_state import read_state
from azure_service_connections.lifecycle.inventory.existing_connection import Check
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.sandbox.arm import role_assignment


def state_of_shop(world: World, **changed: Any) -> list[dict[str, Any]]:
    """The resources that a program would have made for the connection shop."""
    shop = world.shop()
    application = world.one("applications", displayName="shop")
    assignment = world.one("role-assignments", principalId=shop.principal_id)
    held = trust(world, "shop")
    return [
        resource(
            "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM",
            shop.connection_id,
            **{
                "projectId": shop.project_id,
                "description": "",
                "azurermSubscriptionId": world.subscription("Shop"),
                **changed,
            },
        ),
        resource("azuread:index/application:Application", f"/applications/{application['id']}"),
        resource(
            "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
            f"{application['id']}/federatedIdentityCredential/{held['id']}",
            applicationId=f"/applications/{application['id']}",
            issuer=held["issuer"],
            subject=held["subject"],
        ),
        resource("azure-native:authorization/v20220401:RoleAssignment", assignment["id"]),
        resource(
            "azuredevops:index/pipelineAuthorization:PipelineAuthorization",
            "any",
            type="endpoint",
            resourceId=shop.connection_id,
            projectId=shop.project_id,
            pipelineId=shop.pipelines[0].id,
        ),
    ]


def resource(kind: str, identifier: str, **outputs: Any) -> dict[str, Any]:
    return {"type": kind, "id": identifier, "custom": True, "outputs": outputs}


def drift(world: World, resources: list[dict[str, Any]]) -> list[Finding]:
    state = read_state({"deployment": {"resources": resources}})
    outside = {name: value for name, value in world.environment.items() if name != "SANDBOX_URL"}
    with Services(outside) as services:
        (row,) = check_stack(services, [world.shop()], datetime.now(UTC), state=state).rows
    return list(row.findings)


def test_what_a_state_says_is_no_drift(world: World) -> None:
    assert drift(world, state_of_shop(world)) == []
    # What is about another connection, or was only looked up, counts for nothing.
    assert drift(world, []) == []
    looked_up = [{**each, "external": True} for each in state_of_shop(world)]
    assert drift(world, looked_up) == []


def test_another_scope_is_told(world: World) -> None:
    elsewhere = world.subscription("Elsewhere")
    (found,) = drift(world, state_of_shop(world, azurermSubscriptionId=elsewhere))
    assert (found.kind, found.stops) == ("scope-changed", True)
    assert found.what.endswith(f"not for the subscription {elsewhere}")


def test_a_project_that_the_state_shares_it_with_and_that_has_it_not_is_told(world: World) -> None:
    other = "00000000-0000-4000-8000-0000000000aa"
    (found,) = drift(world, state_of_shop(world, sharedProjectIds=[other]))
    assert (found.kind, found.what) == ("project-missing", f"the project {other} does not have it")


def test_a_role_through_a_group_is_told_unless_the_stack_fills_the_group(world: World) -> None:
    shop = world.shop()
    group = "00000000-0000-4000-8000-0000000000bb"
    world.put(
        "groups",
        {"id": group, "tenantId": shop.tenant_id, "displayName": "them", "members": [shop.principal_id]},
    )
    role_assignment.make(
        world.cloud,
        shop.tenant_id,
        scope=shop.scope,
        name=world.cloud.identifiers.guid("given", "group"),
        role=ROLES["Reader"],
        principal_id=group,
        principal_type="Group",
    )
    resources = state_of_shop(world)
    (found,) = drift(world, resources)
    assert found.kind == "extra-role"
    assert found.what.endswith(f"through the group {group}")
    assert f"az ad group member remove --group {group}" in found.fix
    member = resource("azuread:index/groupMember:GroupMember", "any", groupObjectId=group)
    assert drift(world, [*resources, member]) == []


def test_an_expression_is_compared_as_a_subject_is(world: World) -> None:
    application = world.one("applications", displayName="shop")
    extra = {**trust(world, "shop"), "id": "5" * 8 + "-1111-4111-8111-111111111111", "name": "flexible"}
    expression = "claims['sub'] matches 'repo:contoso/*'"
    extra |= {"subject": None, "claimsMatchingExpression": {"languageVersion": 1, "value": expression}}
    world.put("federated-credentials", extra)
    resources = state_of_shop(world)
    (found,) = drift(world, resources)
    assert (found.kind, expression in found.what) == ("extra-credential", True)
    stated = resource(
        "azuread:index/applicationFlexibleFederatedIdentityCredential:"
        "ApplicationFlexibleFederatedIdentityCredential",
        "any",
        applicationId=f"/applications/{application['id']}",
        issuer=extra["issuer"],
        claimsMatchingExpression=expression,
    )
    assert drift(world, [*resources, stated]) == []


def test_a_credential_that_was_changed_is_told_as_what_it_breaks_and_as_what_it_is(world: World) -> None:
    resources = state_of_shop(world)
    change_trust(world, "shop", subject="another")
    kinds = [each.kind for each in drift(world, resources)]
    assert kinds == ["subject-differs", "extra-credential"]


def test_an_identity_in_the_operators_tenant_that_is_looked_for_in_another_one_is_told(world: World) -> None:
    other = "00000000-0000-4000-8000-00000000000b"
    shown = {**parameters(world, "shop"), "tenantid": other}
    data = {"environment": "AzureCloud", "scopeLevel": "ManagementGroup", "managementGroupId": "retail"}
    authorization = {"scheme": "WorkloadIdentityFederation", "parameters": shown}
    change_endpoint(world, "shop", authorization=authorization, data=data)
    found = drift(world, [])
    assert [each.kind for each in found] == ["wrong-tenant"]
    assert found[0].what.endswith(f"and its identity is in {world.shop().tenant_id}")


@pytest.mark.parametrize(
    ("kind", "settings", "outputs", "told"),
    [
        (
            "approval",
            {"approvers": [{"id": "A"}, {"id": "b"}], "minRequiredApprovers": 1},
            {"approvers": ["b", "a"], "minimumRequiredApprovers": 2, "timeout": 60},
            ["minimumApprovers is 1, not 2"],
        ),
        (
            "approval",
            {"approvers": [{"id": "a"}], "requesterCannotBeApprover": False},
            {"approvers": ["a"], "timeout": 60},
            ["requesterCanApprove is true, not false"],
        ),
        (
            "businessHours",
            {"inputs": {"businessDays": "Monday, Friday", "startTime": "08:00", "endTime": "20:00"}},
            {"monday": True, "friday": True, "startTime": "08:00", "endTime": "18:00", "timeout": 60},
            ["end is 20:00, not 18:00"],
        ),
        (
            "requiredTemplate",
            {"extendsChecks": []},
            {
                "requiredTemplates": [
                    {"repositoryName": "a/b", "templatePath": "c.yml", "repositoryRef": "refs/heads/main"}
                ]
            },
            ["templates is nothing, not a/b/c.yml at refs/heads/main"],
        ),
        ("exclusiveLock", {}, {"timeout": 90}, ["timeout is 60, not 90"]),
        ("exclusiveLock", {}, {"timeout": 60}, []),
    ],
)
def test_what_a_check_asks_is_compared_word_for_word(
    kind: str, settings: dict[str, Any], outputs: dict[str, Any], told: list[str]
) -> None:
    check = Check(id=1, kind=kind, project_id="p", timeout_minutes=60, settings=settings)
    assert differences(live_facts(check), stated_facts(kind, outputs)) == told
