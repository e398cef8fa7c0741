"""The ready pipelines post one comment and update it: their steps are run as an agent runs them."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pull_request_places import TOKEN, AzureDevOps, GitHub, Place, served

ROOT = Path(__file__).resolve().parents[2]
REVIEWS = Path(__file__).parent / "reviews"
PIPELINES = ROOT / "pipelines"
_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}|\$\(([\w.]+)\)")


class Agent:
    """Runs the review step of a pipeline in a folder with an engine that writes a recorded preview."""

    def __init__(self, folder: Path, script: str, given: dict[str, str]) -> None:
        self.folder = folder
        self.script = script
        tools = folder / "tools"
        tools.mkdir()
        engine = tools / "pulumi"
        engine.write_text('#!/bin/sh\necho "$@" >> calls\ncat recorded.json\nexit "$(cat code)"\n')
        engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
        (folder / "code").write_text("0")
        path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = {"PATH": path, "HOME": str(folder), **given}

    def run(self, name: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the step for a recorded preview with which the engine ended."""
        (self.folder / "recorded.json").write_bytes((REVIEWS / f"{name}.json").read_bytes())
        (self.folder / "code").write_text(str(code))
        return subprocess.run(
            ["bash", "-c", self.script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def filled(values: dict[str, Any], known: dict[str, str]) -> dict[str, str]:
    """Variables of a step with their expressions replaced; an unknown expression is a mistake."""
    return {
        name: _EXPRESSION.sub(lambda found: known[found[1] or found[2]], str(value))
        for name, value in values.items()
    }


def azure_pipelines(folder: Path, address: str) -> Agent:
    document = yaml.safe_load((PIPELINES / "azure-pipelines.review.yml").read_text())
    step = document["steps"][-1]
    defaults = {f"parameters.{each['name']}": each["default"] for each in document["parameters"]}
    secrets = {
        "System.AccessToken": TOKEN,
        "AZDO_PERSONAL_ACCESS_TOKEN": "p",
        "PULUMI_CONFIG_PASSPHRASE": "c",
    }
    agent = {
        "SYSTEM_COLLECTIONURI": f"{address}/contoso/",
        "SYSTEM_TEAMPROJECTID": "project-id",
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "12",
        "BUILD_REPOSITORY_ID": "repository-id",
        "BUILD_REPOSITORY_PROVIDER": "TfsGit",
        # What AzureCLI@2 adds with addSpnToEnvironment.
        **{"servicePrincipalId": "s", "tenantId": "t", "idToken": "i"},
    }
    assert step["inputs"]["addSpnToEnvironment"] is True
    given = agent | filled(step["env"], defaults | secrets)
    return Agent(folder, step["inputs"]["inlineScript"], given)


def github_actions(folder: Path, address: str) -> Agent:
    document = yaml.safe_load((PIPELINES / "github-actions.review.yml").read_text())
    job = document["jobs"]["review"]
    step = job["steps"][-1]
    known = {"github.token": TOKEN, **dict.fromkeys(re.findall(r"(?:vars|secrets)\.\w+", str(step)), "x")}
    runner = {
        "GITHUB_API_URL": address,
        "GITHUB_REPOSITORY": "contoso/shop",
        "GITHUB_REF": "refs/pull/12/merge",
    }
    return Agent(folder, step["run"], runner | filled(job["env"] | step["env"], known))


BOTH = pytest.mark.parametrize(
    ("place", "pipeline"), [(AzureDevOps, azure_pipelines), (GitHub, github_actions)]
)


def comments(place: Place) -> list[str]:
    """What was posted by the pipeline."""
    if isinstance(place, GitHub):
        return [each["body"] for each in place.comments]
    assert isinstance(place, AzureDevOps)
    return [thread["comments"][0]["content"] for thread in place.threads[2:]]


@BOTH
def test_a_pipeline_posts_one_comment_and_updates_it(place: Any, pipeline: Any, tmp_path: Path) -> None:
    posted = place()
    with served(posted) as address:
        agent = pipeline(tmp_path, address)
        for name in ("role-raised-to-owner", "nothing-changes"):
            done = agent.run(name)
            assert done.returncode == 0, done.stderr
            page = (REVIEWS / f"{name}.md").read_text(encoding="utf-8")
            assert [each.split("\n", 1)[1] for each in comments(posted)] == [page]
    assert TOKEN not in done.stdout + done.stderr
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == ["preview --stack prod --json --non-interactive"] * 2


@BOTH
def test_a_pipeline_fails_where_the_engine_refuses_and_tells_why(
    place: Any, pipeline: Any, tmp_path: Path
) -> None:
    posted = place()
    with served(posted) as address:
        done = pipeline(tmp_path, address).run("replacement-refused", code=1)
    assert done.returncode == 1
    assert "the engine refuses this preview" in done.stderr
    assert ["The engine refuses this preview" in each for each in comments(posted)] == [True]


def test_the_pipelines_ask_for_no_right_that_they_do_not_need() -> None:
    workflow = yaml.safe_load((PIPELINES / "github-actions.review.yml").read_text())
    assert workflow["permissions"] == {"contents": "read", "id-token": "write", "pull-requests": "write"}
    # YAML reads the key `on` as true.
    assert list(workflow[True]) == ["pull_request"]
