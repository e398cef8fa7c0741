"""A stack that every rule lets pass, in the preset strict: each kind of resource that a rule judges."""

import pulumi_azuread as azuread
import pulumi_azuredevops as azuredevops
from pulumi_azure_native import authorization
from sound_connections import (
    AUDIENCE,
    CONTRIBUTOR,
    GROUP,
    PEOPLE,
    PROJECT,
    Sound,
    approval,
    authorize,
    branches,
    check,
    generic,
    lock,
    managed_identity,
    role,
)

production = Sound("payments-production")
connection_id = production.connection.id
role("payments-production", production.principal.object_id, guid=CONTRIBUTOR)
approval("payments-production", connection_id, requester_can_approve=False)
branches("payments-production", connection_id, ignore_unknown_protection_status=False)
lock("payments-production", connection_id)
check(
    azuredevops.CheckRequiredTemplate,
    "payments-production",
    connection_id,
    required_templates=[
        {"repository_name": "templates", "template_path": "deploy.yml", "repository_ref": "refs/heads/main"}
    ],
)
authorize("payments-production", connection_id, pipeline_id=1)
azuredevops.SecurityroleAssignment(
    "payments-production",
    scope="distributedtask.serviceendpointrole",
    resource_id=connection_id.apply(lambda known: f"project_{known}"),
    identity_id=PEOPLE[0],
    role_name="User",
)

authorization.RoleDefinition(
    "payments-production",
    scope=GROUP,
    role_name="Payments contributor",
    assignable_scopes=[GROUP],
    permissions=[{"actions": ["*"], "not_actions": ["Microsoft.Authorization/*/Write"]}],
)

plan = Sound("payments-production-plan")
role("payments-production-plan", plan.principal.object_id)

managed_identity("payments-identity")

shared = generic("payments-generic", shared_project_ids=None)
found = azuredevops.get_service_endpoint_azure_rm_output(project_id=PROJECT, service_endpoint_id=shared.id)

# Nothing of this one has to do with a connection.
other = azuread.Application("other", display_name="other", sign_in_audience="AzureADMultipleOrgs")
azuread.ApplicationPassword("other", application_id=other.id, end_date_relative="1440h")
azuread.ApplicationFlexibleFederatedIdentityCredential(
    "other",
    application_id=other.id,
    display_name="other",
    audience=AUDIENCE,
    issuer="https://token.actions.githubusercontent.com",
    claims_matching_expression="claims['sub'] matches 'repo:contoso/payments:ref:refs/heads/*'",
)
role("other", "00000000-0000-0000-0000-00000000000c", GROUP, principal_type="User")
