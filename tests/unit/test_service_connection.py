"""A service connection as it is sent to the services."""

from typing import Any

import pulumi
import pytest
from mock_cloud import (
    APPLICATION,
    APPLICATION_CREDENTIAL,
    APPLICATION_OBJECT,
    AUTHORIZATION,
    CLIENT,
    ENDPOINT,
    GENERIC_ENDPOINT,
    ISSUER,
    MANAGED_IDENTITY,
    MANAGED_IDENTITY_CREDENTIAL,
    OTHER_PROJECT,
    PRINCIPAL,
    PROJECT,
    ROLE_ASSIGNMENT,
    SECRET_MARK,
    SERVICE_PRINCIPAL,
    SUBSCRIPTION,
    TENANT,
    Cloud,
    endpoint_id,
    managed_identity,
    run,
    start,
)

from components import ServiceConnection

WORKSPACE = {
    "subscription_id": SUBSCRIPTION,
    "subscription_name": "Payments production",
    "resource_group": "rg-payments",
    "name": "ml-fraud",
    "location": "westeurope",
}
ENDPOINT_ID = endpoint_id("payments")


def args(**changes: Any) -> dict[str, Any]:
    """Inputs of a connection that is complete; None takes one away."""
    inputs = {
        "project_id": PROJECT,
        "app_registration": {},
        "subscription": {"id": SUBSCRIPTION, "name": "Payments production"},
        "roles": {"deploy": {"role": "Contributor"}},
        "pipelines": {"first": {"id": 7}},
        **changes,
    }
    return {key: value for key, value in inputs.items() if value is not None}


def plain(value: Any) -> Any:
    """What a secret holds."""
    marked = isinstance(value, dict) and SECRET_MARK in value
    return value["value"] if marked else value


def make(name: str = "payments", **changes: Any) -> None:
    run(lambda: ServiceConnection(name, args(**changes)))


def test_the_connection_signs_in_by_federation_as_an_identity_of_its_own(cloud: Cloud) -> None:
    make()
    endpoint = cloud.one(ENDPOINT)
    assert endpoint["serviceEndpointAuthenticationScheme"] == "WorkloadIdentityFederation"
    assert endpoint["credentials"] == {"serviceprincipalid": CLIENT}
    assert endpoint["azurermSpnTenantid"] == TENANT


def test_the_connection_is_sent_nothing_but_what_it_is_made_of(cloud: Cloud) -> None:
    make()
    assert cloud.one(ENDPOINT) == {
        "projectId": PROJECT,
        "serviceEndpointName": "payments",
        "description": "Managed by Pulumi",
        "azurermSpnTenantid": TENANT,
        "azurermSubscriptionId": SUBSCRIPTION,
        "azurermSubscriptionName": "Payments production",
        "environment": "AzureCloud",
        "serviceEndpointAuthenticationScheme": "WorkloadIdentityFederation",
        "credentials": {"serviceprincipalid": CLIENT},
    }


def test_a_description_is_always_sent_for_the_provider_would_name_another_tool(cloud: Cloud) -> None:
    make(description="Deploys payments")
    assert cloud.one(ENDPOINT)["description"] == "Deploys payments"


def test_ids_are_sent_in_lower_case_as_azure_devops_answers_them(cloud: Cloud) -> None:
    make(project_id=PROJECT.upper(), subscription={"id": SUBSCRIPTION.upper(), "name": "s"})
    assert cloud.one(ENDPOINT)["projectId"] == PROJECT
    assert cloud.one(ENDPOINT)["azurermSubscriptionId"] == SUBSCRIPTION


def test_the_connection_is_named_after_the_component_unless_it_has_a_name(cloud: Cloud) -> None:
    make(connection_name="payments (production)")
    assert cloud.one(ENDPOINT)["serviceEndpointName"] == "payments (production)"


def test_the_credential_trusts_what_the_connection_itself_says(cloud: Cloud) -> None:
    make()
    assert cloud.one(APPLICATION_CREDENTIAL) == {
        "applicationId": f"/applications/{APPLICATION_OBJECT}",
        "displayName": f"service-connection-{ENDPOINT_ID}",
        "issuer": ISSUER,
        "subject": f"/eid1/c/pub/t/T/a/A/sc/ORG/{ENDPOINT_ID}",
        "audiences": ["api://AzureADTokenExchange"],
        "description": "Lets pipelines sign in through the service connection 'payments'",
    }


