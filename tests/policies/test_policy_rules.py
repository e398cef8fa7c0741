"""Single rules: where their borders are, and what they make of a value that is not known."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_builder import (
    DEVOPS,
    SUBSCRIPTION,
    TODAY,
    application,
    azurerm,
    definition,
    generic,
    principal,
    resource,
    role,
    said_of_resource,
    said_of_stack,
    trust,
)

from policies import resource_types
from policies.estate import Estate
from policies.resource import UNKNOWN, Resource, plain_type
from policies.rule import Preset, ResourceRule, StackRule
from policies.rules import RULES
from policies.verdict import judge_resource, judge_stack

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
GROUPS = "/providers/Microsoft.Management/managementGroups"
BRANCHES = {"targetResourceType": "endpoint", "verifyBranchProtection": True}


@pytest.mark.parametrize(
    ("scope", "guid", "condition", "found"),
    [
        (SUBSCRIPTION, OWNER, None, True),
        (f"{SUBSCRIPTION.upper()}/", OWNER, " ", True),
        (f"{GROUPS}/production", OWNER, None, True),
        ("/", OWNER, None, True),
        (SUBSCRIPTION, OWNER, "((!(ActionMatches{'x'})))", False),
        (SUBSCRIPTION, OWNER, UNKNOWN, False),
        (UNKNOWN, OWNER, None, False),
        (f"{SUBSCRIPTION}/resourceGroups/rg-payments", OWNER, None, False),
        (SUBSCRIPTION, CONTRIBUTOR, None, False),
    ],
)
def test_a_role_that_hands_out_roles_needs_a_condition_where_it_is_wide(
    scope: Any, guid: str, condition: Any, found: bool
) -> None:
    judged = role(scope=scope, roleDefinitionId=definition(guid), condition=condition)
    assert bool(said_of_resource("roles-that-grant-access-have-a-condition", judged)) is found


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ("/", True),
        (f"{GROUPS}/3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01", True),
        (f"{GROUPS}/production", False),
        (SUBSCRIPTION, False),
    ],
)
def test_the_root_is_that_of_the_tenant_or_the_group_named_by_it(scope: str, found: bool) -> None:
    assert bool(said_of_resource("no-role-at-the-root", role(scope=scope))) is found


def test_a_group_with_a_guid_as_its_name_may_be_said_to_be_none_of_the_root() -> None:
    guid = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
    assert said_of_resource("no-role-at-the-root", role(scope=f"{GROUPS}/{guid}"), notRoot=[guid]) == []


@pytest.mark.parametrize(
    ("branches", "found"),
    [
        (None, True),
        ("*", True),
        ("refs/heads/main, refs/heads/*", True),
        ("refs/heads/main", False),
        ("refs/heads/release/*", False),
        (UNKNOWN, False),
    ],
)
def test_a_branch_control_names_branches(branches: Any, found: bool) -> None:
    judged = resource(resource_types.BRANCH_CONTROL, allowedBranches=branches, **BRANCHES)
    assert bool(said_of_resource("branch-control-names-branches", judged)) is found


@pytest.mark.parametrize("target", ["environment", "queue", "repository"])
def test_checks_of_other_resources_are_none_of_its_business(target: str) -> None:
    fields = {"targetResourceType": target, "requesterCanApprove": True}
    assert said_of_resource("requester-does-not-approve", resource(resource_types.APPROVAL, **fields)) == []
    judged = resource(resource_types.BRANCH_CONTROL, targetResourceType=target)
    assert said_of_resource("branch-control-names-branches", judged) == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, True),
        ({"pipelineId": 0}, True),
        ({"pipelineId": 7}, False),
        ({"pipelineId": UNKNOWN}, False),
        ({"type": "queue"}, False),
    ],
)
def test_a_pipeline_authorization_without_a_pipeline_is_for_all(fields: dict[str, Any], found: bool) -> None:
    judged = resource(resource_types.PIPELINE_AUTHORIZATION, **{"type": "endpoint", **fields})
    assert bool(said_of_resource("pipelines-are-authorized-one-by-one", judged)) is found


@pytest.mark.parametrize(
    ("scheme", "found"),
    [
        (None, True),
        ("ServicePrincipal", True),
        ("PublishProfile", True),
        ("WorkloadIdentityFederation", False),
        ("ManagedServiceIdentity", False),
        (UNKNOWN, False),
    ],
)
def test_a_scheme_that_is_not_said_is_a_secret(scheme: Any, found: bool) -> None:
    name = "connection-signs-in-without-a-secret"
    assert bool(said_of_resource(name, azurerm(serviceEndpointAuthenticationScheme=scheme))) is found
    assert bool(said_of_resource(name, generic(authorizationScheme=scheme))) is found
    assert said_of_resource(name, generic(type="github", authorizationScheme="Token")) == []


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({}, 730),
        ({"endDate": "2027-11-24T00:00:00Z"}, 365),
        ({"endDateRelative": "4800h"}, 200),
        ({"endDateRelative": "99999999999h"}, 36500),
        ({"endDateRelative": "30m"}, None),
        ({"endDate": "2027-05-23T00:00:00Z"}, None),
        ({"endDateRelative": "4320h"}, None),
        ({"endDate": UNKNOWN}, None),
    ],
)
def test_a_secret_lasts_no_longer_than_the_setting(fields: dict[str, Any], days: int | None) -> None:
    said = said_of_resource("secret-ends-soon", resource(resource_types.APPLICATION_PASSWORD, **fields))
    assert [f"lasts {days} more days" in each for each in said] == ([] if days is None else [True])


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("claims['sub'] matches 'repo:contoso/*'", True),
        ("claims['sub'] matches '*'", True),
        ("claims['sub'] matches 'sc://contoso/*'", True),
        ("claims['sub'] matches 'sc://contoso/Payments/*'", False),
        ("claims['sub'] matches 'repo:contoso/payments:ref:refs/heads/*'", False),
        ("claims['sub'] eq 'repo:contoso/*'", False),
        ("claims['job_workflow_ref'] matches 'contoso/payments/*'", True),
        (UNKNOWN, False),
    ],
)
def test_an_expression_names_more_than_the_organization(expression: Any, found: bool) -> None:
    judged = resource(resource_types.FLEXIBLE_TRUST, claimsMatchingExpression=expression)
    assert bool(said_of_resource("flexible-credential-is-not-a-wildcard", judged)) is found


@pytest.mark.parametrize(
    ("audiences", "found"),
    [
        (["api://AzureADTokenExchange"], False),
        (["api://AzureADTokenExchangeUSGov"], False),
        (["api://azureadtokenexchange"], True),
        (["api://AzureADTokenExchange", "api://other"], True),
        ([], True),
        ([UNKNOWN], False),
    ],
)
def test_an_audience_is_exact(audiences: list[Any], found: bool) -> None:
    said = said_of_resource("federated-credential-audience-is-exact", trust(audiences=audiences))
    assert bool(said) is found


@pytest.mark.parametrize(
    ("permissions", "found"),
    [
        ([{"actions": ["*"]}], True),
        ([{"actions": ["Microsoft.Authorization/*"], "notActions": ["Microsoft.Compute/*"]}], True),
        ([{"actions": ["Microsoft.Authorization/RoleAssignments/Write"]}], True),
        ([{"actions": ["*/read"]}], False),
        ([{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}], False),
        ([{"actions": ["*"], "notActions": UNKNOWN}], False),
        ([{"actions": ["*"], "notActions": ["Microsoft.Authorization/*"]}, {"actions": ["*"]}], True),
        (UNKNOWN, False),
    ],
)
def test_a_custom_role_that_can_write_assignments_hands_out_roles(permissions: Any, found: bool) -> None:
    judged = resource(resource_types.ROLE_DEFINITION, permissions=permissions)
    assert bool(said_of_resource("custom-role-hands-out-no-roles", judged)) is found


def test_rights_on_a_connection_are_looked_at_whichever_resource_gives_them() -> None:
    name, broad = "broad-groups-have-no-rights", {"groups": ["VSSGP.all"]}
    permission = resource(resource_types.CONNECTION_PERMISSIONS, principal="vssgp.All")
    given = {"scope": "distributedtask.serviceendpointrole", "identityId": "vssgp.all"}
    assert said_of_resource(name, permission, **broad)
    assert said_of_resource(name, resource(resource_types.SECURITY_ROLE, **given), **broad)
    assert said_of_resource(name, permission) == []
    other = resource(resource_types.SECURITY_ROLE, **{**given, "scope": "distributedtask.library"})
    assert said_of_resource(name, other, **broad) == []


@pytest.mark.parametrize("kind", resource_types.STANDING_CREDENTIALS)
def test_a_secret_beside_a_federated_credential_is_found_whatever_it_is_for(kind: str) -> None:
    ids = {"applicationId": "/applications/object-of-payments", "servicePrincipalId": "sp"}
    stack = (application(), principal(id="sp"), azurerm(), resource(kind, **ids))
    assert len(said_of_stack("federated-application-has-no-secret", *stack)) == 1
    by_secret = azurerm(serviceEndpointAuthenticationScheme="ServicePrincipal")
    stack = (application(), principal(id="sp"), by_secret, resource(kind, **ids))
    assert said_of_stack("federated-application-has-no-secret", *stack) == []


OWN = "federated-credential-trusts-its-own-connection"


@pytest.mark.parametrize("connection", [azurerm(), generic()])
def test_a_credential_of_its_own_connection_is_trusted_by_its_value(connection: Resource) -> None:
    estate = (application(), connection, trust())
    assert said_of_stack(OWN, *estate) == []
    assert said_of_stack("connection-has-one-credential", *estate) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"issuer": ENTRA_OF_ANOTHER}, "says another issuer")
        for ENTRA_OF_ANOTHER in [
            "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0"
        ]
    ]
    + [
        ({"subject": "/eid1/c/pub/t/X/a/y/sc/organization/id-of-payments"}, "says another subject"),
        (
            {"issuer": DEVOPS, "subject": "sc://contoso/Payments/payments"},
            "no connection of this stack sends",
        ),
    ],
)
def test_a_credential_that_differs_in_a_letter_is_found(changes: dict[str, str], problem: str) -> None:
    (said,) = said_of_stack(OWN, application(), azurerm(), trust(**changes))
    assert problem in said


def test_a_credential_that_trusts_the_connection_of_another_identity_is_found() -> None:
    stack = (application(), application("other"), azurerm("other"))
    (said,) = said_of_stack(
        OWN, *stack, trust(subject=azurerm("other").get("workloadIdentityFederationSubject"))
    )
    assert "trusts the connection 'other' of another identity" in said


def test_a_subject_by_hand_is_wrong_while_its_connection_is_new_and_open_while_that_changes() -> None:
    written = trust(issuer=DEVOPS, subject="sc://contoso/Payments/payments")
    unknown = {"workloadIdentityFederationIssuer": UNKNOWN, "workloadIdentityFederationSubject": UNKNOWN}
    assert said_of_stack(OWN, application(), azurerm(id=UNKNOWN, **unknown), written)
    assert said_of_stack(OWN, application(), azurerm(**unknown), written) == []


def test_other_trust_of_other_applications_is_none_of_its_business() -> None:
    github = trust(issuer="https://token.actions.githubusercontent.com", subject="repo:contoso/payments:x")
    assert said_of_stack(OWN, application(), github) == []
    assert said_of_stack("identity-trusts-only-connections", application(), github) == []
    assert said_of_stack("identity-trusts-only-connections", application(), azurerm(), github)
    issuers = ["https://token.actions.githubusercontent.com"]
    said = said_of_stack(
        "identity-trusts-only-connections", application(), azurerm(), github, issuers=issuers
    )
    assert said == []


def test_what_belongs_together_is_told_by_where_a_property_comes_from() -> None:
    app = application(id=UNKNOWN, clientId=UNKNOWN)
    made = resource(
        resource_types.SERVICE_PRINCIPAL, clientId=UNKNOWN, objectId=UNKNOWN, sources={"clientId": app}
    )
    connection = resource(
        resource_types.AZURERM_CONNECTION,
        id=UNKNOWN,
        credentials={"serviceprincipalid": UNKNOWN},
        sources={"credentials": app},
    )
    credential = resource(
        resource_types.APPLICATION_TRUST,
        applicationId=UNKNOWN,
        subject=UNKNOWN,
        sources={"applicationId": app, "subject": connection},
    )
    assignment = resource(resource_types.ROLE_ASSIGNMENT, principalId=UNKNOWN, sources={"principalId": made})
    estate = Estate([app, made, connection, credential, assignment])
    assert estate.identities == {connection.urn: app}
    assert estate.trusts_of == {app.urn: [credential]}
    assert estate.roles_of == {app.urn: [assignment]}
    assert [each.resource for each in estate.trusted_by(credential)] == [connection]


def test_an_identity_of_another_stack_is_one_identity_by_its_client_id() -> None:
    shared = {"credentials": {"serviceprincipalid": "Client-Of-Both"}}
    lower = {"credentials": {"serviceprincipalid": "client-of-both"}}
    said = said_of_stack("identity-serves-one-connection", azurerm("a", **shared), azurerm("b", **lower))
    assert len(said) == 2


@pytest.mark.parametrize(
    ("today", "environment", "count"),
    [
        (date(2026, 12, 31), "AzureCloud", 0),
        (date(2027, 1, 1), "AzureCloud", 2),
        (date(2027, 8, 1), "AzureCloud", 2),
        (date(2027, 8, 1), "AzureUSGovernment", 0),
    ],
)
def test_the_old_issuer_is_asked_after_from_a_day_on(today: date, environment: str, count: int) -> None:
    old = {"workloadIdentityFederationIssuer": DEVOPS, "workloadIdentityFederationSubject": "sc://a/b/c"}
    stack = (
        application(),
        azurerm(environment=environment, **old),
        trust(issuer=DEVOPS, subject="sc://a/b/c"),
    )
    assert len(said_of_stack("connection-uses-the-entra-issuer", *stack, today=today)) == count


@pytest.mark.parametrize(
    ("name", "found"),
    [("payments-prod", True), ("PRODUCTION", True), ("payments-prod-plan", False), ("payments", False)],
)
def test_production_is_what_is_named_so(name: str, found: bool) -> None:
    said = said_of_stack("production-connection-controls-branches", azurerm(name))
    assert bool(said) is found


def test_a_check_of_a_connection_that_is_not_known_yet_may_be_the_one_that_is_missing() -> None:
    check = resource(resource_types.BRANCH_CONTROL, targetResourceId=UNKNOWN, targetResourceType="endpoint")
    assert said_of_stack("production-connection-controls-branches", azurerm("prod"), check) == []


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (SUBSCRIPTION, False),
        (f"{SUBSCRIPTION}/resourceGroups/rg", False),
        (f"{SUBSCRIPTION}0", True),
        ("/subscriptions/6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02", True),
        (f"{GROUPS}/production", True),
        ("/", True),
        (UNKNOWN, False),
    ],
)
def test_a_role_is_where_the_connection_points(scope: Any, found: bool) -> None:
    stack = (application(), principal(), azurerm(), role(scope=scope))
    assert bool(said_of_stack("role-stays-within-the-connection-scope", *stack)) is found


def test_azure_native_types_are_judged_whatever_version_of_the_api_they_name() -> None:
    assert plain_type("azure-native:authorization/v20220401:RoleAssignment") == resource_types.ROLE_ASSIGNMENT
    named = "azure-native_managedidentity_v20241130:managedidentity:UserAssignedIdentity"
    assert plain_type(named) == resource_types.MANAGED_IDENTITY


KINDS = sorted(
    {each for name, each in vars(resource_types).items() if name.isupper() and isinstance(each, str)}
)
KEYS = [
    *(
        "id",
        "type",
        "name",
        "scope",
        "issuer",
        "subject",
        "audiences",
        "approvers",
        "credentials",
        "clientId",
    ),
    *("authorizationParameters", "parameters", "principalId", "roleDefinitionId", "endDate", "condition"),
    *("allowedBranches", "requiredTemplates", "sharedProjectIds", "owners", "description", "pipelineId"),
    *(
        "applicationId",
        "resourceName",
        "features",
        "targetResourceId",
        "targetResourceType",
        "endDateRelative",
    ),
    *("serviceEndpointAuthenticationScheme", "claimsMatchingExpression", "serviceEndpointName"),
]
ODD: list[Any] = [None, True, False, 0, 3.0, "", " ", "/", "*", "x", SUBSCRIPTION, UNKNOWN, [], {}, [UNKNOWN]]
ODD += [[None], ["x", 1.0], [[]], [{}], [{"repositoryRef": UNKNOWN}], {"validate": UNKNOWN}, {"type": {}}]
ODD += [{"serviceprincipalid": each} for each in (UNKNOWN, "x", None, 1.0)]
ODD += ["urn:x::y", "claims['sub'] matches '*'", "2027-13-99", "99999999999h", DEVOPS, definition(OWNER)]


FIELDS = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(ODD)), max_size=6).map(dict)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(KINDS), FIELDS), max_size=5))
def test_no_value_stops_a_rule(made: list[tuple[str, dict[str, Any]]]) -> None:
    resources = [resource(kind, f"r{index}", **fields) for index, (kind, fields) in enumerate(made)]
    for each in RULES:
        if isinstance(each, StackRule):
            assert all(said.message for said in judge_stack(each, Estate(resources), {}, TODAY))
        elif isinstance(each, ResourceRule):
            for judged in resources:
                assert all(said.message for said in judge_resource(each, judged, {}, TODAY))


@pytest.mark.parametrize("each", RULES, ids=lambda each: each.name)
def test_nothing_known_is_nothing_found(each: Any) -> None:
    """A resource of which not one property is known."""
    resources = [resource(kind, **dict.fromkeys(KEYS, UNKNOWN)) for kind in KINDS]
    unknown = {
        *("verifyBranchProtection", "workloadIdentityFederationIssuer", "workloadIdentityFederationSubject"),
        *(
            "serviceManagementReference",
            "signInAudience",
            "principalType",
            "environment",
            "password",
            "authorized",
        ),
        *("identityId", "principal", "definitionId", "azurermManagementGroupId", "azurermSubscriptionId"),
        *("resourceGroup", "authorizationScheme", "resourceId", "servicePrincipalId", "audience", "objectId"),
    }
    resources = [
        Resource(kept.type, kept.name, kept.urn, {**kept.properties, **dict.fromkeys(unknown, UNKNOWN)}, True)
        for kept in resources
    ]
    if isinstance(each, StackRule):
        assert list(judge_stack(each, Estate(resources), {}, TODAY)) == []
    else:
        for judged in resources:
            assert list(judge_resource(each, judged, {}, TODAY)) == []


@pytest.mark.parametrize("each", RULES, ids=lambda each: each.name)
def test_strict_asks_for_no_less_than_the_baseline(each: Any) -> None:
    order = ["disabled", "advisory", "mandatory"]
    assert order.index(each.levels.strict) >= order.index(each.levels.baseline)
    for setting in each.settings:
        baseline, strict = setting.default(Preset.BASELINE), setting.default(Preset.STRICT)
        if isinstance(baseline, list):
            assert set(strict) <= set(baseline)
        elif isinstance(baseline, int):
            assert strict >= baseline if setting.name == "minimum" else strict <= baseline
