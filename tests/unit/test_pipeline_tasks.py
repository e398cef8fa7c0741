"""The table of tasks that work with federation, and how users extend it."""

import pytest

from azure_service_connections.catalogue.pipeline_tasks import (
    Federation,
    TaskSupport,
    TaskTableError,
    known_tasks,
    tasks_of,
)


@pytest.mark.parametrize(
    ("task", "name", "federation", "instead"),
    [
        ("AzureCLI@2", "AzureCLI@2", "supported", ""),
        ("azurecli@2", "AzureCLI@2", "supported", ""),
        ("AzureCLI@2.246.1", "AzureCLI@2", "supported", ""),
        ("AzureFileCopy@4", "AzureFileCopy@4", "unsupported", "AzureFileCopy@6"),
        ("AzureFileCopy@6", "AzureFileCopy@6", "supported", ""),
        ("ServiceFabricDeploy@1", "ServiceFabricDeploy@1", "unsupported", ""),
        (
            "ms-devlabs.custom-terraform-tasks.custom-terraform-release-task.TerraformTaskV4@4",
            "TerraformTaskV4@4",
            "supported",
            "",
        ),
        ("ARM Outputs@6", "ARM Outputs@6", "unsupported", ""),
        ("TerraformTask@5", "TerraformTask@5", "unknown", ""),
        ("AzureCLI@9", "AzureCLI@9", "unknown", ""),
        ("OurOwn@1", "OurOwn@1", "unknown", ""),
        ("no version", "no version", "unknown", ""),
    ],
)
def test_a_task_is_found_as_pipelines_write_it(task: str, name: str, federation: str, instead: str) -> None:
    assert known_tasks().of(task) == TaskSupport(name, Federation(federation), instead)


def test_what_is_said_to_be_used_instead_is_supported() -> None:
    for task in ("AzureFileCopy@1", "AzureMonitor@0", "Kubernetes@0", "PackerBuild@0", "TerraformTaskV2@2"):
        assert known_tasks().of(known_tasks().of(task).instead).federation == "supported"


def test_a_table_of_one_s_own_goes_before_and_leaves_the_rest() -> None:
    own = tasks_of("tasks: {OurOwn@1: supported, AzureCLI@2: {federation: unsupported, instead: AzureCLI@3}}")
    whole = known_tasks().extended(own)
    assert whole.of("OurOwn@1").federation == "supported"
    assert whole.of("AzureCLI@2") == TaskSupport("AzureCLI@2", Federation.UNSUPPORTED, "AzureCLI@3")
    assert whole.of("AzureKeyVault@2").federation == "supported"
    assert len(whole) == len(known_tasks()) + 1
    assert known_tasks().of("AzureCLI@2").federation == "supported"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty where a map belongs"),
        ("- a", "is a list where a map belongs"),
        ("tasks: [", "is not YAML: "),
        ("tasks: [A@1]", "tasks is a list where a map belongs"),
        ("task: {A@1: supported}", "'task' is not known here; write 'tasks'"),
        ("{}", "`tasks` is missing; write `Task@1: supported` under it"),
        (
            "tasks: {AzureCLI: supported}",
            "tasks.AzureCLI is no task with its major version; write it as AzureCLI@2",
        ),
        ("tasks: {7: supported}", "tasks.7 is no task"),
        ("tasks: {A@1: yes}", "tasks.A@1 is 'True'; write supported, unsupported or unknown"),
        ("tasks: {A@1: {instead: B@1}}", "tasks.A@1 is 'None'; write supported, unsupported or unknown"),
        ("tasks: {A@1: {federation: supported, insted: B@1}}", "'insted' is not known here; write 'instead'"),
        (
            "tasks: {A@1: {federation: unsupported, instead: B}}",
            "tasks.A@1 has 'B' instead, which is no task",
        ),
        ("tasks: {A@1: {federation: unsupported, instead: [B]}}", "which is no task"),
        (
            "tasks: {A@1: 1, B: supported}",
            "tasks.A@1 is '1'; write supported, unsupported or unknown; tasks.B is no",
        ),
        ("[" * 3000, "is not YAML: "),
    ],
)
def test_a_table_that_makes_no_sense_is_said_with_all_its_mistakes(text: str, said: str) -> None:
    with pytest.raises(TaskTableError) as refused:
        tasks_of(text)
    assert said in str(refused.value)
