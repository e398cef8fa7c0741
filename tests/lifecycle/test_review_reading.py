"""What is read as a preview, and what is said of anything else."""

import json
from typing import Any

import pytest
from review_previews import ENDPOINT, OWNER, ROLE, UNKNOWN, document, endpoint, role, step, urn

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.review.markdown import document_of
from azure_service_connections.lifecycle.review.preview import REPLACE
from azure_service_connections.lifecycle.review.preview_reading import read_preview
from azure_service_connections.lifecycle.review.reviewing import review_of
from azure_service_connections.lifecycle.review.values import Mark, opened

PROTECTED = (
    'error: unable to replace resource "urn:x"\nas it is currently marked for protection. To unprotect the '
    "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`\n"
)
FAILED = {"severity": "error", "message": "error: preview failed\n"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "preview.json is empty; write it with `pulumi preview --json`"),
        ("Previewing update (prod):\n + create", "preview.json is not JSON"),
        ('{"steps": [', "preview.json is not JSON"),
        ("[]", "is JSON but no preview of the engine"),
        ("null", "is JSON but no preview of the engine"),
        ('{"version": 3, "deployment": {"resources": []}}', "is JSON but no preview of the engine"),
        ('{"steps": [{"op": "create"}], "changeSummary": {}}', "is JSON but no preview of the engine"),
        ('{"steps": [7], "changeSummary": {}}', "is JSON but no preview of the engine"),
        ('{"sequence": 0, "timestamp": 1, "preludeEvent": {"config": {}}}', "ends before the preview did"),
    ],
)
def test_what_is_no_preview_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(LifecycleError) as error:
        read_preview(text, "preview.json")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_preview_that_failed_says_what_the_engine_said() -> None:
    said = {
        "severity": "error",
        "message": "<{%fg 1%}>error: <{%reset%}>connections.payments.role is missing\n",
    }
    with pytest.raises(LifecycleError) as error:
        review_of(read_preview(document(diagnostics=[said, FAILED])))
    assert str(error.value) == (
        "The preview failed, so there is nothing to review: connections.payments.role is missing."
    )


def test_a_preview_that_failed_in_its_events_says_what_the_engine_said() -> None:
    events = [
        {"sequence": 0, "timestamp": 1, "preludeEvent": {"config": {}}},
        {"sequence": 1, "timestamp": 1, "diagnosticEvent": {"severity": "error", "message": "error: no\n"}},
    ]
    with pytest.raises(LifecycleError, match="nothing to review: no"):
        review_of(read_preview("\n".join(map(json.dumps, events))))


def test_a_refused_replacement_is_reviewed_and_one_beside_a_mistake_is_not() -> None:
    moved = step(ENDPOINT, "payments", endpoint(), endpoint(projectId="other"), op="replace")
    refusal = {"severity": "error", "message": PROTECTED}
    found = document_of(review_of(read_preview(document(moved, diagnostics=[refusal, FAILED]))))
    assert found.refused == "it would replace or delete what is protected"
    assert found.connections[0].action == "replaced"
    mistake = {"severity": "error", "message": "error: no such pipeline\n"}
    with pytest.raises(LifecycleError, match="no such pipeline"):
        review_of(read_preview(document(moved, diagnostics=[refusal, mistake])))


def test_a_refusal_that_is_about_no_connection_is_a_failure() -> None:
    other = step("azure-native:storage:StorageAccount", "data", {}, {"kind": "x"}, op="replace")
    refusal = {"severity": "error", "message": PROTECTED}
    with pytest.raises(LifecycleError, match="marked for protection"):
        review_of(read_preview(document(other, diagnostics=[refusal, FAILED])))


def test_a_warning_is_no_failure() -> None:
    warning = {"severity": "warning", "message": "warning: deprecated\n"}
    assert not review_of(read_preview(document(diagnostics=[warning]))).reviewed


def test_the_parts_of_a_replacement_are_one_step() -> None:
    whole = step(ENDPOINT, "payments", endpoint(), endpoint(projectId="other"))
    parts = [
        {**whole, "op": op, name: whole[name]}
        for op, name in (("delete-replaced", "oldState"), ("create-replacement", "newState"))
    ]
    for part, missing in zip(parts, ("newState", "oldState"), strict=True):
        del part[missing]
    (read,) = read_preview(document(*parts)).steps
    assert read.op == REPLACE
    assert (read.was("projectId"), read.will("projectId")) == (endpoint()["projectId"], "other")


def test_a_part_that_is_deleted_with_a_replacement_and_not_made_again_is_deleted() -> None:
    gone = {**step(ENDPOINT, "payments", endpoint(), None), "op": "delete-replaced"}
    (read,) = read_preview(document(gone)).steps
    assert read.op == "delete"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (UNKNOWN, Mark.UNKNOWN),
        ({"a": [UNKNOWN, "[secret]", 1]}, {"a": [Mark.UNKNOWN, Mark.SECRET, 1]}),
        ({"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}, Mark.UNKNOWN),
        (
            {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": "x"},
            "x",
        ),
        ({"__defaults": [], "kept": True}, {"kept": True}),
    ],
)
def test_the_engines_marks_are_understood(value: Any, expected: Any) -> None:
    assert opened(value) == expected


def planned(changes: dict[str, Any], held: dict[str, Any]) -> str:
    goal = {"inputDiff": changes, "custom": True}
    resource = {"goal": goal, "steps": ["update"], "state": held}
    return json.dumps({"manifest": {}, "resourcePlans": {urn(ROLE, "deploy"): resource}})


def test_a_plan_that_removes_a_condition_says_so() -> None:
    text = planned({"deletes": ["condition"]}, role(OWNER))
    (connection,) = document_of(review_of(read_preview(text))).connections
    assert connection.findings[0].risk == "high"
    assert connection.findings[0].text.endswith("is removed")


def test_a_plan_that_moves_a_role_says_where_it_is_to_hold() -> None:
    owner = role(OWNER)
    text = planned({"updates": {"scope": owner["scope"]}}, owner)
    (connection,) = document_of(review_of(read_preview(text))).connections
    assert connection.findings[0].risk == "high"
    assert "holds on subscription '6d1f6d54…' from now on" in connection.findings[0].text
