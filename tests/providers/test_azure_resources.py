"""Azure resources: what Azure Resource Manager is sent, and what the engine is told."""

import re
import uuid
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from azure_service_connections.providers.property_values import UNKNOWN, Secret, write_struct
from tests.providers.recorded_engine import Engine, RecordedPauses, RefusedError
from tests.providers.recording_cloud import ADDRESS, CALLER, CLIENT, SUBSCRIPTION, TENANT, RecordingCloud

_URN = "urn:pulumi:dev::demo::azure-native:"
IDENTITY = f"{_URN}managedidentity:UserAssignedIdentity::id"
CREDENTIAL = f"{_URN}managedidentity:FederatedIdentityCredential::payments-prod"
ASSIGNMENT = f"{_URN}authorization:RoleAssignment::deploy"
DEFINITION = f"{_URN}authorization:RoleDefinition::deployer"
GROUP = f"{_URN}resources:ResourceGroup::rg"
MANAGEMENT_GROUP = f"{_URN}management:ManagementGroup::corp"
MEMBERSHIP = f"{_URN}management:ManagementGroupSubscription::payments"
WORKSPACE = f"{_URN}machinelearningservices:Workspace::fraud"
ROOT = f"/subscriptions/{SUBSCRIPTION}"
AUDIENCE = "api://AzureADTokenExchange"
ROLE = f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"
ROLE_INPUTS = {
    "scope": ROOT,
    "principalId": CALLER,
    "principalType": "ServicePrincipal",
    "roleDefinitionId": ROLE,
}


def make(engine: Engine, urn: str, **news: object) -> tuple[str, dict, dict]:
    """Check, then create: the id, the inputs and the outputs."""
    inputs, failures = engine.check(urn, news)
    assert failures == []
    identifier, outputs = engine.create(urn, inputs)
    return identifier, inputs, outputs


def lines(cloud: RecordingCloud) -> list[str]:
    """The requests without their API versions."""
    return [request.split("?")[0] for request in cloud.requests]


