"""What the catalogue knows of the services."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.catalogue import rules
from azure_service_connections.catalogue.clouds import CLOUDS, PUBLIC
from azure_service_connections.catalogue.identifiers import managed_identity_id, subscription_of
from azure_service_connections.catalogue.issuers import Issuer, issuer_kind
from azure_service_connections.catalogue.sign_in_errors import SIGN_IN_ERRORS, explain

SUBSCRIPTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c03"


@pytest.mark.parametrize(
    ("issuer", "kind"),
    [
        ("https://login.microsoftonline.com/3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01/v2.0", Issuer.ENTRA),
        ("https://vstoken.dev.azure.com/3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01", Issuer.DEVOPS),
        ("https://app.vstoken.visualstudio.com", Issuer.DEVOPS),
        ("https://token.actions.githubusercontent.com", None),
    ],
)
def test_an_issuer_is_known_by_how_it_starts(issuer: str, kind: Issuer | None) -> None:
    assert issuer_kind(issuer) is kind


def test_a_failed_sign_in_is_explained_by_its_code() -> None:
    answer = "AADSTS700213: No matching federated identity record found for presented assertion subject 's'."
    error = explain(answer)
    assert error is not None
    assert str(error) == (
        "AADSTS700213: no federated credential has the subject that the pipeline presents; copy "
        "issuer, subject "
        "and audience from the connection, letter by letter, or run `pulumi up`"
    )


def test_a_failed_sign_in_with_an_unknown_code_is_not_guessed_at() -> None:
    assert explain("AADSTS1: something else") is None
    assert explain("no code at all") is None


def test_every_code_stands_under_its_own_number() -> None:
    assert all(code == error.code for code, error in SIGN_IN_ERRORS.items())


def test_every_cloud_has_an_audience_of_its_own() -> None:
    assert CLOUDS["AzureCloud"] is PUBLIC
    assert len({cloud.audience for cloud in CLOUDS.values()}) == len(CLOUDS)


def test_the_parts_of_a_managed_identitys_id_are_read_in_any_case() -> None:
    parts = managed_identity_id(
        f"/SUBSCRIPTIONS/{SUBSCRIPTION.upper()}/resourcegroups/Rg/providers/microsoft.managedidentity"
        "/userassignedidentities/Id"
    )
    assert parts == (SUBSCRIPTION, "Rg", "Id")
    assert managed_identity_id(str(parts)) == parts


@pytest.mark.parametrize(
    "text",
    ["", "id", f"/subscriptions/{SUBSCRIPTION}", "/subscriptions/x/resourceGroups/r/providers/y/z/n"],
)
def test_anything_else_is_no_managed_identity(text: str) -> None:
    assert managed_identity_id(text) is None


def test_the_subscription_of_a_scope_is_read_at_any_depth() -> None:
    assert subscription_of(f"/subscriptions/{SUBSCRIPTION}") == SUBSCRIPTION
    assert subscription_of(f"/Subscriptions/{SUBSCRIPTION.upper()}/resourceGroups/rg") == SUBSCRIPTION
    assert subscription_of("/providers/Microsoft.Management/managementGroups/corp") is None


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (
            rules.federated_credential_name,
            ["abc", "a-1", "9_x", "a" * 120],
            ["ab", "-abc", "a.b", "a" * 121, "ä11"],
        ),
        (rules.managed_identity_name, ["abc", "id-1", "a" * 128], ["ab", "_ab", "a" * 129, "a b"]),
        (rules.resource_group_name, ["r", "rg.(x)_-1", "a" * 90], ["", "rg.", "a" * 91, "r g", "r/g"]),
        (
            rules.connection_name,
            ["a", "Payments (prod)", "a/b", "a" * 256],
            ["", " ", " a", "a\n", "a" * 257],
        ),
        (rules.owner, ["ada@contoso.example", SUBSCRIPTION], ["ada", "a b@c", "@", ""]),
        (
            rules.organization_url,
            ["https://dev.azure.com/contoso", "https://127.0.0.1:18443/contoso"],
            ["contoso", "http://dev.azure.com/contoso", "https://", "https://[", "https://x/?y"],
        ),
        (
            rules.scope,
            ["/", f"/subscriptions/{SUBSCRIPTION}", "/providers/Microsoft.Management/managementGroups/corp"],
            ["", "rg", "/subscriptions/x", f"subscriptions/{SUBSCRIPTION}", "/providers/x"],
        ),
    ],
)
def test_what_a_service_accepts(rule: rules.Rule, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if rule(text) is not None] == []
    assert [text for text in bad if rule(text) is None] == []


@pytest.mark.parametrize(
    "rule",
    [
        rules.guid,
        rules.connection_name,
        rules.federated_credential_name,
        rules.managed_identity_name,
        rules.resource_group_name,
        rules.managed_identity_id,
        rules.application_id,
        rules.role,
        rules.scope,
        rules.organization_url,
        rules.owner,
        rules.project,
        rules.not_blank,
    ],
)
@given(text=st.text())
def test_a_rule_answers_for_any_text_and_says_what_to_write(rule: rules.Rule, text: str) -> None:
    problem = rule(text)
    assert problem is None or "; write " in problem or "; shorten it to " in problem


@given(st.one_of(st.integers(), st.floats()))
def test_a_pipelines_id_is_a_whole_number_from_one_up(number: float) -> None:
    accepted = rules.pipeline_id(number) is None
    assert accepted == (1 <= number < 2**31 and number == int(number))
