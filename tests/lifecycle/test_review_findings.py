"""What a change is to a reviewer, and how much of a risk."""

from typing import Any

import pytest
from review_previews import (
    APPROVAL,
    BRANCHES,
    CONTRIBUTOR,
    ENDPOINT,
    GENERIC,
    OWNER,
    PIPELINE,
    PRINCIPAL,
    PROJECT,
    ROLE,
    SUBSCRIPTION,
    TRUST,
    UNKNOWN,
    endpoint,
    reviewed,
    role,
    step,
    texts,
    urn,
)

from azure_service_connections.catalogue.roles import BUILT_IN_ROLES

GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-payments"
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/production"
BRANCH_CONTROL = {
    "targetResourceId": "id-of-payments",
    "targetResourceType": "endpoint",
    "allowedBranches": "refs/heads/main",
    "verifyBranchProtection": True,
}
APPROVALS = {
    "targetResourceId": "id-of-payments",
    "targetResourceType": "endpoint",
    "approvers": ["a", "b", "c"],
    "minimumRequiredApprovers": 2,
    "requesterCanApprove": False,
}


@pytest.mark.parametrize(
    ("name", "scope", "condition", "risk"),
    [
        ("Owner", SUBSCRIPTION, None, "high"),
        ("Owner", SUBSCRIPTION, "(condition)", "high"),
        ("User Access Administrator", MANAGEMENT_GROUP, None, "high"),
        ("Role Based Access Control Administrator", "/", None, "high"),
        ("Role Based Access Control Administrator", SUBSCRIPTION, "(condition)", "medium"),
        ("Owner", GROUP, None, "medium"),
        ("Owner", UNKNOWN, None, "high"),
        ("Contributor", MANAGEMENT_GROUP, None, "high"),
        ("Contributor", SUBSCRIPTION, None, "medium"),
        ("Contributor", GROUP, None, "low"),
        ("Reader", MANAGEMENT_GROUP, None, "medium"),
        ("Reader", SUBSCRIPTION, None, "low"),
        ("Key Vault Secrets User", SUBSCRIPTION, None, "medium"),
    ],
)
def test_a_role_is_as_risky_as_what_it_lets_do_and_where(
    name: str, scope: str, condition: str | None, risk: str
) -> None:
    more = {"condition": condition} if condition else {}
    ((found, text),) = texts(step(ROLE, "deploy", None, role(BUILT_IN_ROLES[name], scope, **more)))
    assert found == risk
    assert f"'{name}'" in text
    assert ("hand out roles" in text) == (
        name in ("Owner", "User Access Administrator", "Role Based Access Control Administrator")
    )


def test_a_role_of_ones_own_is_named_by_its_short_id() -> None:
    ((risk, text),) = texts(step(ROLE, "deploy", None, role("11111111-2222-3333-4444-555555555555")))
    assert risk == "medium"
    assert "'custom role 11111111…'" in text
    assert "2222" not in text


@pytest.mark.parametrize(
    ("old", "new", "risk", "word"),
    [
        (GROUP, SUBSCRIPTION, "high", "widens"),
        (SUBSCRIPTION, MANAGEMENT_GROUP, "high", "widens"),
        (SUBSCRIPTION, GROUP, "none", "narrows"),
        (MANAGEMENT_GROUP, SUBSCRIPTION, "none", "narrows"),
        (GROUP, f"{SUBSCRIPTION}/resourceGroups/rg-payments-2", "medium", "moves"),
        (SUBSCRIPTION, UNKNOWN, "medium", "moves"),
    ],
)
def test_a_role_that_holds_elsewhere_says_whether_it_reaches_further(
    old: str, new: str, risk: str, word: str
) -> None:
    ((found, text),) = texts(
        step(ROLE, "deploy", role(CONTRIBUTOR, old), role(CONTRIBUTOR, new), op="replace")
    )
    assert found == risk
    assert f"'Contributor' {word} from " in text


def test_a_condition_that_goes_is_a_risk_and_one_that_comes_is_none() -> None:
    with_one, without = role(OWNER, condition="(condition)"), role(OWNER)
    assert texts(step(ROLE, "deploy", with_one, without))[0][0] == "high"
    assert texts(step(ROLE, "deploy", without, with_one))[0][0] == "none"