def test_nothing_secret_is_made(cloud: Cloud) -> None:
    make()
    kinds = {resource.typ for resource in cloud.resources}
    assert not [kind for kind in kinds if "assword" in kind or "ertificate" in kind]


def test_the_application_is_single_tenant_and_says_where_it_comes_from(cloud: Cloud) -> None:
    make(app_registration={"owners": [PRINCIPAL], "notes": "n", "service_management_reference": "1234"})
    assert cloud.one(APPLICATION) == {
        "displayName": "payments",
        "signInAudience": "AzureADMyOrg",
        "owners": [PRINCIPAL],
        "notes": "n",
        "serviceManagementReference": "1234",
        "tags": ["pulumi:azure-service-connections/unit/payments"],
    }
    assert cloud.one(SERVICE_PRINCIPAL) == {"clientId": CLIENT}


def test_the_application_is_named_after_its_connection_unless_it_has_a_name(cloud: Cloud) -> None:
    make(connection_name="payments (production)")
    assert cloud.one(APPLICATION)["displayName"] == "payments (production)"
    cloud = start(Cloud())
    make(connection_name="payments (production)", app_registration={"display_name": "payments pipelines"})
    assert cloud.one(APPLICATION)["displayName"] == "payments pipelines"


def test_a_managed_identity_is_made_where_it_is_asked_for_and_trusts_the_connection(cloud: Cloud) -> None:
    make(
        app_registration=None,
        managed_identity={"name": "id-payments", "resource_group": "rg", "location": "westeurope"},
    )
    assert cloud.one(MANAGED_IDENTITY) == {
        "resourceName": "id-payments",
        "resourceGroupName": "rg",
        "location": "westeurope",
    }
    assert cloud.one(MANAGED_IDENTITY_CREDENTIAL) == {
        "resourceGroupName": "rg",
        "resourceName": "id-payments",
        "federatedIdentityCredentialResourceName": f"service-connection-{ENDPOINT_ID}",
        "issuer": ISSUER,
        "subject": f"/eid1/c/pub/t/T/a/A/sc/ORG/{ENDPOINT_ID}",
        "audiences": ["api://AzureADTokenExchange"],
    }
    assert cloud.of(APPLICATION) == []


def test_an_existing_managed_identity_whose_ids_are_given_is_not_looked_up(cloud: Cloud) -> None:
    identity = managed_identity("rg-identities", "id-network")
    make(
        app_registration=None,
        managed_identity={
            "resource_id": identity,
            "client_id": CLIENT,
            "principal_id": PRINCIPAL,
            "tenant_id": TENANT,
        },
    )
    assert cloud.of(MANAGED_IDENTITY) == []
    assert {call.token for call in cloud.calls} == {"azure-native:authorization:getClientConfig"}
    assert cloud.one(MANAGED_IDENTITY_CREDENTIAL)["resourceName"] == "id-network"
    assert cloud.one(ENDPOINT)["credentials"] == {"serviceprincipalid": CLIENT}


def test_an_existing_managed_identity_is_looked_up_by_its_id(cloud: Cloud) -> None:
    cloud.answers["azure-native:managedidentity:getUserAssignedIdentity"] = lambda asked: {
        "clientId": CLIENT,
        "principalId": PRINCIPAL,
        "tenantId": TENANT,
        "name": asked["resourceName"],
    }
    make(app_registration=None, managed_identity={"resource_id": managed_identity("rg", "id-network")})
    looked_up = [call.args for call in cloud.calls if call.token.endswith("getUserAssignedIdentity")]
    assert looked_up == [{"resourceGroupName": "rg", "resourceName": "id-network"}]
    assert cloud.one(ROLE_ASSIGNMENT)["principalId"] == PRINCIPAL


