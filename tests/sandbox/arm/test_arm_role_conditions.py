"""Conditions of role assignments: what they let through, and that what is unknown is no grant."""

import contextlib

import pytest
from arm_world import ASSIGNMENTS, AT_SUBSCRIPTION, World
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.sandbox.arm.conditions import ConditionError, check, hold

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
WRITE = "Microsoft.Authorization/roleAssignments/write"
DELETE = "Microsoft.Authorization/roleAssignments/delete"
ONLY_READERS = f"""
((!(ActionMatches{{'{WRITE}'}}))
 OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]
         ForAnyOfAnyValues:GuidEquals {{{READER}}}
     AND @Request[Microsoft.Authorization/roleAssignments:PrincipalType]
         ForAnyOfAnyValues:StringEqualsIgnoreCase {{'ServicePrincipal'}}))
AND
((!(ActionMatches{{'{DELETE}'}}))
 OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId]
     ForAnyOfAnyValues:GuidEquals {{{READER.upper()}}}))
"""


def test_a_delegate_assigns_and_removes_only_the_roles_of_its_condition(world: World) -> None:
    delegate = world.granted(
        "Role Based Access Control Administrator",
        AT_SUBSCRIPTION,
        condition=ONLY_READERS,
        condition_version="2.0",
    )
    receiver = world.principal("receiver")
    allowed = world.assign(receiver, "Reader", AT_SUBSCRIPTION, by=delegate)
    assert allowed.status == 201
    refused = world.assign(receiver, "Owner", AT_SUBSCRIPTION, by=delegate)
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    assert (
        "does not have authorization or an ABAC condition not fulfilled to perform action" in refused.message
    )
    owner = world.assign(receiver, "Owner", AT_SUBSCRIPTION)
    assert world.ask("DELETE", owner.body["id"], by=delegate).status == 403
    assert world.ask("DELETE", allowed.body["id"], by=delegate).status == 200
    assert world.ask("GET", owner.body["id"], by=delegate).status == 200


def test_a_condition_that_asks_what_the_sandbox_does_not_know_grants_nothing(world: World) -> None:
    condition = "@Environment[UtcNow] DateTimeGreaterThan '2020-01-01T00:00:00Z'"
    for text in (condition, "@Resource[Some/type:Attribute] StringEquals 'x'", "not a condition"):
        caller = world.granted("Owner", AT_SUBSCRIPTION, condition=text, condition_version="2.0")
        answer = world.ask("GET", f"{AT_SUBSCRIPTION}/{ASSIGNMENTS}", by=caller)
        assert (answer.status, answer.code) == (403, "AuthorizationFailed")


def test_a_condition_is_kept_and_shown_as_it_was_given(world: World) -> None:
    made = world.assign(
        world.principal("delegate"), "Owner", AT_SUBSCRIPTION, condition=ONLY_READERS, conditionVersion="2.0"
    )
    assert made.status == 201
    assert made.body["properties"]["condition"] == ONLY_READERS
    assert made.body["properties"]["conditionVersion"] == "2.0"


FACTS = {"request[a:name]": ("Blue", "Red")}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("@Request[a:name] StringEquals 'Blue'", False),
        ("@Request[a:name] ForAnyOfAnyValues:StringEquals {'Blue', 'Green'}", True),
        ("@Request[a:name] ForAllOfAnyValues:StringEquals {'Blue', 'Green'}", False),
        ("@Request[a:name] ForAllOfAnyValues:StringEqualsIgnoreCase {'blue', 'RED'}", True),
        ("@Request[a:name] ForAnyOfAllValues:StringNotEquals {'Red', 'Green'}", True),
        ("@Request[a:name] ForAllOfAllValues:StringNotEquals {'Green'}", True),
        ("@request[A:NAME] ForAnyOfAnyValues:StringLike 'B*'", True),
        ("@Request[a:name] ForAnyOfAnyValues:StringNotLike '*'", False),
        ("Exists @Request[a:name]", True),
        ("NOT Exists @Request[a:other]", False),
        ("!(@Request[a:other] StringEquals 'Blue')", False),
        ("@Request[a:other] StringEquals 'Blue' OR ActionMatches{'*/read'}", True),
        ("@Request[a:other] StringEquals 'Blue' AND ActionMatches{'*/read'}", False),
        ("ActionMatches{'*/write'} || !ActionMatches{'*/write'} && ActionMatches{'Some/*'}", True),
        ("SubOperationMatches{'Blob.List'}", False),
        ("!SubOperationMatches{'Blob.List'}", False),
        ("", True),
    ],
)
def test_a_condition_is_decided_by_its_language(condition: str, expected: bool) -> None:
    assert hold(condition, "Some/thing/read", FACTS) is expected


@pytest.mark.parametrize(
    "condition",
    ["(", "ActionMatches{'a'", "@Request[a:b]", "@Request[a:b] StringEquals", "'a' StringEquals 'b'", "§",
     "ActionMatches{'a'} ActionMatches{'b'}", "@Request[a:b] ForSome:StringEquals 'c'"],
)  # fmt: skip
def test_a_condition_that_cannot_be_read_is_told_and_grants_nothing(condition: str) -> None:
    with pytest.raises(ConditionError):
        check(condition)
    assert not hold(condition, "Some/thing/read", FACTS)


@given(st.text(max_size=60))
def test_no_text_at_all_makes_the_reader_fail_in_another_way(text: str) -> None:
    with contextlib.suppress(ConditionError):
        check(text)
    assert hold(text, "Some/thing/read", {}) in (True, False)


LITERALS = st.sampled_from(
    ["ActionMatches{'*/read'}", "ActionMatches{'*/write'}", "@Request[a:other] StringEquals 'x'"]
)
VERDICTS = {"ActionMatches{'*/read'}": True, "ActionMatches{'*/write'}": False}


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, bool | None]:
    """A condition and what three-valued logic says of it."""
    kind = draw(st.sampled_from(["one", "not", "and", "or"])) if depth else "one"
    if kind == "one":
        text = draw(LITERALS)
        return text, VERDICTS.get(text)
    left, first = draw(expressions(depth - 1))
    if kind == "not":
        return f"!({left})", None if first is None else not first
    right, second = draw(expressions(depth - 1))
    if kind == "and":
        known = False if False in (first, second) else (None if None in (first, second) else True)
        return f"({left}) AND ({right})", known
    known = True if True in (first, second) else (None if None in (first, second) else False)
    return f"({left}) OR ({right})", known


@given(expressions())
def test_conditions_follow_three_valued_logic(case: tuple[str, bool | None]) -> None:
    text, verdict = case
    assert hold(text, "Some/thing/read", {}) is (verdict is True)