@pytest.mark.parametrize(
    ("urn", "news", "path", "version", "body"),
    [
        (
            IDENTITY,
            {"resourceGroupName": "rg", "resourceName": "id-1", "location": "westeurope", "tags": {"a": "b"}},
            f"{ROOT}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1",
            "2023-01-31",
            {"location": "westeurope", "tags": {"a": "b"}},
        ),
        (
            CREDENTIAL,
            {
                "resourceGroupName": "rg",
                "resourceName": "id-1",
                "audiences": [AUDIENCE],
                "issuer": "https://i",
                "subject": "s",
            },
            f"{ROOT}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1"
            "/federatedIdentityCredentials/payments-prod",
            "2023-01-31",
            {
                "properties": {
                    "audiences": [AUDIENCE],
                    "issuer": "https://i",
                    "subject": "s",
                }
            },
        ),
        (
            ASSIGNMENT,
            {**ROLE_INPUTS, "roleAssignmentName": CLIENT},
            f"{ROOT}/providers/Microsoft.Authorization/roleAssignments/{CLIENT}",
            "2022-04-01",
            {"properties": {name: value for name, value in ROLE_INPUTS.items() if name != "scope"}},
        ),
        (
            DEFINITION,
            {
                "scope": ROOT,
                "roleDefinitionId": CLIENT,
                "roleName": "Deployer",
                "roleType": "CustomRole",
                "permissions": [{"actions": ["*/read"]}],
            },
            f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions/{CLIENT}",
            "2022-05-01-preview",
            {
                "properties": {
                    "roleName": "Deployer",
                    "type": "CustomRole",
                    "permissions": [{"actions": ["*/read"]}],
                }
            },
        ),
        (
            GROUP,
            {"resourceGroupName": "rg-1", "location": "westeurope"},
            f"{ROOT}/resourcegroups/rg-1",
            "2024-03-01",
            {"location": "westeurope"},
        ),
        (
            MANAGEMENT_GROUP,
            {"groupId": "corp", "displayName": "Corp", "details": {"parent": {"id": "/x"}}},
            "/providers/Microsoft.Management/managementGroups/corp",
            "2023-04-01",
            {"properties": {"displayName": "Corp", "details": {"parent": {"id": "/x"}}}},
        ),
        (
            MEMBERSHIP,
            {"groupId": "corp"},
            f"/providers/Microsoft.Management/managementGroups/corp/subscriptions/{SUBSCRIPTION}",
            "2023-04-01",
            None,
        ),
        (
            WORKSPACE,
            {
                "resourceGroupName": "rg",
                "workspaceName": "ml-fraud",
                "location": "westeurope",
                "keyVault": "/kv",
            },
            f"{ROOT}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ml-fraud",
            "2025-12-01",
            {"location": "westeurope", "properties": {"keyVault": "/kv"}},
        ),
    ],
)
def test_a_resource_is_looked_for_written_read_changed_and_removed(
    azure_native: Engine,
    cloud: RecordingCloud,
    urn: str,
    news: dict[str, Any],
    path: str,
    version: str,
    body: dict[str, Any] | None,
) -> None:
    identifier, inputs, outputs = make(azure_native, urn, **news)
    address = f"{path}?api-version={version}"
    assert cloud.requests == [f"GET {address}", f"PUT {address}", f"GET {address}"]
    assert cloud.bodies[1] == body
    assert identifier == outputs["id"] == path
    assert inputs["azureApiVersion"] == outputs["azureApiVersion"] == version
    cloud.clear()
    azure_native.update(urn, identifier, outputs, inputs, inputs)
    assert cloud.requests == [f"PUT {address}", f"GET {address}"]
    cloud.clear()
    read, imported, found = azure_native.read(urn, identifier)
    assert (read, cloud.requests) == (path, [f"GET {address}"])
    expected = {name: value for name, value in inputs.items() if name != "azureApiVersion"}
    if "scope" in expected:
        expected["scope"] = expected["scope"].strip("/")
    if urn == MANAGEMENT_GROUP:
        expected["name"] = "corp"
    assert imported == expected
    assert found == outputs
    cloud.clear()
    azure_native.delete(urn, identifier, outputs, inputs)
    assert cloud.requests == [f"DELETE {address}"]
    assert azure_native.read(urn, identifier, inputs, outputs) == ("", {}, {})


def test_what_is_there_already_is_not_taken_over(azure_native: Engine, cloud: RecordingCloud) -> None:
    make(azure_native, GROUP, resourceGroupName="rg-1", location="westeurope")
    with pytest.raises(RefusedError, match=r"^cannot create already existing resource '/subscriptions/"):
        make(azure_native, GROUP, resourceGroupName="rg-1", location="westeurope")
    assert lines(cloud).count(f"PUT {ROOT}/resourcegroups/rg-1") == 1


def test_deleting_what_is_gone_is_no_failure(azure_native: Engine, cloud: RecordingCloud) -> None:
    cloud.plan("DELETE", "roleAssignments", 404, {"error": {"code": "RoleAssignmentNotFound", "message": ""}})
    azure_native.delete(ASSIGNMENT, f"{ROOT}/providers/Microsoft.Authorization/roleAssignments/{CLIENT}", {})


def test_names_are_made_up_once(azure_native: Engine) -> None:
    news = {"resourceGroupName": "rg", "location": "westeurope"}
    first, _ = azure_native.check(IDENTITY, news)
    again, _ = azure_native.check(IDENTITY, news, seed=b"other seed")
    kept, _ = azure_native.check(IDENTITY, news, first, seed=b"other seed")
    assert re.fullmatch(r"id[0-9a-f]{8}", first["resourceName"])
    assert again["resourceName"] != first["resourceName"]
    assert kept["resourceName"] == first["resourceName"]
    assert first["__createBeforeDelete"] is kept["__createBeforeDelete"] is True


def test_an_assignment_is_named_by_a_guid_from_the_seed(azure_native: Engine) -> None:
    first, _ = azure_native.check(ASSIGNMENT, ROLE_INPUTS)
    second, _ = azure_native.check(ASSIGNMENT, ROLE_INPUTS)
    assert first["roleAssignmentName"] == second["roleAssignmentName"]
    assert str(uuid.UUID(first["roleAssignmentName"])) == first["roleAssignmentName"]