def test_an_existing_service_principal_is_looked_up_by_its_client_id(cloud: Cloud) -> None:
    cloud.answers |= {
        "azuread:index/getApplication:getApplication": lambda asked: {"objectId": APPLICATION_OBJECT},
        "azuread:index/getServicePrincipal:getServicePrincipal": lambda asked: {"objectId": PRINCIPAL},
    }
    make(app_registration=None, service_principal={"client_id": CLIENT, "tenant_id": TENANT})
    assert [call.args for call in cloud.calls] == [{"clientId": CLIENT}] * 2
    assert cloud.of(APPLICATION) == []
    assert cloud.one(APPLICATION_CREDENTIAL)["applicationId"] == f"/applications/{APPLICATION_OBJECT}"
    assert cloud.one(ROLE_ASSIGNMENT)["principalId"] == PRINCIPAL


@pytest.mark.parametrize("application", [APPLICATION_OBJECT, f"/applications/{APPLICATION_OBJECT}"])
def test_an_existing_service_principal_whose_ids_are_given_is_not_looked_up(
    cloud: Cloud, application: str
) -> None:
    principal = {
        "client_id": CLIENT,
        "tenant_id": TENANT,
        "principal_id": PRINCIPAL,
        "application_id": application,
    }
    make(app_registration=None, service_principal=principal)
    assert cloud.calls == []
    assert cloud.one(APPLICATION_CREDENTIAL)["applicationId"] == f"/applications/{APPLICATION_OBJECT}"


def test_a_resource_group_is_reached_by_roles_and_the_connection_names_its_subscription(cloud: Cloud) -> None:
    group = {"subscription_id": SUBSCRIPTION, "subscription_name": "Payments", "name": "rg-payments"}
    make(subscription=None, resource_group=group)
    endpoint = cloud.one(ENDPOINT)
    assert (endpoint["azurermSubscriptionId"], endpoint["azurermSubscriptionName"]) == (
        SUBSCRIPTION,
        "Payments",
    )
    assert "resourceGroup" not in endpoint
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-payments"
    assert cloud.one(ROLE_ASSIGNMENT)["scope"] == scope


def test_a_management_group_is_named_by_the_connection_and_roles_hold_there(cloud: Cloud) -> None:
    make(subscription=None, management_group={"id": "corp", "name": "Contoso"})
    endpoint = cloud.one(ENDPOINT)
    assert endpoint["azurermManagementGroupId"] == "corp"
    assert endpoint["azurermManagementGroupName"] == "Contoso"
    assert not {"azurermSubscriptionId", "azurermSubscriptionName", "resourceGroup"} & endpoint.keys()
    assigned = cloud.one(ROLE_ASSIGNMENT)
    assert assigned["scope"] == "/providers/Microsoft.Management/managementGroups/corp"
    assert assigned["roleDefinitionId"].startswith("/providers/Microsoft.Authorization/")


def test_a_workspace_is_said_by_the_resource_that_can_say_every_field(cloud: Cloud) -> None:
    make(subscription=None, workspace=WORKSPACE)
    assert cloud.of(ENDPOINT) == []
    endpoint = cloud.one(GENERIC_ENDPOINT)
    authorization = endpoint.pop("authorizationParameters")
    assert endpoint == {
        "projectId": PROJECT,
        "name": "payments",
        "description": "Managed by Pulumi",
        "type": "azurerm",
        "serverUrl": "https://management.azure.com/",
        "authorizationScheme": "WorkloadIdentityFederation",
        "parameters": {
            "environment": "AzureCloud",
            "scopeLevel": "AzureMLWorkspace",
            "creationMode": "Manual",
            "subscriptionId": SUBSCRIPTION,
            "subscriptionName": "Payments production",
            "resourceGroupName": "rg-payments",
            "mlWorkspaceName": "ml-fraud",
            "mlWorkspaceLocation": "westeurope",
            "managementGroupId": "",
            "managementGroupName": "",
        },
    }
    assert plain(authorization) == {"serviceprincipalid": CLIENT, "tenantid": TENANT}
    workspaces = "providers/Microsoft.MachineLearningServices/workspaces"
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-payments"
    assert cloud.one(ROLE_ASSIGNMENT)["scope"] == f"{group}/{workspaces}/ml-fraud"


