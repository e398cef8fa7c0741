"""How a pipeline's YAML is come by: from Azure Repos, or as a run would read it."""

import json
from typing import Any

import httpx
import pytest

from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.http_client import HttpClient
from azure_service_connections.lifecycle.plan.pipeline_reading import (
    PipelineKey,
    ReadPipeline,
    read_pipeline,
)
from azure_service_connections.lifecycle.plan.pipeline_text import Use
from azure_service_connections.lifecycle.services import Services

ORGANIZATION = "https://dev.azure.com/contoso"
PROJECT = "10000000-0000-0000-0000-000000000000"
PIPELINE = f"/contoso/{PROJECT}/_apis/pipelines/7"
ITEMS = f"/contoso/{PROJECT}/_apis/git/repositories/repo/items"
HERE = {"type": "yaml", "path": "/ci.yml", "repository": {"id": "repo", "type": "azureReposGit"}}
ELSEWHERE = {"type": "yaml", "path": "ci.yml", "repository": {"type": "gitHub", "fullName": "contoso/web"}}
STEP = "steps: [{task: AzureCLI@2, inputs: {azureSubscription: shop}}]"
TEMPLATE = "steps: [{template: more.yml}]"
SHOP = Use("AzureCLI@2", frozenset({"shop"}))
FORBIDDEN = (403, {"typeKey": "AccessDeniedException", "message": "TF401027: You need the Git permission."})
INVALID = (400, {"typeKey": "PipelineValidationException", "message": "A value must be provided."})


def read(configuration: dict[str, Any], **answers: tuple[int, Any]) -> tuple[ReadPipeline, list[str]]:
    """What is read of a pipeline, and which requests that took. `items` and `preview` are the answers."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
        if request.url.path == PIPELINE:
            status, body = answers.get("pipeline", (200, {"name": "deploy", "configuration": configuration}))
        elif request.url.path == ITEMS:
            assert dict(request.url.params)["path"] == configuration["path"]
            assert dict(request.url.params)["includeContent"] == "true"
            status, body = answers["items"]
        else:
            assert request.url.path == f"{PIPELINE}/preview"
            assert json.loads(request.content) == {"previewRun": True}
            assert request.url.params["api-version"] == "7.1-preview.1"
            status, body = answers["preview"]
        return httpx.Response(status, json=body)

    client = HttpClient(httpx.Client(transport=httpx.MockTransport(answer)), pause=lambda _: None)
    with Services({"AZDO_PERSONAL_ACCESS_TOKEN": "token"}, client) as services:
        return read_pipeline(services, PipelineKey(ORGANIZATION, PROJECT, 7)), asked


def content(text: str) -> tuple[int, Any]:
    return 200, {"path": "/ci.yml", "content": text}


def final(text: str) -> tuple[int, Any]:
    return 200, {"finalYaml": text}


def test_a_file_of_azure_repos_without_templates_is_all_that_is_read() -> None:
    assert read(HERE, items=content(STEP)) == (
        ReadPipeline("deploy", (SHOP,)),
        ["GET 7", "GET items"],
    )


def test_templates_are_read_as_a_run_would() -> None:
    found, asked = read(HERE, items=content(TEMPLATE), preview=final(STEP))
    assert (found.uses, found.note) == ((SHOP,), "")
    assert asked == ["GET 7", "GET items", "POST preview"]


def test_what_lies_elsewhere_is_read_as_a_run_would() -> None:
    found, asked = read(ELSEWHERE, preview=final(STEP))
    assert (found.uses, found.note) == ((SHOP,), "")
    assert asked == ["GET 7", "POST preview"]


def test_a_file_that_may_not_be_read_is_read_as_a_run_would() -> None:
    found, _ = read(HERE, items=FORBIDDEN, preview=final(STEP))
    assert (found.uses, found.note) == ((SHOP,), "")


@pytest.mark.parametrize(
    ("configuration", "answers", "note"),
    [
        (
            HERE,
            {"items": FORBIDDEN, "preview": INVALID},
            "its YAML could not be read: Reading the file was refused with AccessDeniedException: TF401027: "
            "You need the Git permission; its YAML could not be read: Filling it in was refused with "
            "PipelineValidationException: A value must be provided",
        ),
        (
            HERE,
            {"items": content(TEMPLATE), "preview": INVALID},
            "its YAML could not be read: Filling it in was refused with PipelineValidationException: A value "
            "must be provided",
        ),
        (
            ELSEWHERE,
            {"preview": INVALID},
            "its YAML lies outside of Azure Repos; its YAML could not be read: Filling it in was refused "
            "with PipelineValidationException: A value must be provided",
        ),
        (
            HERE,
            {"items": content("steps: ["), "preview": INVALID},
            "its YAML is not in order in line 1; ",
        ),
        ({"type": "designerJson"}, {}, "it is a classic pipeline, whose tasks are not read"),
        ({}, {}, "it is a classic pipeline, whose tasks are not read"),
    ],
)
def test_what_cannot_be_read_is_noted_in_the_service_s_words(
    configuration: dict[str, Any], answers: dict[str, tuple[int, Any]], note: str
) -> None:
    found, _ = read(configuration, **answers)
    assert found.name == "deploy"
    assert found.note.startswith(note)
    assert not found.note.endswith(".")


def test_uses_in_the_file_count_also_where_its_templates_cannot_be_read() -> None:
    text = f"{STEP[:-1]}, {{template: more.yml}}]"
    found, _ = read(HERE, items=content(text), preview=INVALID)
    assert found.uses == (SHOP,)
    assert found.note


def test_a_pipeline_that_is_gone_or_may_not_be_read_is_told_apart() -> None:
    gone, _ = read(HERE, pipeline=(404, {"typeKey": "PipelineNotFoundException", "message": "gone"}))
    assert gone == ReadPipeline(gone=True)
    hidden, _ = read(HERE, pipeline=FORBIDDEN)
    assert hidden == ReadPipeline(
        "7",
        note="it could not be read: Reading pipeline 7 was refused with AccessDeniedException: TF401027: You "
        "need the Git permission",
    )


def test_what_every_other_request_would_meet_too_is_raised() -> None:
    with pytest.raises(ServiceError):
        read(HERE, items=(429, None), preview=INVALID)
