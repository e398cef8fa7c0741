"""The YAML of pipelines, as their repository has it and as a run would read it."""

import yaml
from devops_world import PROJECT, World

from azure_service_connections.sandbox.devops import pipeline_templates

PARAMETERS = """
parameters: [{name: target, type: string, default: payments}]
variables: {group: rg-payments}
steps:
- task: AzureCLI@2
  inputs: {azureSubscription: "${{ parameters.target }}", inlineScript: "echo $(group)"}
"""
TEMPLATE = """
parameters: [{name: connection, type: string}]
jobs:
- job: inner
  steps: [{task: AzureKeyVault@2, inputs: {azureSubscription: "${{ parameters.connection }}"}}]
"""


def test_a_preview_fills_in_parameters_and_queues_nothing(world: World) -> None:
    world.pipeline(1, "deploy", PARAMETERS)
    answer = world.ask(
        "POST",
        f"{PROJECT}/_apis/pipelines/1/preview",
        {"previewRun": True, "templateParameters": {"target": "other"}},
        version="7.1-preview.1",
    )
    assert answer.status == 200
    assert yaml.safe_load(answer.body["finalYaml"]) == {
        "variables": [{"name": "group", "value": "rg-payments"}],
        "stages": [
            {
                "stage": "__default",
                "jobs": [
                    {
                        "job": "Job",
                        "steps": [
                            {
                                "task": "AzureCLI@2",
                                "inputs": {"azureSubscription": "other", "inlineScript": "echo $(group)"},
                            }
                        ],
                    }
                ],
            }
        ],
    }
    assert world.cloud.store.find("runs") == []


def test_a_preview_holds_what_an_extended_template_says(world: World) -> None:
    held = pipeline_templates.template_at("git", "Payments", "Payments", "main", "inner.yml")
    project = world.cloud.store.one("projects", id=PROJECT)
    assert project is not None
    held = held._replace(repository=f"{project['name']}/{project['name']}")
    pipeline_templates.keep(world.cloud, held, TEMPLATE)
    world.pipeline(1, "deploy", "extends: {template: inner.yml, parameters: {connection: payments}}")
    answer = world.ask("POST", f"{PROJECT}/_apis/pipelines/1/preview", {"previewRun": True})
    (stage,) = yaml.safe_load(answer.body["finalYaml"])["stages"]
    assert stage["jobs"][0]["steps"][0]["inputs"] == {"azureSubscription": "payments"}


def test_a_preview_is_refused_as_a_run_is(world: World) -> None:
    world.pipeline(1, "deploy", "parameters: [{name: target, type: string}]\nsteps: []")
    path = f"{PROJECT}/_apis/pipelines/1/preview"
    answer = world.ask("POST", path, {"previewRun": True})
    assert (answer.status, answer.key) == (400, "PipelineValidationException")
    assert answer.message == "/azure-pipelines.yml: A value for the 'target' parameter must be provided."
    assert world.ask("POST", path, {}).status == 400
    assert world.ask("POST", path, {"previewRun": True, "templateParameters": []}).status == 400
    assert world.ask("POST", f"{PROJECT}/_apis/pipelines/9/preview", {"previewRun": True}).status == 404


def test_a_pipeline_says_where_its_yaml_lies_and_the_repository_gives_it(world: World) -> None:
    world.pipeline(1, "deploy", PARAMETERS)
    world.pipeline(2, "report", "steps: []")
    paths = []
    for number, text in ((1, PARAMETERS), (2, "steps: []")):
        held = world.ask("GET", f"{PROJECT}/_apis/pipelines/{number}").body["configuration"]
        paths.append(held["path"])
        items = f"{PROJECT}/_apis/git/repositories/{held['repository']['id']}/items"
        item = world.ask("GET", items, path=held["path"], includeContent="true")
        assert (item.status, item.body["content"], item.body["path"]) == (200, text, held["path"])
        assert "content" not in world.ask("GET", items, path=held["path"]).body
    assert paths == ["/azure-pipelines.yml", "/report/azure-pipelines.yml"]


def test_a_file_or_a_repository_that_is_not_there_is_said_in_the_service_s_words(world: World) -> None:
    held = world.ask("GET", f"{PROJECT}/_apis/pipelines/1").body["configuration"]["repository"]["id"]
    absent = world.ask("GET", f"{PROJECT}/_apis/git/repositories/{held}/items", path="/nothing.yml")
    assert (absent.status, absent.key) == (404, "GitItemNotFoundException")
    assert absent.message.startswith("TF401174: The item '/nothing.yml' could not be found in the repository")
    other = world.ask("GET", f"{PROJECT}/_apis/git/repositories/elsewhere/items", path="/a.yml")
    assert (other.status, other.key) == (404, "GitRepositoryNotFoundException")
    assert world.ask("GET", f"{PROJECT}/_apis/git/repositories/{held}/items").status == 400
