"""A stack with one violation of each rule: the resource that it is of bears the rule's name."""

import datetime

import pulumi_azuread as azuread
import pulumi_azuredevops as azuredevops
from pulumi_azure_native import authorization
from sound_connections import (
    AUDIENCE,
    CONTRIBUTOR,
    GROUP,
    PEOPLE,
    SUBSCRIPTION,
    TENANT,
    Sound,
    approval,
    authorize,
    branches,
    check,
    connection,
    generic,
    lock,
    role,
)

SOMEBODY = "00000000-0000-0000-0000-00000000000c"
BROAD = "00000000-0000-0000-0000-0000000000ff"
USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"

# The connection.
connection(
    "connection-signs-in-without-a-secret",
    service_endpoint_authentication_scheme="ServicePrincipal",
    credentials={"serviceprincipalid": SOMEBODY, "serviceprincipalkey": "not-to-be-seen"},
)
connection("connection-identity-is-declared")
Sound("connection-is-protected", protect=False)
Sound("connection-has-a-description", description="Managed by Terraform")
Sound("connection-cloud-is-allowed", environment="AzureUSGovernment")
generic(
    "connection-is-shared-only-where-allowed", shared_project_ids=["a7fa4c3d-e97f-4f7c-918e-6be4f3819806"]
)
Sound(
    "connection-points-below-management-groups",
    azurerm_management_group_id="production",
    azurerm_management_group_name="Production",
)
Sound("connection-is-not-validated-at-creation", features={"validate": True})

# Who may use it.
any_one = Sound("open").connection.id
authorize("pipelines-are-authorized-one-by-one", any_one)
crowded = Sound("connection-serves-few-pipelines").connection.id
for pipeline in range(1, 7):
    authorize(f"crowd-{pipeline}", crowded, pipeline_id=pipeline)
azuredevops.SecurityroleAssignment(
    "broad-groups-have-no-rights",
    scope="distributedtask.serviceendpointrole",
    resource_id=any_one.apply(lambda known: f"project_{known}"),
    identity_id=BROAD,
    role_name="User",
)
approval("broad-groups-do-not-approve", any_one, approvers=[BROAD])

# What a run has to pass.
uncontrolled = Sound("production-connection-controls-branches", service_endpoint_name="prod-a").connection.id
approval("prod-a", uncontrolled)
lock("prod-a", uncontrolled)
branches("branch-control-names-branches", any_one, allowed_branches="*")
branches("branch-control-verifies-protection", any_one, verify_branch_protection=False)
unapproved = Sound("production-connection-needs-approval", service_endpoint_name="prod-b").connection.id
branches("prod-b", unapproved)
lock("prod-b", unapproved)
approval("requester-does-not-approve", any_one, requester_can_approve=True)
check(
    azuredevops.CheckRequiredTemplate,
    "required-template-comes-from-a-protected-branch",
    any_one,
    required_templates=[
        {"repository_name": "templates", "template_path": "a.yml", "repository_ref": "refs/heads/try"}
    ],
)
unlocked = Sound(
    "production-connection-takes-one-run-at-a-time", service_endpoint_name="prod-c"
).connection.id
branches("prod-c", unlocked)
approval("prod-c", unlocked)

# What it may do in Azure.
role(
    "roles-that-grant-access-have-a-condition",
    SOMEBODY,
    f"/subscriptions/{SUBSCRIPTION}",
    USER_ACCESS_ADMINISTRATOR,
)
authorization.RoleDefinition(
    "custom-role-hands-out-no-roles",
    scope=GROUP,
    role_name="Payments owner",
    assignable_scopes=[GROUP],
    permissions=[{"actions": ["*"], "not_actions": ["Microsoft.Compute/*"]}],
)
role("no-role-at-the-root", SOMEBODY, "/")
role("broad-roles-stay-below-subscriptions", SOMEBODY, f"/subscriptions/{SUBSCRIPTION}", CONTRIBUTOR)
person = Sound("person")
role("roles-of-identities-name-the-principal-type", person.principal.object_id, principal_type="User")
elsewhere = Sound("elsewhere").principal.object_id
role(
    "role-stays-within-the-connection-scope",
    elsewhere,
    "/subscriptions/6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02/resourceGroups/rg-payments",
)
role("plan-connection-only-reads", Sound("payments-plan").principal.object_id, GROUP, CONTRIBUTOR)

# Whom it signs in as.
Sound("application-is-single-tenant", application={"sign_in_audience": "AzureADMultipleOrgs"})
soon = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)).strftime("%Y-%m-%dT00:00:00Z")
azuread.ApplicationPassword(
    "federated-application-has-no-secret", application_id=Sound("secret").application.id, end_date=soon
)
lonely = azuread.Application("lonely", display_name="lonely")
azuread.ApplicationPassword("secret-ends-soon", application_id=lonely.id, end_date="2099-12-31T00:00:00Z")
Sound("application-has-owners", application={"owners": PEOPLE[:1]})
Sound("application-names-its-service", application={"service_management_reference": None})
shared = Sound("identity-serves-one-connection")
other = connection(
    "identity-serves-one-connection-too", credentials={"serviceprincipalid": shared.application.client_id}
)
shared.trust(
    "other",
    issuer=other.workload_identity_federation_issuer,
    subject=other.workload_identity_federation_subject,
)

# Whom that identity trusts.
Sound("stranger").trust(
    "federated-credential-trusts-its-own-connection",
    issuer=f"https://login.microsoftonline.com/{TENANT}/v2.0",
    subject=f"/eid1/c/pub/t/a/a/b/sc/{SOMEBODY}/{SOMEBODY}",
)
Sound("connection-has-one-credential", trusted=False)
Sound("audience", trusted=False).trust(
    "federated-credential-audience-is-exact", audiences=["api://azureadtokenexchange"]
)
azuread.ApplicationFlexibleFederatedIdentityCredential(
    "flexible-credential-is-not-a-wildcard",
    application_id=lonely.id,
    display_name="flexible",
    audience=AUDIENCE,
    issuer="https://token.actions.githubusercontent.com",
    claims_matching_expression="claims['sub'] matches 'repo:contoso/*'",
)
Sound("trusting").trust(
    "identity-trusts-only-connections",
    issuer="https://token.actions.githubusercontent.com",
    subject="repo:contoso/payments:ref:refs/heads/main",
)
Sound("old", trusted=False).trust(
    "connection-uses-the-entra-issuer", issuer=f"https://vstoken.dev.azure.com/{SOMEBODY}"
)
full = azuread.Application("identity-has-room-for-credentials", display_name="full")
for number in range(21):
    azuread.ApplicationFederatedIdentityCredential(
        f"full-{number}",
        application_id=full.id,
        display_name=f"full-{number}",
        audiences=[AUDIENCE],
        issuer="https://token.actions.githubusercontent.com",
        subject=f"repo:contoso/payments:environment:{number}",
    )
