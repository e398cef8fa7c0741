"""What existed before it was declared: it keeps what it is called and what nobody says of it."""

import inspect
import json

import pulumi_azuread as azuread
import pytest
from mock_cloud import (
    APPLICATION,
    APPLICATION_CREDENTIAL,
    ENDPOINT,
    MANAGED_IDENTITY_CREDENTIAL,
    ROLE_ASSIGNMENT,
    Cloud,
    managed_identity,
)
from test_loader_mistakes import connection, mistakes_of, without
from test_program import up
from test_service_connection import make

from components.app_registration import _OF_AN_ADOPTED_APPLICATION, _OF_AN_ADOPTED_PRINCIPAL
from components.shapes import schema_name

GUID = "5f0f5f44-1c1e-4a55-a8f0-0d6a6c1f0d01"


def test_an_adopted_application_has_its_own_tags_and_no_other(cloud: Cloud) -> None:
    make(app_registration={"adopted": True, "tags": ["team:payments"]})
    assert cloud.one(APPLICATION)["tags"] == ["team:payments"]


@pytest.mark.parametrize(
    ("resource", "kept", "said"),
    [
        (
            azuread.Application,
            _OF_AN_ADOPTED_APPLICATION,
            {"displayName", "featureTags", "notes", "owners", "serviceManagementReference", "tags"},
        ),
        (
            azuread.ServicePrincipal,
            _OF_AN_ADOPTED_PRINCIPAL,
            {"clientId", "featureTags", "features", "tags"},
        ),
    ],
)
def test_every_setting_that_no_input_says_is_kept(
    resource: type, kept: tuple[str, ...], said: set[str]
) -> None:
    of_the_sdk = {"Self", "Props", "resourceName", "opts"}
    parameters = inspect.signature(resource._internal_init).parameters  # type: ignore[attr-defined]
    assert {schema_name(name) for name in parameters} - of_the_sdk - said == set(kept)


def test_an_application_that_is_made_says_whose_it_is(cloud: Cloud) -> None:
    make(app_registration={"adopted": False, "tags": ["team:payments"]})
    assert cloud.one(APPLICATION)["tags"] == [
        "pulumi:azure-service-connections/unit/payments",
        "team:payments",
    ]


def test_a_role_assignment_keeps_its_name(cloud: Cloud) -> None:
    make(roles={"deploy": {"role": "Contributor", "assignment_name": GUID}})
    assert cloud.one(ROLE_ASSIGNMENT)["roleAssignmentName"] == GUID


@pytest.mark.parametrize("description", ["", "Made in the portal"])
def test_the_own_credential_keeps_its_name_and_description(cloud: Cloud, description: str) -> None:
    make(federated_credential={"name": "ado-payments", "description": description})
    sent = cloud.one(APPLICATION_CREDENTIAL)
    assert (sent["displayName"], sent["description"]) == ("ado-payments", description)


def test_the_own_credential_of_a_managed_identity_keeps_its_name(cloud: Cloud) -> None:
    make(
        app_registration=None,
        managed_identity={"name": "id-a", "resource_group": "rg"},
        federated_credential={"name": "ado-payments"},
    )
    sent = cloud.one(MANAGED_IDENTITY_CREDENTIAL)
    assert sent["federatedIdentityCredentialResourceName"] == "ado-payments"


def test_a_connection_may_have_no_description(cloud: Cloud) -> None:
    make(description="")
    assert cloud.one(ENDPOINT)["description"] == ""


def test_a_stack_says_all_of_it(cloud: Cloud) -> None:
    shown = up(
        {
            "payments": connection(
                description="",
                appRegistration={"adopted": True, "displayName": "deployer"},
                federatedCredential={"name": "ado-payments", "description": ""},
                roles={"deploy": {"role": "Reader", "assignmentName": GUID.upper()}},
            )
        }
    )
    application, credential = shown.one(APPLICATION), shown.one(APPLICATION_CREDENTIAL)
    assert (application["displayName"], application["tags"]) == ("deployer", [])
    assert (credential["displayName"], credential["description"]) == ("ado-payments", "")
    assert shown.one(ROLE_ASSIGNMENT)["roleAssignmentName"] == GUID
    assert json.dumps(shown.one(ENDPOINT)["description"]) == '""'


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        (
            {"federatedCredential": {"name": "a b"}},
            ".federatedCredential.name: 'a b' cannot name a federated credential; write 3 to 120 letters, "
            "digits, dashes and underscores, a letter or a digit first",
        ),
        (
            {"federatedCredential": {"nam": "abc"}},
            ".federatedCredential.nam: 'nam' is not known here; write 'name'",
        ),
        (
            {"federatedCredential": {}, "credential": {"secret": {"expires": "2027-01-31T00:00:00Z"}}},
            ".federatedCredential: is not for a connection that signs in otherwise; remove it",
        ),
        (
            without(federatedCredential={}, automatic={}),
            ".federatedCredential: is for an identity that is known here, and not for `automatic`; remove it",
        ),
        (
            without(
                federatedCredential={"description": "x"},
                managedIdentity={"resourceId": managed_identity("rg", "id-a")},
            ),
            ".federatedCredential.description: is not what a managed identity can hold; remove it, or use "
            "appRegistration",
        ),
    ],
)
def test_what_cannot_be_kept_is_said(changes: dict[str, object], mistake: str) -> None:
    assert mistakes_of({"a": connection(**changes)}) == [f"connections.a{mistake}"]
