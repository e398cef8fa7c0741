"""The examples: what a wrong request is told, and that two of them do what `make examples` shows of all."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pulumi
import pytest
from engine_stack import LEAKING, ROOT, Sandbox, run

VENDING = ROOT / "examples" / "team-vending"
ENVIRONMENTS = ("development", "production")


@pytest.fixture(scope="module")
def request_module() -> ModuleType:
    """The example's own reading of requests; it is no package."""
    found = importlib.util.spec_from_file_location("team_vending_request", VENDING / "request.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


WRONG = {
    "billing.yaml": "project: Payments\nresourceGroup: rg-billing\nenvironments: [staging]\n"
    "pipelines: []\nowners: [ada@contoso.example]\n",
    "fraud.yaml": "project: 7\nresourceGroup: rg-fraud\nenvironments: [production]\npipelines: [deploy]\n"
    "role: Owner\n",
    "orders.yaml": "project: [Orders\n",
}
"""Requests that cannot be met, by the names of their files."""
TOLD = (
    "billing.yaml: pipelines: List should have at least 1 item",
    "fraud.yaml: project: Input should be a valid string",
    "fraud.yaml: owners: Field required",
    "fraud.yaml: role: Extra inputs are not permitted",
    "orders.yaml: is not YAML",
)


def test_every_mistake_in_every_request_is_told_at_once_with_its_file_and_key(
    request_module: ModuleType, tmp_path: Path
) -> None:
    for name, text in WRONG.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(pulumi.RunError) as told:
        request_module.read_requests(tmp_path, ENVIRONMENTS)
    for sentence in TOLD:
        assert sentence in str(told.value)


def test_an_environment_that_is_not_offered_is_told_with_those_that_are(
    request_module: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "billing.yaml").write_text(WRONG["billing.yaml"].replace("[]", "[deploy]"))
    with pytest.raises(
        pulumi.RunError, match=r"billing\.yaml: environments: 'staging' is not one of development, production"
    ):
        request_module.read_requests(tmp_path, ENVIRONMENTS)


def test_the_requests_that_are_there_are_right(request_module: ModuleType) -> None:
    requests = request_module.read_requests(VENDING / "requests", ENVIRONMENTS)
    assert sorted(requests) == sorted(path.stem for path in (VENDING / "requests").glob("*.yaml"))


def test_a_wrong_request_fails_the_preview_and_nothing_is_made(sandbox: Sandbox, tmp_path: Path) -> None:
    for path in VENDING.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            (tmp_path / path.relative_to(VENDING)).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path.relative_to(VENDING)).write_bytes(path.read_bytes())
    for name, text in WRONG.items():
        (tmp_path / "requests" / name).write_text(text)
    project = tmp_path / "Pulumi.yaml"
    project.write_text(project.read_text().replace("../../.venv", sys.prefix))
    made = ("endpoints", "applications", "role-assignments")
    before = {collection: len(sandbox.holds(collection)) for collection in made}
    assert run(["pulumi", "stack", "init", "sandbox"], sandbox.environment, tmp_path).returncode == 0
    done = run(
        ["pulumi", "up", "--stack", "sandbox", "--yes", "--non-interactive"], sandbox.environment, tmp_path
    )
    printed = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in printed
    for sentence in TOLD:
        assert sentence in printed
    assert {collection: len(sandbox.holds(collection)) for collection in made} == before


def test_an_example_that_is_not_there_is_told_with_those_that_are(engine_path: str) -> None:
    done = examples(engine_path, "unknown")
    assert done.returncode == 2
    assert done.stderr.startswith("error: there is no example unknown; name some of identity-stack, ")
    assert done.stdout == ""


def test_two_examples_come_up_are_proven_change_nothing_again_and_leave_nothing(engine_path: str) -> None:
    done = examples(engine_path, "yaml-program", "identity-stack")
    assert done.returncode == 0, done.stderr
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()[2:]]
    assert sorted(row[0] for row in rows) == ["identity-stack", "yaml-program"]
    for _, resources, _, verified, changes, left in rows:
        assert int(resources) > 0
        assert int(verified) > 0
        assert (changes, left) == ("0", "0")


def examples(engine_path: str, *names: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(LEAKING)}
    return run([sys.executable, "-m", "examples", *names], {**environment, "PATH": engine_path})
