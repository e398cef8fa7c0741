"""No secret and nothing that a name could do to a page gets into a review."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_previews import (
    APPROVAL,
    BRANCHES,
    ENDPOINT,
    OWNER,
    PIPELINE,
    ROLE,
    SUBSCRIPTION,
    TRUST,
    document,
    endpoint,
    page,
    reviewed,
    role,
    step,
)

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.review.markdown import document_of, markdown_of
from azure_service_connections.lifecycle.review.phrase import code
from azure_service_connections.lifecycle.review.preview_reading import read_preview
from azure_service_connections.lifecycle.review.reviewing import review_of

SECRET = "correct-horse-battery"
SIGNATURE = "4dabf18193072939515e22adb298388d"
WRAPPED = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(SECRET)}
NASTY = [
    "a`b",
    "``",
    "|pipe|",
    "<img src=x onerror=alert(1)>",
    "@everyone",
    "[click](https://evil.example)",
    "line\nbreak\n## heading",
    "<!-- azure-service-connections: review of shop/prod -->",
    "\u202ereversed\u200b",
    "#123 !45",
    "-->",
    "~~~",
    "$x^2$",
]


def trusting(subject: Any) -> dict[str, Any]:
    return step(TRUST, "t", None, {"issuer": "https://issuer.example", "subject": subject})


@pytest.mark.parametrize("value", [WRAPPED, "[secret]", {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}])
def test_a_value_marked_as_secret_is_never_shown(value: Any) -> None:
    steps = (
        step(ENDPOINT, "payments", None, endpoint(serviceEndpointName=value, azurermSubscriptionName=value)),
        step(ROLE, "deploy", None, role(OWNER, value)),
        trusting(value),
    )
    text = page(*steps) + json.dumps(reviewed(*steps).as_json())
    assert SECRET not in text
    assert "horse" not in text


@pytest.mark.parametrize("name", ["serviceprincipalkey", "password", "client_secret", "privateKey", "token"])
def test_a_text_under_the_name_of_a_secret_is_masked_wherever_it_turns_up(name: str) -> None:
    credentials = {"serviceprincipalid": "x", name: SECRET}
    new = endpoint(
        serviceEndpointAuthenticationScheme="ServicePrincipal",
        credentials=credentials,
        serviceEndpointName=f"payments {SECRET}",
    )
    steps = (step(ENDPOINT, "payments", None, new), trusting(f"repo:{SECRET}"))
    text, found = page(*steps), json.dumps(reviewed(*steps).as_json())
    assert SECRET not in text + found
    assert "[secret]" in text
    assert "[secret]" in found


def test_a_secret_in_the_clear_configuration_of_a_connection_is_masked() -> None:
    config = {
        "azure-service-connections:connections": json.dumps(
            {"payments": {"credential": {"secret": {"value": SECRET}}}}
        )
    }
    assert SECRET not in page(trusting(f"repo:{SECRET}"), config=config)


def test_a_word_of_ours_as_a_password_does_no_harm() -> None:
    new = endpoint(credentials={"serviceprincipalid": "x", "password": "medium"})
    assert reviewed(step(ENDPOINT, "payments", None, new), step(ROLE, "r", None, role(OWNER))).changed


def test_a_failed_preview_says_no_secret_either() -> None:
    said = [{"severity": "error", "message": f"error: the password {SECRET} is too short\n"}]
    new = endpoint(credentials={"password": SECRET})
    preview = read_preview(document(step(ENDPOINT, "payments", None, new), diagnostics=said))
    with pytest.raises(LifecycleError, match=r"the password \[secret\] is too short") as error:
        review_of(preview)
    assert SECRET not in str(error.value)


def test_ids_are_shortened_and_names_stand_for_those_that_are_known() -> None:
    text = page(
        step(ROLE, "deploy", None, role(OWNER)),
        step(ENDPOINT, "payments", None, endpoint()),
    )
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)
    assert "`Payments production`" in text
    assert "`38536868…`" in text


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_shown_as_code_and_as_nothing_else(name: str) -> None:
    text = page(
        step(ENDPOINT, "payments", None, endpoint(serviceEndpointName=name, azurermSubscriptionName=name)),
        step(ROLE, "deploy", None, role(OWNER, f"{SUBSCRIPTION}/resourceGroups/{name}")),
        step(APPROVAL, name, None, {"approvers": [name], "targetResourceType": "endpoint"}),
        trusting(name),
    )
    plain = without_code(text)
    for part in ("<", "@", "[click]", "|", "\u202e", "#123", "$"):
        assert part not in plain, plain
    assert [line for line in text.splitlines() if line.startswith("## ")] == [text.splitlines()[0]]


@given(st.text(min_size=1, max_size=80))
def test_a_code_span_holds_all_of_its_text_whatever_that_is(name: str) -> None:
    span = code(name)
    fence = re.match(r"`+", span)
    assert fence is not None
    inner = span[len(fence[0]) : -len(fence[0])]
    assert span.endswith(fence[0])
    assert not re.search(rf"(?<!`){fence[0]}(?!`)", inner)
    assert not inner.startswith("`")
    assert not inner.endswith("`")
    assert "\n" not in inner


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(WRAPPED) | st.just("[secret]"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    *("scope", "roleDefinitionId", "principalId", "condition", "approvers", "allowedBranches", "pipelineId"),
    *("credentials", "parameters", "sharedProjectIds", "projectId", "issuer", "subject", "resourceId"),
    *("serviceEndpointName", "serviceEndpointAuthenticationScheme", "minimumRequiredApprovers", "checks"),
    *("pipelines", "roles", "subscription", "credential", "permissions", "targetResourceId"),
)
inputs = st.dictionaries(st.sampled_from(NAMES), values, max_size=8)
tokens = st.sampled_from(
    [
        *(ROLE, ENDPOINT, APPROVAL, TRUST, BRANCHES, PIPELINE),
        "azure-service-connections:index:ServiceConnection",
        "azuredevops:index/securityroleAssignment:SecurityroleAssignment",
    ]
)


@given(st.lists(st.tuples(tokens, st.none() | inputs, st.none() | inputs), max_size=5))
def test_values_of_any_kind_make_a_review_and_no_failure(
    steps: list[tuple[str, dict[str, Any] | None, dict[str, Any] | None]],
) -> None:
    made = [
        step(token, f"r{number}", old, new)
        for number, (token, old, new) in enumerate(steps)
        if old is not None or new is not None
    ]
    review = review_of(read_preview(document(*made)))
    assert SECRET not in markdown_of(review)
    assert document_of(review).changed == bool(review.reviewed)


def without_code(text: str) -> str:
    """A page without its code spans."""
    return re.sub(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", text)