def test_a_workspaces_credential_trusts_what_is_looked_up_by_the_connections_id(cloud: Cloud) -> None:
    make(subscription=None, workspace=WORKSPACE)
    credential = cloud.one(APPLICATION_CREDENTIAL)
    assert credential["issuer"] == ISSUER
    assert credential["subject"] == f"/eid1/c/pub/t/T/a/A/sc/ORG/{ENDPOINT_ID}"
    assert [call.args for call in cloud.calls] == [{"projectId": PROJECT, "serviceEndpointId": ENDPOINT_ID}]


def test_a_shared_connection_names_its_projects_in_the_order_given(cloud: Cloud) -> None:
    make(shared_with=[OTHER_PROJECT.upper(), TENANT])
    endpoint = cloud.one(GENERIC_ENDPOINT)
    assert endpoint["sharedProjectIds"] == [OTHER_PROJECT, TENANT]
    assert endpoint["parameters"]["scopeLevel"] == "Subscription"
    assert endpoint["parameters"]["creationMode"] == "Manual"
    assert cloud.one(APPLICATION_CREDENTIAL)["issuer"] == ISSUER


def test_a_connection_that_may_be_shared_stays_the_same_resource_when_nobody_has_it(cloud: Cloud) -> None:
    make(shared_with=[])
    assert "sharedProjectIds" not in cloud.one(GENERIC_ENDPOINT)
    assert cloud.of(ENDPOINT) == []


def options_of(kind: str, **changes: Any) -> pulumi.ResourceOptions:
    """The options with which a connection's resource of a type registers."""
    seen: dict[str, pulumi.ResourceOptions] = {}

    def note(resource: pulumi.ResourceTransformationArgs) -> None:
        seen[resource.type_] = resource.opts

    run(
        lambda: ServiceConnection("payments", args(**changes), pulumi.ResourceOptions(transformations=[note]))
    )
    return seen[kind]


@pytest.mark.parametrize(
    ("kind", "scope"),
    [(ENDPOINT, {}), (GENERIC_ENDPOINT, {"subscription": None, "workspace": WORKSPACE})],
)
def test_a_connection_is_protected_from_being_replaced_unless_that_is_allowed(
    cloud: Cloud, kind: str, scope: dict[str, Any]
) -> None:
    assert options_of(kind, **scope).protect is True
    assert not options_of(kind, **scope, replace="allowed").protect


def test_nothing_but_the_connection_is_protected(cloud: Cloud) -> None:
    for kind in (APPLICATION, ROLE_ASSIGNMENT, APPLICATION_CREDENTIAL, AUTHORIZATION):
        assert not options_of(kind).protect


def test_no_role_is_given_unless_it_is_asked_for(cloud: Cloud) -> None:
    make(roles=None)
    assert cloud.of(ROLE_ASSIGNMENT) == []


def test_a_role_has_a_scope_a_condition_and_a_reason_of_its_own(cloud: Cloud) -> None:
    vault = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"
    role = {"role": "Key Vault Reader", "scope": vault, "condition": "(true)", "description": "Reads names"}
    make(roles={"vault": role})
    assigned = cloud.one(ROLE_ASSIGNMENT)
    assert (
        assigned["scope"],
        assigned["condition"],
        assigned["conditionVersion"],
        assigned["description"],
    ) == (
        vault,
        "(true)",
        "2.0",
        "Reads names",
    )
    assert assigned["roleDefinitionId"].endswith("/21090545-7ca7-4776-b22c-e363652d74d2")


def test_without_a_condition_no_version_of_one_is_sent(cloud: Cloud) -> None:
    make()
    assert not {"condition", "conditionVersion"} & cloud.one(ROLE_ASSIGNMENT).keys()


def test_no_pipeline_may_use_a_connection_unless_it_is_named(cloud: Cloud) -> None:
    make(pipelines=None)
    assert cloud.of(AUTHORIZATION) == []


def test_every_pipeline_is_let_in_by_itself(cloud: Cloud) -> None:
    make(pipelines={"first": {"id": 7}, "second": {"id": 8, "project_id": OTHER_PROJECT}})
    common = {"projectId": PROJECT, "resourceId": ENDPOINT_ID, "type": "endpoint"}
    assert sorted(cloud.of(AUTHORIZATION), key=lambda each: each["pipelineId"]) == [
        {**common, "pipelineId": 7},
        {**common, "pipelineId": 8, "pipelineProjectId": OTHER_PROJECT},
    ]


