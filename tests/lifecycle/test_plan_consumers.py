"""Which pipelines use a connection, as Azure DevOps lets the operator see them."""

from typing import Any

import pytest
from old_connections import OldConnections

from azure_service_connections.catalogue.pipeline_tasks import known_tasks, tasks_of
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.plan.consumers import key_of, read_consumers
from azure_service_connections.lifecycle.plan.plan_file import Consumer
from azure_service_connections.sandbox.devops import pipeline_templates


def pipeline(old: OldConnections, name: str, yaml: str, *allowed: str) -> None:
    """Add a pipeline to the project Web, which the connections allow."""
    project = old.one("projects", name="Web")["id"]
    number = 1 + max(int(each["id"]) for each in old.cloud.store.find("pipelines", projectId=project))
    old.put(
        "pipelines",
        {"id": number, "name": name, "projectId": project, "yaml": yaml},
        f"{project}/{number}",
    )
    for connection in allowed:
        with old.services() as services:
            answer = services.devops(
                "PATCH",
                f"/{project}/_apis/pipelines/pipelinepermissions/endpoint/{old.endpoint(connection)['id']}",
                organization=old.organization(),
                version="7.1-preview.1",
                body={"pipelines": [{"id": number, "authorized": True}]},
            )
        assert answer.successful


def step(task: str, connection: str) -> str:
    return f"steps: [{{task: {task}, inputs: {{azureSubscription: {connection}}}}}]"


def consumers(old: OldConnections, name: str, **more: Any) -> list[Consumer]:
    """The consumers of a connection."""
    (connection,) = old.read(name)
    with old.services() as services:
        found = read_consumers(services, [connection], more.pop("tasks", known_tasks()), **more)
    return list(found[key_of(connection)])


def test_a_pipeline_that_is_allowed_is_told_with_its_tasks_and_what_they_support(old: OldConnections) -> None:
    pipeline(old, "files", step("AzureFileCopy@4", "store"), "store")
    pipeline(old, "own", step("OurOwn@3", "STORE"), "store")
    pipeline(old, "lint", "steps: [{script: make lint}]", "store")
    pipeline(old, "strange", step("AzureCLI@2", "store"))
    assert consumers(old, "store") == [
        Consumer(project="Web", pipeline="deploy", tasks=("AzureCLI@2",)),
        Consumer(
            project="Web", pipeline="files", tasks=("AzureFileCopy@4",), unsupported=("AzureFileCopy@4",)
        ),
        Consumer(project="Web", pipeline="lint"),
        Consumer(project="Web", pipeline="own", tasks=("OurOwn@3",), unknown=("OurOwn@3",)),
    ]


def test_a_table_of_one_s_own_decides(old: OldConnections) -> None:
    own = known_tasks().extended(tasks_of("tasks: {AzureCLI@2: unsupported}"))
    assert [each.unsupported for each in consumers(old, "store", tasks=own)] == [("AzureCLI@2",)]


def test_of_an_open_connection_those_are_told_that_name_it_or_may(old: OldConnections) -> None:
    pipeline(old, "direct", step("AzureCLI@2", "legacy"))
    pipeline(
        old,
        "chosen",
        "parameters: [{name: to, type: string, default: legacy}]\n"
        + step("AzurePowerShell@5", '"${{ parameters.to }}"'),
    )
    pipeline(old, "anything", step("AzureCLI@2", "$(unset)"))
    assert consumers(old, "legacy") == [
        Consumer(
            project="Web",
            pipeline="chosen",
            tasks=("AzurePowerShell@5",),
            note="may name it through parameter to",
        ),
        Consumer(project="Web", pipeline="direct", tasks=("AzureCLI@2",)),
    ]


def test_what_may_be_any_connection_counts_for_a_pipeline_that_is_allowed_by_itself(
    old: OldConnections,
) -> None:
    pipeline(old, "anything", step("ServiceFabricDeploy@1", "$(unset)"), "store")
    (_, found) = sorted(consumers(old, "store"), key=lambda each: each.pipeline != "deploy")
    assert found == Consumer(
        project="Web",
        pipeline="anything",
        tasks=("ServiceFabricDeploy@1",),
        unsupported=("ServiceFabricDeploy@1",),
        note="may name it through variable unset",
    )


def test_a_template_is_filled_in_as_a_run_would(old: OldConnections) -> None:
    template = pipeline_templates.template_at("git", "Web", "Web", "main", "inner.yml")
    text = "parameters: [{name: sc, type: string}]\n" + step("AzureKeyVault@2", '"${{ parameters.sc }}"')
    pipeline_templates.keep(old.cloud, template, text)
    pipeline(old, "extended", "extends: {template: inner.yml, parameters: {sc: store}}", "store")
    assert Consumer(project="Web", pipeline="extended", tasks=("AzureKeyVault@2",)) in consumers(old, "store")
    assert old.cloud.store.find("runs") == []


def test_a_pipeline_that_cannot_be_filled_in_is_told_with_the_service_s_words(old: OldConnections) -> None:
    pipeline(
        old,
        "absent",
        "steps: [{template: gone.yml, parameters: {serviceConnection: store}}]",
        "store",
    )
    found = next(each for each in consumers(old, "store") if each.pipeline == "absent")
    assert found.tasks == ()
    assert found.note.startswith("its YAML could not be read: Filling it in was refused with Pipeline")
    assert "File /gone.yml not found" in found.note
    assert found.note.endswith("; hands its name to template gone.yml")


def test_yaml_that_is_not_in_order_and_a_pipeline_that_is_gone_stop_nothing(old: OldConnections) -> None:
    pipeline(old, "broken", "steps: [", "store")
    pipeline(old, "gone", step("AzureCLI@2", "store"), "store")
    gone = old.one("pipelines", name="gone")
    old.cloud.store.remove("pipelines", f"{gone['projectId']}/{gone['id']}")
    found = consumers(old, "store")
    assert [each.pipeline for each in found] == ["broken", "deploy"]
    assert found[0].note.startswith("its YAML is not in order")


def test_every_pipeline_is_read_once_for_all_connections_with_progress(old: OldConnections) -> None:
    pipeline(old, "both", step("AzureCLI@2", "press-a"), "press-a", "press-b")
    heard: list[tuple[str, int, int]] = []
    connections = old.read("press-a", "press-b", "legacy")
    asked = old.asked("GET", "/_apis/git/")
    with old.services() as services:
        read_consumers(services, connections, known_tasks(), lambda *said: heard.append(said))
    assert old.asked("GET", "/_apis/git/") - asked == 2
    assert heard == [("lists of pipelines", 1, 1), ("pipelines", 1, 2), ("pipelines", 2, 2)]


def test_a_service_that_does_not_answer_ends_the_reading(old: OldConnections) -> None:
    connections = old.read("store")
    old.cloud.faults.fail_next("devops", 429, count=1000)
    with old.services() as services, pytest.raises(ServiceError):
        read_consumers(services, connections, known_tasks())
