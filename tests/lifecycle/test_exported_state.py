"""Exported states: a recorded one of a run that was killed, and generated ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.lifecycle.import_file import import_file
from azure_service_connections.lifecycle.pending_operations import State, plain

RECORDED = Path(__file__).parent / "exports" / "interrupted.json"


@pytest.fixture
def recorded() -> State:
    """What the engine exported after a run was killed while it made connections."""
    return State(json.loads(RECORDED.read_text()))


def test_the_operations_of_a_recorded_run_are_named_as_people_know_them(recorded: State) -> None:
    assert [str(each) for each in recorded.pending] == [
        "user assigned identity 'payments-access'",
        "role assignment 'network-hub/network'",
        "application 'payments-production'",
        "application 'payments-production-plan'",
        "service connection 'identity-baseline'",
        "service connection 'network-payments'",
    ]
    assert {each.kind for each in recorded.pending} == {"creating"}
    assert all(each.has_object for each in recorded.pending)


def test_parents_and_providers_of_a_recorded_run_are_in_its_state(recorded: State) -> None:
    for operation in recorded.pending:
        assert operation.parent is not None
        assert recorded.resource(operation.parent) is not None
        assert recorded.resource(operation.provider) is not None


def test_the_import_file_of_a_recorded_run_names_everything_by_handles(recorded: State) -> None:
    content = import_file([(each, f"id-{number}") for number, each in enumerate(recorded.pending)])
    table = content["nameTable"]
    names = [each["name"] for each in content["resources"]]
    assert len({*names, *table}) == len(names) + len(table)
    for operation, entry in zip(recorded.pending, content["resources"], strict=True):
        assert entry["logicalName"] == operation.name
        assert table[entry["parent"]] == operation.parent
        assert table[entry["provider"]] == operation.provider


def test_an_edited_state_holds_no_pending_operations_and_everything_else(recorded: State) -> None:
    edited = recorded.edited({})
    assert "pending_operations" not in edited["deployment"]
    assert edited["deployment"]["resources"] == recorded.resources
    assert edited["version"] == recorded.exported["version"]
    assert len(recorded.pending) == 6


@st.composite
def states(draw: st.DrawFn) -> tuple[State, set[tuple[str, str]]]:
    """A state in which resources depend on earlier ones, and some of them that are gone."""
    resources: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 8))):
        earlier = st.lists(st.sampled_from([each["urn"] for each in resources]), unique=True)
        on = draw(earlier) if resources else []
        resource: dict[str, Any] = {
            "urn": f"urn:{number}",
            "id": str(number),
            "type": "t",
            "dependencies": on,
        }
        if draw(st.booleans()):
            resource["propertyDependencies"] = {"a": on, "b": []}
        if on and draw(st.booleans()):
            resource["deletedWith"] = on[0]
        resources.append(resource)
    pairs = [(each["urn"], each["id"]) for each in resources]
    gone = draw(st.sets(st.sampled_from(pairs)))
    pending = [
        {"type": "deleting", "resource": each} for each in resources if (each["urn"], each["id"]) in gone
    ]
    return State({"deployment": {"resources": resources, "pending_operations": pending}}), gone


@given(states())
def test_no_edited_state_refers_to_what_it_left_out(made: tuple[State, set[tuple[str, str]]]) -> None:
    state, gone = made
    kept = state.edited({}, gone)["deployment"]["resources"]
    urns = [each["urn"] for each in kept]
    assert urns == [each["urn"] for each in state.resources if (each["urn"], each["id"]) not in gone]
    for position, each in enumerate(kept):
        referred = {*each["dependencies"], *each.get("propertyDependencies", {}).get("a", [])}
        referred |= {each["deletedWith"]} if "deletedWith" in each else set()
        assert referred <= set(urns[:position])


@given(states())
def test_what_no_change_concerns_stays_as_it_was(made: tuple[State, set[tuple[str, str]]]) -> None:
    state, _ = made
    assert state.edited({}, set())["deployment"]["resources"] == state.resources


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(values)
def test_a_secret_that_is_shown_is_its_plain_value_and_any_other_value_stays(value: Any) -> None:
    signature = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    shown = {**signature, "plaintext": json.dumps(value)}
    assert plain({"a": [shown, value]}) == {"a": [value, value]}
    assert plain({**signature, "ciphertext": "v1:x"}) is None