def test_a_pipeline_of_the_connections_own_project_is_sent_without_a_project(cloud: Cloud) -> None:
    make(pipelines={"first": {"id": 7, "project_id": PROJECT.upper()}})
    assert "pipelineProjectId" not in cloud.one(AUTHORIZATION)


def test_all_pipelines_are_let_in_only_when_that_is_said(cloud: Cloud) -> None:
    make(pipelines=None, all_pipelines=True)
    assert cloud.one(AUTHORIZATION) == {"projectId": PROJECT, "resourceId": ENDPOINT_ID, "type": "endpoint"}
    cloud = start(Cloud())
    make(pipelines=None, all_pipelines=False)
    assert cloud.of(AUTHORIZATION) == []


def test_a_whole_number_from_another_language_arrives_as_one(cloud: Cloud) -> None:
    make(pipelines={"first": {"id": 7.0}})
    assert cloud.one(AUTHORIZATION)["pipelineId"] == 7


def test_inputs_stand_in_the_state_as_the_schema_spells_them(cloud: Cloud) -> None:
    group = {"subscription_id": SUBSCRIPTION, "subscription_name": "Payments", "name": "rg-payments"}
    make(subscription=None, resource_group=group, roles={"my_key": {"role": "Reader"}})
    inputs = cloud.one("azure-service-connections:index:ServiceConnection")
    assert inputs["projectId"] == PROJECT
    assert inputs["resourceGroup"] == {
        "subscriptionId": SUBSCRIPTION,
        "subscriptionName": "Payments",
        "name": "rg-payments",
    }
    assert inputs["roles"] == {"my_key": {"role": "Reader"}}


def test_outputs_are_enough_to_compose(cloud: Cloud) -> None:
    def program() -> pulumi.Output[None]:
        made = ServiceConnection("payments", args())

        def check(known: dict[str, Any]) -> None:
            assert known == {
                "id": ENDPOINT_ID,
                "name": "payments",
                "client": CLIENT,
                "principal": PRINCIPAL,
                "tenant": TENANT,
                "issuer": ISSUER,
                "subject": f"/eid1/c/pub/t/T/a/A/sc/ORG/{ENDPOINT_ID}",
                "scope": f"/subscriptions/{SUBSCRIPTION}",
            }

        return pulumi.Output.all(
            id=made.connection_id,
            name=made.connection_name,
            client=made.client_id,
            principal=made.principal_id,
            tenant=made.tenant_id,
            issuer=made.issuer,
            subject=made.subject,
            scope=made.scope,
        ).apply(check)

    run(program)


def test_inputs_may_be_outputs_of_other_resources(cloud: Cloud) -> None:
    make(
        project_id=pulumi.Output.from_input(PROJECT),
        subscription={"id": pulumi.Output.from_input(SUBSCRIPTION), "name": pulumi.Output.from_input("s")},
        roles={"deploy": {"role": pulumi.Output.from_input("Reader")}},
        pipelines={"first": {"id": pulumi.Output.from_input(7)}},
    )
    assert cloud.one(ROLE_ASSIGNMENT)["roleDefinitionId"].endswith("/acdd72a7-3385-48ef-bd42-f606fba81ae7")
    assert cloud.one(AUTHORIZATION)["pipelineId"] == 7


def test_the_callers_inputs_are_left_as_they_are(cloud: Cloud) -> None:
    given = args(pipelines={"first": {"id": pulumi.Output.from_input(7)}})
    before = given["pipelines"]["first"]["id"]
    run(lambda: ServiceConnection("payments", given))
    assert given["pipelines"]["first"]["id"] is before
    assert given["app_registration"] == {}


def test_in_a_preview_what_is_not_known_yet_stays_unknown() -> None:
    cloud = start(Cloud(), preview=True)
    run(lambda: ServiceConnection("payments", args()))
    assert len(cloud.of(APPLICATION_CREDENTIAL)) == 1
