"""`connections review` of what the real engine writes today."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_stack import ROOT, Sandbox, Stack, run
from make_reviewed_previews import after, before, preview, raw_stack
from reviewed_changes import CHANGES

PAGES = ROOT / "tests" / "lifecycle" / "reviews"
MADE = (
    "access-and-trusts",
    "approval-removed",
    "connection-deleted",
    "connection-replaced",
    "identity-changed",
    "new-federated-connection",
    "opened-to-all-pipelines",
    "role-raised-to-owner",
    "secret-to-federated",
)


@pytest.fixture(scope="module")
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """Connections that are up; they end with their sandbox."""
    made = make_stack("review").connections(before(MADE)).init()
    made.up()
    return made


def review(stack: Stack, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Review what the engine wrote."""
    (stack.folder / "preview.json").write_text(text)
    return run(["connections", "review", "preview.json", *arguments], stack.environment, stack.folder)


def sections(page: str) -> dict[str, str]:
    """The part of each connection on a page."""
    parts = page.split("\n### ")[1:]
    return {part.split("`")[1]: part.split("\nRead from", 1)[0].strip() for part in parts}


def test_all_changes_in_one_preview_are_said_as_each_is_by_itself(stack: Stack) -> None:
    text = preview(stack.connections(after(MADE, MADE)))
    done = review(stack, text)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith(
        "## 9 connections change in stack `review`: 2 replaced, 1 deleted, 1 new, 5 changed\n"
    )
    found = sections(done.stdout)
    for name in MADE:
        recorded = sections((PAGES / f"{name}.md").read_text(encoding="utf-8"))
        assert found[name] == recorded[name]


def test_the_events_and_the_saved_plan_find_the_same_risks(stack: Stack, tmp_path: Path) -> None:
    stack.connections(after(MADE, MADE))
    plan = tmp_path / "plan.json"
    events = preview(stack, f"--save-plan={plan}", PULUMI_ENABLE_STREAMING_JSON_PREVIEW="true")
    streamed = sections(review(stack, events).stdout)
    planned = sections(review(stack, plan.read_text()).stdout)
    for name in MADE:
        recorded = sections((PAGES / f"{name}.md").read_text(encoding="utf-8"))[name]
        assert streamed[name] == recorded
        assert planned[name].count("**High risk:**") == recorded.count("**High risk:**")
    assert not any(secret in text for text in (events, *planned.values()) for secret in secrets_of(stack))


def test_a_stack_as_it_is_changes_nothing(stack: Stack) -> None:
    done = review(stack, preview(stack.connections(before(MADE))))
    assert done.returncode == 0
    assert done.stdout.startswith("## No connection changes in stack `review`\n")


def test_a_refused_replacement_is_reviewed_with_the_safe_way(stack: Stack) -> None:
    moved = {**before(MADE), "role-raised-to-owner": CHANGES["replacement-refused"].after}
    done = review(stack, preview(stack.connections(moved), fails=True))
    assert done.returncode == 1
    assert "The engine refuses this preview" in done.stdout
    assert "Safe way: declare the new connection beside the old one" in done.stdout


def test_a_mistake_in_the_stack_is_one_sentence(stack: Stack) -> None:
    wrong = {**before(MADE), "role-raised-to-owner": {**CHANGES["role-raised-to-owner"].before, "roles": 7}}
    done = review(stack, preview(stack.connections(wrong), fails=True))
    assert (done.returncode, done.stdout) == (1, "")
    assert "connections.role-raised-to-owner.roles" in done.stderr
    assert done.stderr.count("\n") == 1


def test_resources_without_components_are_judged_as_well(sandbox: Sandbox, tmp_path: Path) -> None:
    made = raw_stack(sandbox, tmp_path / "raw")
    done = review(made, preview(made))
    assert done.returncode == 3
    assert done.stdout == (PAGES / "raw-resources.md").read_text(encoding="utf-8")


def secrets_of(stack: Stack) -> set[str]:
    """The secrets in the state of a stack; there are some."""
    shown = json.loads(stack.pulumi("stack", "export", "--stack", stack.name, "--show-secrets"))
    found = {json.dumps(json.loads(text)).strip('"') for text in _plain_texts(shown)}
    assert found
    return found


def _plain_texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(text := value.get("plaintext"), str) and json.loads(text):
            yield text
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _plain_texts(each)
