"""Every kind of connection comes up, is proven, and a second run changes nothing."""

import json
from collections.abc import Callable

import pytest
import yaml
from engine_stack import CONNECTIONS, ROOT, Stack, run

MATRIX = (ROOT / "stacks" / "Pulumi.matrix.yaml").read_text()


@pytest.fixture(scope="module")
def matrix(make_stack: Callable[..., Stack]) -> Stack:
    """The stack, brought up; it ends with its sandbox."""
    stack = make_stack("matrix").text(MATRIX).init()
    stack.up()
    return stack


def test_a_second_run_changes_nothing_in_any_row(matrix: Stack) -> None:
    matrix.preview("--expect-no-changes")


def test_every_row_is_proven(matrix: Stack) -> None:
    done = run(["connections", "verify", "--stack", "matrix", "--json"], matrix.environment, matrix.folder)
    proofs = {proof["key"]: proof for proof in json.loads(done.stdout)}
    assert {key: proof["problem"] for key, proof in proofs.items() if not proof["ok"]} == {}
    assert sorted(proofs) == sorted(yaml.safe_load(MATRIX)["config"][CONNECTIONS])
    for key, proof in proofs.items():
        assert proof["token"] == "done", key
        assert proof["otherPipeline"] == "refused", key


def test_the_page_shows_the_rows_of_the_stack() -> None:
    page = (ROOT / "docs" / "matrix.md").read_text()
    shown = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert shown == sorted(yaml.safe_load(MATRIX)["config"][CONNECTIONS])
    assert "**no**" not in page