def test_a_child_is_named_as_in_the_program(azure_native: Engine) -> None:
    inputs, _ = azure_native.check(CREDENTIAL, {})
    assert inputs["federatedIdentityCredentialResourceName"] == "payments-prod"
    assert "__createBeforeDelete" not in inputs


@pytest.mark.parametrize(
    ("mode", "urn", "name"),
    [
        ("PROPOSE", IDENTITY, "proposed"),
        ("ENFORCE", ASSIGNMENT, "proposed"),
        ("DISABLE", IDENTITY, None),
    ],
)
def test_automatic_names_follow_the_stacks_settings(
    azure_native: Engine, mode: str, urn: str, name: str | None
) -> None:
    options = provider_pb2.CheckRequest.AutonamingOptions
    request = provider_pb2.CheckRequest(
        urn=urn,
        news=write_struct({"resourceGroupName": "rg", "location": "x", **ROLE_INPUTS}),
        randomSeed=b"seed",
        autonaming=options(mode=options.Mode.Value(mode), proposed_name="proposed"),
    )
    answer = azure_native.call("Check", request)
    key = "resourceName" if urn == IDENTITY else "roleAssignmentName"
    if name is None:
        assert [failure.reason for failure in answer.failures] == [f"missing required property '{key}'"]
    else:
        assert answer.inputs[key] == name


def test_the_location_is_the_groups_and_asked_for_once(azure_native: Engine, cloud: RecordingCloud) -> None:
    cloud.objects[f"{ROOT}/resourcegroups/rg"] = {"location": "northeurope"}
    for _ in range(2):
        inputs, failures = azure_native.check(IDENTITY, {"resourceGroupName": "rg"})
        assert (inputs["location"], failures) == ("northeurope", [])
    assert cloud.requests == [f"GET {ROOT}/resourceGroups/rg?api-version=2020-10-01"]


def test_the_location_of_an_unknown_group_is_unknown(azure_native: Engine, cloud: RecordingCloud) -> None:
    inputs, failures = azure_native.check(IDENTITY, {"resourceGroupName": UNKNOWN})
    assert (inputs["location"], failures, cloud.requests) == (UNKNOWN, [], [])


def test_a_location_that_nobody_tells_is_asked_for(azure_native: Engine) -> None:
    _, failures = azure_native.check(GROUP, {})
    assert failures == [
        "missing required property 'location'. Either set it explicitly or configure it with "
        "'pulumi config set azure-native:location <value>'."
    ]


@pytest.mark.parametrize(
    ("news", "reason"),
    [
        ({"audiences": "a"}, "'audiences' should be of type 'strings' but got a str"),
        (
            {"federatedIdentityCredentialResourceName": "x"},
            "'federatedIdentityCredentialResourceName' does not match expression "
            "'^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$'",
        ),
        (
            {"resourceGroupName": "g" * 91},
            "'resourceGroupName' is too long (91): at most 90 characters allowed",
        ),
    ],
)
def test_a_mistake_in_a_credential_is_named(azure_native: Engine, news: dict[str, Any], reason: str) -> None:
    right = {
        "resourceGroupName": "rg",
        "resourceName": "id",
        "audiences": ["a"],
        "issuer": "i",
        "subject": "s",
    }
    _, failures = azure_native.check(CREDENTIAL, {"audiences": ["a"], **right, **news})
    assert failures == [reason]


def test_a_preview_tells_inputs_and_leaves_the_rest_unknown(
    azure_native: Engine, cloud: RecordingCloud
) -> None:
    inputs, _ = azure_native.check(IDENTITY, {"resourceGroupName": UNKNOWN, "tags": {"a": UNKNOWN}})
    identifier, outputs = azure_native.create(IDENTITY, inputs, preview=True)
    assert identifier == ""
    assert outputs["principalId"] is outputs["id"] is UNKNOWN
    assert outputs["tags"] == {"a": UNKNOWN}
    olds = {"name": "id-1", "location": "westeurope", "principalId": CALLER}
    updated = azure_native.update(IDENTITY, "id", olds, {}, inputs, preview=True)
    assert (updated["name"], updated["location"]) == ("id-1", "westeurope")
    assert updated["principalId"] is UNKNOWN
    assert cloud.requests == []


