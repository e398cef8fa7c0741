"""A stack whose state several people and pipelines share: one at a time, and secrets for nobody else."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from blob_store import BlobStore, blob_store
from engine_stack import Sandbox, Stack

CONNECTION = {
    "project": "Payments",
    "appRegistration": {},
    "credential": {"secret": {"expires": "2027-06-30T00:00:00Z"}},
    "subscription": {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02", "name": "Payments development"},
}
STATE = ".pulumi/stacks/azure-service-connections/test.json"


@pytest.fixture
def store() -> Iterator[BlobStore]:
    with blob_store() as store:
        yield store


def elsewhere(stack: Stack, folder: Path) -> Stack:
    """The same stack as another machine sees it: the same files, and nothing else."""
    shutil.copytree(stack.folder, folder, ignore=shutil.ignore_patterns("backend", ".pulumi"))
    return Stack(folder, stack.environment, stack.name)


def test_two_runs_at_once_exclude_each_other_and_the_second_machine_goes_on(
    make_stack: Callable[..., Stack], sandbox: Sandbox, store: BlobStore, tmp_path: Path
) -> None:
    stack = make_stack()
    stack.environment.update(store.variables)
    stack.connections({"shared-state": CONNECTION}).init()
    other = elsewhere(stack, tmp_path / "other")
    first = subprocess.Popen(
        ["pulumi", "up", "--stack", stack.name, "--yes", "--skip-preview", "--non-interactive"],
        cwd=stack.folder,
        env=stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert first.stdout is not None
    printed = ""
    # The provider waits ten seconds in the create of a connection: until then the first run goes on.
    while "ServiceEndpointAzureRM" not in printed:
        line = first.stdout.readline()
        assert line, printed
        printed += line
    refused = other.up(fails=True)
    assert "the stack is currently locked by 1 lock(s)" in refused
    printed += first.communicate()[0]
    assert first.returncode == 0, printed
    other.up("--expect-no-changes")
    kept = store.read(STATE)
    for application in sandbox.holds("applications"):
        for secret in application.get("passwordCredentials", []):
            assert secret["secretText"] not in kept
    other.destroy()
