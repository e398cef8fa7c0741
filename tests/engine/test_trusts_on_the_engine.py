"""Further trust of a connection's identity: in one subject, and in whatever matches an expression."""

from collections.abc import Callable
from typing import Any

from engine_stack import Sandbox, Stack

HUB = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:contoso/shop:environment:production"
EXPRESSION = "claims['sub'] matches 'repo:contoso/shop:ref:refs/heads/*'"
CONNECTION: dict[str, Any] = {
    "project": "Payments",
    "appRegistration": {},
    "subscription": {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"},
    "trusts": {
        "github-exact": {"issuer": HUB, "subject": SUBJECT},
        "github-any": {"issuer": HUB, "matching": EXPRESSION, "description": "Every branch"},
    },
}


def test_an_application_trusts_a_subject_and_an_expression_beside_its_connection(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    stack = make_stack("trusts").connections({"trusting": CONNECTION}).init()
    stack.up()
    output = stack.outputs()["trusting"]
    held = {
        (each["issuer"], each["subject"]): each
        for each in sandbox.holds("federated-credentials")
        if each["clientId"] == output["clientId"]
    }
    own = (output["issuer"], output["subject"])
    assert set(held) == {own, (HUB, SUBJECT), (HUB, None)}
    exact, flexible = held[HUB, SUBJECT], held[HUB, None]
    assert (exact["name"], exact["claimsMatchingExpression"]) == ("github-exact", None)
    assert (flexible["name"], flexible["description"]) == ("github-any", "Every branch")
    assert flexible["claimsMatchingExpression"] == {"languageVersion": 1, "value": EXPRESSION}
    assert [each["audiences"] for each in held.values()] == [["api://AzureADTokenExchange"]] * 3
    stack.preview("--expect-no-changes")
    stack.preview("--refresh", "--expect-no-changes")