def test_path_parameters_and_what_azure_cannot_change_replace(azure_native: Engine) -> None:
    inputs, _ = azure_native.check(ASSIGNMENT, {**ROLE_INPUTS, "roleAssignmentName": CLIENT})
    news = {**inputs, "scope": "/x", "principalId": TENANT, "roleDefinitionId": "/r", "principalType": "User"}
    difference = azure_native.diff(ASSIGNMENT, {}, inputs, news)
    assert list(difference.replaces) == ["principalId", "scope"]
    assert set(difference.detailedDiff) == {"principalId", "scope", "roleDefinitionId", "principalType"}
    assert difference.deleteBeforeReplace is True


def test_a_resource_with_a_made_up_name_is_replaced_by_making_the_new_one_first(azure_native: Engine) -> None:
    inputs, _ = azure_native.check(IDENTITY, {"resourceGroupName": "rg", "location": "westeurope"})
    difference = azure_native.diff(IDENTITY, {}, inputs, {**inputs, "location": "northeurope"})
    assert list(difference.replaces) == ["location"]
    assert difference.deleteBeforeReplace is False


def test_another_spelling_of_a_location_is_no_change(azure_native: Engine) -> None:
    inputs = {"resourceGroupName": "rg", "location": "West Europe"}
    difference = azure_native.diff(GROUP, {}, inputs, {**inputs, "location": "westeurope"})
    assert difference.changes == difference.DIFF_NONE


def test_a_key_that_only_says_what_is_already_so_does_not_replace(azure_native: Engine) -> None:
    inputs = {"resourceGroupName": "rg", "location": "westeurope"}
    news = {**inputs, "resourceName": "id-1"}
    difference = azure_native.diff(IDENTITY, {"resourceName": "id-1"}, inputs, news)
    assert list(difference.replaces) == []


def test_refresh_follows_what_was_changed_in_the_portal(azure_native: Engine, cloud: RecordingCloud) -> None:
    identifier, inputs, outputs = make(
        azure_native, GROUP, resourceGroupName="rg-1", location="westeurope", tags={"a": "1", "b": "2"}
    )
    cloud.objects[identifier.lower()]["tags"] = {"a": "1", "c": "3"}
    _, followed, found = azure_native.read(GROUP, identifier, inputs, outputs)
    assert followed["tags"] == found["tags"] == {"a": "1", "c": "3"}
    assert followed["resourceGroupName"] == "rg-1"


def test_an_import_leaves_out_what_says_nothing(azure_native: Engine, cloud: RecordingCloud) -> None:
    identifier, _, _ = make(azure_native, GROUP, resourceGroupName="rg-1", location="x")
    cloud.objects[identifier.lower()] |= {"tags": {}, "managedBy": "", "properties": {"a": []}}
    _, imported, _ = azure_native.read(GROUP, identifier)
    assert imported == {"resourceGroupName": "rg-1", "location": "x"}


def test_secret_inputs_are_secret_outputs(azure_native: Engine) -> None:
    identifier, inputs, outputs = make(
        azure_native, GROUP, resourceGroupName="rg-1", location="x", tags={"a": Secret("1"), "b": "2"}
    )
    assert outputs["tags"] == {"a": Secret("1"), "b": "2"}
    _, followed, found = azure_native.read(GROUP, identifier, inputs, outputs)
    assert followed["tags"] == found["tags"] == {"a": Secret("1"), "b": "2"}


@pytest.mark.parametrize(
    ("status", "code", "headers", "waits"),
    [
        (429, "TooManyRequests", {"Retry_After": "3"}, [3.0]),
        (500, "InternalServerError", {}, [20.0]),
        (409, "AnotherOperationInProgress", {}, [20.0]),
        (409, "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity", {}, [20.0]),
    ],
)
def test_a_passing_refusal_is_retried(
    azure_native: Engine,
    cloud: RecordingCloud,
    pauses: RecordedPauses,
    status: int,
    code: str,
    headers: dict[str, str],
    waits: list[float],
) -> None:
    cloud.plan("PUT", "resourcegroups", status, {"error": {"code": code, "message": "later"}}, **headers)
    make(azure_native, GROUP, resourceGroupName="rg-1", location="x")
    assert pauses.waits == waits


