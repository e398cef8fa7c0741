"""Exceptions: for one resource, for a reason and until a day."""

from datetime import timedelta

import pytest
from stack_builder import (
    SUBSCRIPTION,
    TODAY,
    application,
    azurerm,
    definition,
    principal,
    role,
    said_of_resource,
    said_of_stack,
)

RULE = "broad-roles-stay-below-subscriptions"
BROAD = role(scope=SUBSCRIPTION, roleDefinitionId=definition("b24988ac-6180-42a0-ab88-20f7382dd24c"))
GOOD = {"resource": "payments", "reason": "It is being split (PAY-1).", "until": "2026-12-31"}


def said(**exception: str) -> list[str]:
    return said_of_resource(RULE, BROAD, exceptions=[{**GOOD, **exception}])


def test_an_exception_lets_the_resource_pass_by_its_name_or_its_urn() -> None:
    assert len(said_of_resource(RULE, BROAD)) == 1
    assert said() == []
    assert said(resource=BROAD.urn) == []


@pytest.mark.parametrize("resource", ["payment", "*", "PAYMENTS", ""])
def test_an_exception_reaches_no_other_resource(resource: str) -> None:
    (only,) = said(resource=resource)
    assert only.startswith("RoleAssignment 'payments' gives Contributor at the subscription ")


def test_an_exception_holds_until_the_end_of_its_last_day() -> None:
    assert said(until=TODAY.isoformat()) == []
    yesterday = TODAY - timedelta(days=1)
    first, second = said(until=yesterday.isoformat())
    assert first == (
        f"The exception for 'payments' ended on {yesterday}; mend what it let pass, "
        "or give it a new reason and a new end."
    )
    assert second.startswith("RoleAssignment 'payments' gives Contributor")


@pytest.mark.parametrize(
    ("exception", "sentence"),
    [
        (
            {"reason": " "},
            "The exception for 'payments' gives no reason; say why it may pass, or remove the exception.",
        ),
        (
            {"until": ""},
            "The exception for 'payments' has no end; say its last day, such as until: 2027-01-31.",
        ),
        (
            {"until": "next year"},
            "The exception for 'payments' ends on 'next year', which is no day; write it as 2027-01-31.",
        ),
    ],
)
def test_an_exception_without_a_reason_or_a_day_is_a_violation_itself(
    exception: dict[str, str], sentence: str
) -> None:
    assert said(**exception)[0] == sentence
    assert len(said(**exception)) == 2


def test_an_ended_exception_is_a_violation_where_the_resource_is_fine_by_now() -> None:
    fine = role(scope=f"{SUBSCRIPTION}/resourceGroups/rg-payments")
    (only,) = said_of_resource(RULE, fine, exceptions=[{**GOOD, "until": "2026-01-31"}])
    assert "ended on 2026-01-31" in only


def test_of_two_exceptions_one_that_holds_is_enough_and_the_other_is_still_told() -> None:
    (only,) = said_of_resource(RULE, BROAD, exceptions=[GOOD, {**GOOD, "until": "2026-01-31"}])
    assert "ended on 2026-01-31" in only


def test_a_rule_of_the_stack_tells_an_ended_exception_once_for_all_resources_of_the_name() -> None:
    stack = (application(), principal(), azurerm())
    said = said_of_stack("application-has-owners", *stack, exceptions=[{**GOOD, "until": "2026-01-31"}])
    assert [each.split(" ")[0] for each in said] == ["The", "Application"]
    assert said_of_stack("application-has-owners", *stack, exceptions=[GOOD]) == []
