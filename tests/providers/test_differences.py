"""Differences and refreshed inputs, for generated values."""

import random

from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.providers.azure_native.input_difference import follow, input_changes
from azure_service_connections.providers.azuread.property_table import changes_between, normal
from azure_service_connections.providers.property_values import UNKNOWN
from azure_service_connections.providers.resource_type import Change

NAMES = st.text("abc", min_size=1, max_size=2)
VALUES = st.recursive(
    st.text("xy", max_size=2) | st.booleans() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(NAMES, VALUES, max_size=4)


@given(PROPERTIES)
def test_equal_inputs_do_not_differ(inputs: dict) -> None:
    assert input_changes(inputs, inputs, frozenset(inputs)) == {}


@given(PROPERTIES, PROPERTIES)
def test_inputs_that_differ_are_named_by_a_path_that_starts_with_their_name(old: dict, new: dict) -> None:
    changes = input_changes(old, new, frozenset(["a"]))
    named = {path.split(".")[0].split("[")[0] for path in changes}
    assert named == {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    for path, change in changes.items():
        assert change.replaces == (path.split(".")[0].split("[")[0] == "a")


@given(PROPERTIES, PROPERTIES)
def test_what_did_not_change_in_the_cloud_leaves_the_inputs_alone(inputs: dict, state: dict) -> None:
    assert follow(inputs, state, state) == inputs


@given(PROPERTIES, PROPERTIES)
def test_inputs_that_were_the_state_become_the_new_state(before: dict, after: dict) -> None:
    assert follow(before, before, after) == after


@given(st.lists(st.text("xy", min_size=1, max_size=3), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_a_set_says_nothing(items: list[str], order: random.Random) -> None:
    other = list(items)
    order.shuffle(other)
    assert changes_between("tags", items, other, unordered=True) == {}


@given(VALUES)
def test_what_says_nothing_is_no_change(value: object) -> None:
    assert normal(normal(value)) == normal(value)
    assert changes_between("p", value, value, unordered=False) == {}


def test_an_unknown_value_is_a_change() -> None:
    assert changes_between("p", "x", UNKNOWN, unordered=False) == {"p": Change.UPDATE}
    assert input_changes({"p": "x"}, {"p": UNKNOWN}, frozenset(["p"])) == {"p": Change.UPDATE_REPLACE}
