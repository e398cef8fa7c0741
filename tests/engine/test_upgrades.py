"""Stacks of every released version, previewed with today's code: nothing is made, deleted or replaced.

What is compared is what a user sees who upgrades: the recorded state against what today's program registers,
each resource through its provider's own comparison. The ids in both are the same because the sandbox starts
with what the services held then.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_stack import ROOT, Stack, run, running_sandbox
from recorded_stack import RECORDED, RecordedStack

HARMLESS = {"same", "update", "read"}
STACKS = [
    (path.parent.name, path.name.removesuffix(".state.json"))
    for path in sorted(RECORDED.glob("*/*.state.json"))
]


@pytest.fixture(params=STACKS, ids="-".join)
def recorded(request: pytest.FixtureRequest) -> RecordedStack:
    return RecordedStack.read(*request.param)


@pytest.fixture
def imported(recorded: RecordedStack, engine_path: str, tmp_path: Path) -> Iterator[Stack]:
    """The recorded stack in a sandbox that holds what the services held."""
    recorded.plant(tmp_path / "home")
    with running_sandbox(engine_path, tmp_path / "home") as sandbox:
        yield recorded.imported(sandbox, tmp_path / "program")


def test_an_upgrade_changes_at_most_in_place(recorded: RecordedStack, imported: Stack) -> None:
    steps = preview(imported)
    assert {step["urn"]: step["op"] for step in steps if step["op"] not in HARMLESS} == {}
    # Default providers carry their version in their name, and no preview shows them.
    kept = {
        each["urn"]
        for each in recorded.state["deployment"]["resources"]
        if not each["type"].startswith("pulumi:providers:")
    }
    assert kept <= {step["urn"] for step in steps}


def test_an_upgrade_that_calls_a_child_otherwise_would_be_seen(engine_path: str, tmp_path: Path) -> None:
    recorded = RecordedStack.read(*next(each for each in STACKS if each[1] == "sandbox"))
    recorded.plant(tmp_path / "home")
    with running_sandbox(engine_path, tmp_path / "home") as sandbox:
        stack = recorded.imported(sandbox, tmp_path / "program")
        # The package is found through the environment's own copy of it otherwise.
        shutil.copytree(
            ROOT / "azure_service_connections",
            stack.folder / "azure_service_connections",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        names = stack.folder / "components" / "names.py"
        names.write_text(names.read_text().replace('return "/".join', 'return "-".join'))
        assert names.read_text() != (ROOT / "components" / "names.py").read_text()
        operations = Counter(step["op"] for step in preview(stack, fails=None))
    assert operations["create"] or operations["delete"]


def preview(stack: Stack, fails: bool | None = False) -> list[dict[str, Any]]:
    done = run(
        ["pulumi", "preview", "--stack", stack.name, "--json", "--show-sames", "--non-interactive"],
        stack.environment,
        stack.folder,
    )
    document = json.loads(done.stdout)
    if fails is not None:
        assert (done.returncode != 0) == fails, document.get("diagnostics")
    return list(document["steps"])