def test_a_lasting_refusal_is_told_after_four_attempts(
    azure_native: Engine, cloud: RecordingCloud, pauses: RecordedPauses
) -> None:
    cloud.plan("PUT", "resourcegroups", 503, {"error": {"code": "Busy", "message": "no"}}, times=4)
    with pytest.raises(RefusedError, match=r'^Status=503 Code="Busy" Message="no"$'):
        make(azure_native, GROUP, resourceGroupName="rg-1", location="x")
    assert pauses.waits == [20.0, 60.0, 120.0]


def test_a_refused_assignment_is_one_sentence_in_azures_words(
    azure_native: Engine, cloud: RecordingCloud, pauses: RecordedPauses
) -> None:
    error = {"error": {"code": "RoleAssignmentExists", "message": "The role assignment already exists."}}
    cloud.plan("PUT", "roleAssignments", 409, error)
    with pytest.raises(RefusedError) as refused:
        make(azure_native, ASSIGNMENT, **ROLE_INPUTS)
    assert str(refused.value) == (
        'Status=409 Code="RoleAssignmentExists" Message="The role assignment already exists."'
    )
    assert (refused.value.kept, pauses.waits) == (None, [])


def test_a_removal_that_goes_on_is_polled_at_its_location(
    azure_native: Engine, cloud: RecordingCloud, pauses: RecordedPauses
) -> None:
    place = f"{ADDRESS}{ROOT}/operationresults/1?api-version=2024-03-01"
    cloud.plan("DELETE", "resourcegroups", 202, Location=place, Retry_After="15")
    cloud.plan("GET", "operationresults", 202, Location=place)
    cloud.plan("GET", "operationresults", 200)
    azure_native.delete(GROUP, f"{ROOT}/resourcegroups/rg-1", {})
    assert lines(cloud)[1:] == [f"GET {ROOT}/operationresults/1"] * 2
    assert pauses.waits == [15.0, 30.0]


def test_a_write_that_goes_on_and_fails_keeps_what_is_there(
    azure_native: Engine, cloud: RecordingCloud
) -> None:
    place = f"{ADDRESS}{ROOT}/operationstatuses/1?api-version=1"
    cloud.plan("GET", "workspaces/ml-1", 404)
    cloud.plan("PUT", "workspaces/ml-1", 202, {}, Azure_AsyncOperation=place)
    failed = {"status": "Failed", "error": {"code": "QuotaExceeded", "message": "No room."}}
    cloud.plan("GET", "operationstatuses", 200, failed)
    path = f"{ROOT}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ml-1"
    cloud.plan(
        "GET", "workspaces/ml-1", 200, {"id": path, "name": "ml-1", "properties": {"workspaceId": "w"}}
    )
    with pytest.raises(RefusedError, match=r'Code="QuotaExceeded" Message="No room\."') as refused:
        make(azure_native, WORKSPACE, resourceGroupName="rg", workspaceName="ml-1", location="x")
    assert refused.value.kept.id == path
    assert refused.value.kept.properties["workspaceId"] == "w"


def test_an_unregistered_provider_is_registered(azure_native: Engine, cloud: RecordingCloud) -> None:
    missing = {"error": {"code": "MissingSubscriptionRegistration", "message": "register it"}}
    cloud.plan("PUT", "userAssignedIdentities", 409, missing)
    cloud.plan("POST", "/register", 200, {"registrationState": "Registering"})
    cloud.plan("GET", "userAssignedIdentities", 404)
    cloud.plan("GET", r"providers/Microsoft.ManagedIdentity\?", 200, {"registrationState": "Registered"})
    make(azure_native, IDENTITY, resourceGroupName="rg", resourceName="id-1", location="x")
    assert lines(cloud)[2:4] == [
        f"POST {ROOT}/providers/Microsoft.ManagedIdentity/register",
        f"GET {ROOT}/providers/Microsoft.ManagedIdentity",
    ]
