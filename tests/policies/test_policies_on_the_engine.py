"""The policy pack in the real engine, over raw resources of the providers."""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

from engine_stack import ROOT, Sandbox, Stack
from said import violations

from policies.rules import RULES

STRICT = json.loads((ROOT / "policies" / "presets" / "strict.json").read_text())
BROAD = ["00000000-0000-0000-0000-0000000000ff"]
NAMES = [rule.name for rule in RULES]
FIXES = {rule.name: rule.fix for rule in RULES}
SHARED = "identity-serves-one-connection"


def with_config(stack: Stack, configuration: dict[str, Any]) -> tuple[str, ...]:
    """The options that judge a stack by a configuration."""
    path = stack.folder / "policies.json"
    path.write_text(json.dumps(configuration))
    return "--policy-pack", "policies", "--policy-pack-config", str(path)


def strict(**changes: dict[str, Any]) -> dict[str, Any]:
    """The preset strict with changes: rule, with `_` for `-`, to what changes of it."""
    changed = {rule.replace("_", "-"): change for rule, change in changes.items()}
    return {rule: {**STRICT[rule], **changed.get(rule, {})} for rule in STRICT}


def knowing_broad_groups() -> dict[str, Any]:
    return strict(
        broad_groups_have_no_rights={"groups": BROAD}, broad_groups_do_not_approve={"groups": BROAD}
    )


def test_a_sound_stack_passes_every_rule_in_a_preview(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("passing.py")
    assert violations(stack.preview(*with_config(stack, knowing_broad_groups()))) == []


def test_each_rule_finds_its_violation_and_nothing_else(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("failing.py")
    output = stack.preview(*with_config(stack, knowing_broad_groups()), fails=True)
    classic = make_stack("classic.py").preview("--policy-pack", "policies", fails=True)
    found = violations(output) + violations(classic)
    # The resource that is wrong bears the rule's name; two share an identity.
    assert sorted((each.rule, each.name) for each in found) == sorted(
        [*((name, name) for name in NAMES), (SHARED, f"{SHARED}-too")]
    )
    for each in found:
        assert each.level == STRICT[each.rule]["enforcementLevel"]
        assert f"'{each.name}'" in each.message
        assert each.message.endswith(f"; {FIXES[each.rule]}.")
    assert "not-to-be-seen" not in output + classic


def test_the_stack_of_the_sandbox_passes_the_baseline_and_not_strict(
    make_stack: Callable[..., Stack],
) -> None:
    stack = make_stack(None)
    said = violations(stack.preview("--policy-pack", "policies"))
    assert {each.level for each in said} == {"advisory"}
    assert "broad-roles-stay-below-subscriptions" in {each.rule for each in said}
    stricter = violations(stack.preview(*with_config(stack, STRICT), fails=True))
    assert {each.rule for each in said} < {each.rule for each in stricter if each.level == "mandatory"}


def test_what_a_preview_cannot_know_is_judged_before_it_is_made(
    make_stack: Callable[..., Stack], sandbox: Sandbox
) -> None:
    stack = make_stack("told_late.py", {"told_late:wrong": "scope"})
    assert violations(stack.preview("--policy-pack", "policies")) == []
    said = violations(stack.up("--policy-pack", "policies", fails=True))
    assert [(each.rule, each.name) for each in said if each.level == "mandatory"] == [
        ("roles-that-grant-access-have-a-condition", "payments")
    ]
    owners = [each for each in sandbox.holds("role-assignments") if "8e3af657" in each["roleDefinitionId"]]
    assert [each["scope"] for each in owners] == ["/"], "only the operator's own"


def test_a_made_up_subject_is_found_at_the_end_of_an_update_and_in_the_exported_state(
    make_stack: Callable[..., Stack],
) -> None:
    stack = make_stack("told_late.py", {"told_late:wrong": "subject"})
    assert violations(stack.preview("--policy-pack", "policies")) == []
    up = violations(stack.up("--policy-pack", "policies", fails=True))
    state = stack.folder / "state.json"
    state.write_text(stack.pulumi("stack", "export", "--stack", stack.name))
    stack.environment.pop("PULUMI_BACKEND_URL")
    analyzed = violations(
        stack.pulumi("policy", "analyze", "--file", "state.json", "--policy-pack", "policies", fails=True)
    )
    assert up == analyzed
    assert [(each.rule, each.name, each.level) for each in up] == [
        ("federated-credential-trusts-its-own-connection", "payments", "mandatory")
    ]
    assert "says another subject than its connection sends" in up[0].message


def test_an_exception_lets_one_resource_pass_and_an_ended_one_is_a_violation(
    make_stack: Callable[..., Stack],
) -> None:
    stack = make_stack(None)
    rule = "broad-roles-stay-below-subscriptions"
    exception = {"resource": "payments-production/deploy", "reason": "It is being split (PAY-1)."}

    def said(*exceptions: dict[str, str], fails: bool) -> list[str]:
        configuration = {rule: {"enforcementLevel": "mandatory", "exceptions": [*exceptions]}}
        output = stack.preview(*with_config(stack, configuration), fails=fails)
        return [each.message for each in violations(output) if each.rule == rule]

    assert said({**exception, "until": "2999-12-31"}, fails=False) == []
    ended = said({**exception, "until": "2026-01-31"}, fails=True)
    assert ended[0] == (
        "The exception for 'payments-production/deploy' ended on 2026-01-31; mend what it let pass, "
        "or give it a new reason and a new end."
    )
    assert ended[1].startswith("RoleAssignment 'payments-production/deploy' gives Contributor at ")
    assert len(said({"resource": "payments-production/deploy", "until": "2999-12-31"}, fails=True)) == 2


def test_a_setting_of_another_kind_is_refused_by_the_engine(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("passing.py")
    configuration = {"secret-ends-soon": {"maximumDays": "many"}}
    assert "secret-ends-soon" in stack.preview(*with_config(stack, configuration), fails=True)


def test_the_commands_of_the_page_do_what_it_says(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(None)
    page = (ROOT / "docs" / "policies.md").read_text("utf-8")
    commands = [
        shlex.split(line)[1:]
        for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        for line in block.splitlines()
    ]
    assert [command[0] for command in commands] == ["preview", "stack", "policy", "preview"]
    for command in commands:
        stack.pulumi(*command, fails="policies/presets/strict.json" in command)