def test_a_change_of_letters_of_a_scope_is_none() -> None:
    capital = role(CONTRIBUTOR, SUBSCRIPTION.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
    assert not reviewed(step(ROLE, "deploy", role(CONTRIBUTOR), capital, op="replace")).changed


@pytest.mark.parametrize(
    ("change", "risk", "says"),
    [
        ({"minimumRequiredApprovers": 1}, "medium", "asks for 1 of 3 people instead of 2 of 3"),
        ({"minimumRequiredApprovers": 3}, "none", "asks for 3 of 3 people instead of 2 of 3"),
        ({"requesterCanApprove": True}, "high", "whoever starts a run may approve it"),
        ({"approvers": ["a", "b", "d"]}, "medium", "1 more, 1 no longer"),
        ({"approvers": ["a", "b"]}, "low", "0 more, 1 no longer"),
    ],
)
def test_an_approval_that_asks_less_is_a_risk(change: dict[str, Any], risk: str, says: str) -> None:
    found = texts(step(APPROVAL, "owners", APPROVALS, {**APPROVALS, **change}))
    assert (risk, True) in [(each, says in text) for each, text in found]


@pytest.mark.parametrize(
    ("change", "risk", "says"),
    [
        ({"allowedBranches": "refs/heads/main, refs/heads/hotfix"}, "medium", "'refs/heads/hotfix'"),
        ({"allowedBranches": "*"}, "high", "runs of every branch pass"),
        ({"allowedBranches": "refs/heads/main,refs/heads/*"}, "high", "runs of every branch pass"),
        ({"verifyBranchProtection": False}, "high", "branches pass that no policy protects"),
        ({"ignoreUnknownProtectionStatus": True}, "medium", "the protection is not known"),
    ],
)
def test_a_branch_control_that_lets_more_through_is_a_risk(
    change: dict[str, Any], risk: str, says: str
) -> None:
    found = texts(step(BRANCHES, "branches", BRANCH_CONTROL, {**BRANCH_CONTROL, **change}))
    assert (risk, True) in [(each, says in text) for each, text in found]


def test_a_branch_control_that_is_new_and_lets_everything_through_says_so() -> None:
    ((risk, text),) = texts(step(BRANCHES, "branches", None, {**BRANCH_CONTROL, "allowedBranches": "*"}))
    assert risk == "medium"
    assert "lets every branch through" in text


def test_a_check_of_something_else_than_a_connection_is_only_counted() -> None:
    queue = {**APPROVALS, "targetResourceType": "queue"}
    found = reviewed(step(APPROVAL, "owners", queue, None))
    assert not found.changed
    assert found.other_resources == {"delete": 1}


@pytest.mark.parametrize(
    ("old", "new", "risk", "says"),
    [
        ({}, {"serviceEndpointName": "other"}, "medium", "is renamed from 'payments' to 'other'"),
        ({}, {"environment": "AzureChinaCloud"}, "medium", "cloud 'AzureChinaCloud'"),
        ({}, {"azurermSubscriptionId": None, "azurermManagementGroupId": "all"}, "high", "widens"),
        ({}, {"description": "Another one"}, "none", "its description changes"),
        ({}, {"features": {"validate": True}}, "low", "'features'"),
        (
            {},
            {"credentials": {"serviceprincipalid": "00000000-0000-0000-0000-000000000009"}},
            "medium",
            "signs in as the identity '00000000…' instead of the identity '478dd193…'",
        ),
        (
            {},
            {"serviceEndpointAuthenticationScheme": "ServicePrincipal"},
            "high",
            "signs in with a client secret instead of without a secret",
        ),
    ],
)
def test_a_connection_that_changes_in_place_says_what(
    old: dict[str, Any], new: dict[str, Any], risk: str, says: str
) -> None:
    found = texts(step(ENDPOINT, "payments", endpoint(**old), endpoint(**new)))
    assert (risk, True) in [(each, says in text) for each, text in found]


@pytest.mark.parametrize(
    ("protect", "risk", "says"),
    [((True, False), "medium", "is no longer protected"), ((False, True), "none", "is protected")],
)
def test_protection_that_comes_and_goes_is_said(protect: tuple[bool, bool], risk: str, says: str) -> None:
    ((found, text),) = texts(step(ENDPOINT, "payments", endpoint(), endpoint(), protect=protect))
    assert found == risk
    assert says in text


@pytest.mark.parametrize(
    ("credentials", "risk", "how"),
    [
        ({"serviceprincipalkey": "[secret]"}, "high", "with a client secret"),
        ({"serviceprincipalcertificate": "[secret]"}, "medium", "with a certificate"),
    ],
)
def test_a_new_connection_says_how_it_signs_in(credentials: dict[str, str], risk: str, how: str) -> None:
    new = endpoint(
        serviceEndpointAuthenticationScheme="ServicePrincipal",
        credentials={"serviceprincipalid": UNKNOWN, **credentials},
    )
    found = reviewed(step(ENDPOINT, "payments", None, new))
    (connection,) = found.connections
    assert connection.action == "new"
    assert (connection.findings[0].risk, how in connection.findings[0].text) == (risk, True)
    assert connection.not_known == ("its id", "the client id of its identity")


@pytest.mark.parametrize(
    ("scope", "risk"),
    [
        ({}, "medium"),
        ({"resourceGroup": "rg-payments"}, "low"),
        ({"azurermSubscriptionId": None, "azurermManagementGroupId": "production"}, "high"),
    ],
)
def test_what_azure_devops_gives_to_an_identity_of_its_own_making_is_said(
    scope: dict[str, Any], risk: str
) -> None:
    found = texts(step(ENDPOINT, "payments", None, endpoint(credentials=None, **scope)))
    assert (risk, True) in [(each, "Azure DevOps gives by itself" in text) for each, text in found]
    for credentials in (endpoint()["credentials"], UNKNOWN, "[secret]"):
        own = endpoint(credentials=credentials)
        assert not any("by itself" in text for _, text in texts(step(ENDPOINT, "payments", None, own)))


def test_a_connection_that_is_no_longer_shared_breaks_pipelines_there() -> None:
    shared = {"type": "azurerm", "name": "payments", "projectId": PROJECT, "sharedProjectIds": ["one", "two"]}
    ((risk, text),) = texts(step(GENERIC, "payments", shared, {**shared, "sharedProjectIds": ["two"]}))
    assert risk == "low"
    assert text == "is no longer shared with project 'one': its pipelines there fail"


def test_a_generic_connection_of_another_type_is_only_counted() -> None:
    other = {"type": "kubernetes", "name": "cluster", "projectId": PROJECT}
    found = reviewed(step(GENERIC, "cluster", None, other))
    assert not found.changed
    assert found.other_resources == {"create": 1}


def test_a_right_without_a_pipeline_is_one_of_all() -> None:
    right = {"type": "endpoint", "resourceId": "id-of-payments", "projectId": PROJECT}
    assert texts(step(PIPELINE, "all", None, right))[0][0] == "high"
    assert texts(step(PIPELINE, "all", right, None)) == [("none", "closes to every pipeline of its project")]
    one = {**right, "pipelineId": 7}
    assert texts(step(PIPELINE, "one", None, one)) == [("low", "pipeline number 7 gains the right to use it")]


def test_a_right_of_a_pipeline_that_is_not_known_yet_is_said() -> None:
    right = {"type": "endpoint", "resourceId": "x", "projectId": PROJECT, "pipelineId": UNKNOWN}
    ((risk, text),) = texts(step(PIPELINE, "one", None, right))
    assert risk == "medium"
    assert text == "a pipeline that is not known before 'up' gains the right to use it"


def test_what_belongs_to_an_identity_is_found_by_what_it_depends_on() -> None:
    principal = urn(PRINCIPAL, "deployer")
    found = reviewed(
        step(PRINCIPAL, "deployer", None, {"clientId": UNKNOWN}),
        step(ENDPOINT, "payments", None, endpoint(), depends={"credentials": principal}),
        step(ROLE, "deploy", None, role(OWNER, principalId=UNKNOWN), depends={"principalId": principal}),
    )
    (connection,) = found.connections
    assert [each.kind for each in connection.findings] == ["connection", "role"]


def test_what_two_connections_share_is_told_by_itself_with_both() -> None:
    principal = urn(PRINCIPAL, "deployer")
    found = reviewed(
        step(ENDPOINT, "one", None, endpoint(serviceEndpointName="one"), depends={"credentials": principal}),
        step(ENDPOINT, "two", None, endpoint(serviceEndpointName="two"), depends={"credentials": principal}),
        step(
            ROLE, "deploy", role(CONTRIBUTOR), role(OWNER), op="replace", depends={"principalId": principal}
        ),
    )
    assert [(each.name, each.is_connection) for each in found.connections] == [
        ("deployer", False),
        ("one", True),
        ("two", True),
    ]
    assert found.connections[0].findings[1].text == "signs in for the connections 'one' and 'two'"
    assert found.summary == "2 connections change in stack 'prod': 2 new, and 1 identity beside"


def test_a_trust_in_somebody_else_is_a_risk_and_one_in_its_own_connection_is_none() -> None:
    connection = urn(ENDPOINT, "payments")
    own = {"issuer": UNKNOWN, "subject": UNKNOWN, "applicationId": "/applications/1"}
    other = {"issuer": "https://issuer.example", "subject": "anybody", "applicationId": "/applications/1"}
    assert not reviewed(step(TRUST, "own", None, own, depends={"subject": connection})).changed
    ((risk, text),) = texts(step(TRUST, "other", None, other))
    assert risk == "high"
    assert "trusts 'anybody' of 'https://issuer.example'" in text


def test_an_own_trust_that_ends_alone_is_a_risk() -> None:
    connection = urn(ENDPOINT, "payments")
    own = {"issuer": "https://login.microsoftonline.com/t/v2.0", "subject": "/eid1/x", "applicationId": "a"}
    ((risk, text),) = texts(step(TRUST, "own", own, None, depends={"subject": connection}))
    assert risk == "high"
    assert "can no longer sign in" in text


def test_other_resources_are_only_counted() -> None:
    found = reviewed(
        step("azure-native:storage:StorageAccount", "one", None, {}),
        step("azure-native:storage:StorageAccount", "two", {}, {"kind": "x"}),
        step("pulumi:providers:azure-native", "default", None, {}),
    )
    assert found.connections == ()
    assert found.other_resources == {"create": 1, "update": 1}
    assert found.summary == "No connection changes in stack 'prod'"


def test_what_an_interrupted_replacement_left_behind_is_no_deletion() -> None:
    left = step(ENDPOINT, "payments", endpoint(), None)
    left["oldState"]["delete"] = True
    assert not reviewed(left).changed


def test_a_role_of_a_versioned_type_is_a_role() -> None:
    token = "azure-native:authorization/v20220401:RoleAssignment"
    assert texts(step(token, "deploy", None, role(OWNER)))[0][0] == "high"
