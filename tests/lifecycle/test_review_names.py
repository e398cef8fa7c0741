"""Ids of a preview are called by their names, where the preview says them anywhere."""

import json
from typing import Any

from review_previews import (
    APPROVAL,
    PIPELINE,
    PROJECT,
    ROLE,
    UNKNOWN,
    document,
    page,
    role,
    step,
    texts,
    urn,
)

from azure_service_connections.lifecycle.review.markdown import markdown_of
from azure_service_connections.lifecycle.review.preview_reading import read_preview
from azure_service_connections.lifecycle.review.reviewing import review_of

COMPONENT = "azure-service-connections:index:ServiceConnection"
STACK = "pulumi:pulumi:Stack"
PERSON = "azuredevops:index/securityroleAssignment:SecurityroleAssignment"
OTHER_PROJECT = "a7fa4c3d-e97f-4f7c-918e-6be4f3819806"


def configured(**connection: Any) -> dict[str, Any]:
    """The configuration of a stack with the connection `payments`."""
    return {"azure-service-connections:connections": json.dumps({"payments": connection})}


def component(old: dict[str, Any] | None, new: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    base = {"projectId": PROJECT}
    return step(
        COMPONENT,
        "payments",
        None if old is None else base | old,
        None if new is None else base | new,
        **more,
    )


def part(token: str, name: str, old: Any, new: Any) -> dict[str, Any]:
    """A resource inside of the component `payments`."""
    made = step(token, name, old, new)
    made["urn"] = urn(f"{COMPONENT}${token}", name)
    for each in ("oldState", "newState"):
        if each in made:
            made[each] |= {"urn": made["urn"], "parent": urn(COMPONENT, "payments")}
    return made


def pipelines(*numbers: int, project: str = PROJECT) -> dict[str, Any]:
    return {"pipelines": {str(n): {"id": n, "projectId": project} for n in numbers}}


def output(**connection: Any) -> dict[str, Any]:
    """The stack with the connection `payments` in its outputs."""
    outputs = {"connections": {"payments": {"projectId": PROJECT, "project": "Payments", **connection}}}
    made = step(STACK, "shop-prod", {}, {}, op="same")
    made["oldState"]["outputs"] = outputs
    return made


def test_pipelines_of_a_first_preview_are_named_by_the_configuration() -> None:
    config = configured(project="Payments", pipelines=["zeta", {"name": "alpha", "project": "Platform"}])
    ((risk, text),) = texts(component(None, pipelines(3, 9)), config=config)
    assert (risk, text) == ("low", "pipelines 'alpha' and 'zeta' gain the right to use it")


def test_pipelines_that_only_the_outputs_know_are_named_by_them() -> None:
    known = output(pipelines=[{"id": 3, "name": "deploy", "projectId": PROJECT}])
    config = configured(project="Payments", pipelines=["nightly"])
    found = texts(known, component(pipelines(3), pipelines(9)), config=config)
    assert [text for _, text in found] == [
        "pipeline 'nightly' gains the right to use it",
        "pipeline 'deploy' loses the right to use it",
    ]


def test_pipelines_that_nothing_names_keep_their_numbers() -> None:
    config = configured(project="Payments", pipelines=["one", "two"])
    ((_, text),) = texts(component(None, pipelines(3, 9, 11)), config=config)
    assert text == "pipelines number 3, number 9 and number 11 gain the right to use it"


def test_a_number_that_two_projects_have_is_not_guessed() -> None:
    known = output(
        pipelines=[
            {"id": 3, "name": "deploy", "projectId": PROJECT},
            {"id": 3, "name": "network", "projectId": OTHER_PROJECT},
        ]
    )
    found = texts(known, component(pipelines(3), pipelines(3, project=OTHER_PROJECT)))
    assert [text for _, text in found] == [
        "pipeline 'network' gains the right to use it",
        "pipeline 'deploy' loses the right to use it",
    ]


def test_people_are_named_as_the_configuration_names_them() -> None:
    config = configured(
        project="Payments",
        permissions={"lead": {"who": "ada@contoso.example", "role": "Administrator"}},
        checks={"approvals": {"owners": {"approvers": ["ada@contoso.example", "[Payments]\\Release"]}}},
    )
    scope = {"scope": "distributedtask.serviceendpointrole", "identityId": "one"}
    found = texts(
        component(None, {}),
        part(PERSON, "payments/lead", None, {**scope, "roleName": "Administrator"}),
        part(
            APPROVAL, "payments/owners", None, {"approvers": ["one", "two"], "targetResourceType": "endpoint"}
        ),
        config=config,
    )
    assert (
        "medium",
        "'ada@contoso.example' becomes 'Administrator' and may open it to every pipeline",
    ) in found
    assert any("'ada@contoso.example' and '[Payments]\\Release'" in text for _, text in found)


def test_a_project_is_named_by_the_configuration_and_its_old_one_by_the_outputs() -> None:
    config = configured(project="Platform")
    moved = component({}, {"projectId": OTHER_PROJECT, **pipelines(7, project=OTHER_PROJECT)})
    text = page(output(), moved, config=config)
    assert "Project `Platform`." in text


def test_a_secret_configuration_names_nothing_and_harms_nothing() -> None:
    config = {"azure-service-connections:connections": "[secret]"}
    ((_, text),) = texts(component(None, pipelines(3)), config=config)
    assert text == "pipeline number 3 gains the right to use it"


def test_the_parts_of_a_component_that_does_not_change_are_its_own() -> None:
    assignment = f"{COMPONENT}$azure-service-connections:index:RoleAssignment${ROLE}"
    made = step(ROLE, "payments/deploy", None, role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635"))
    made["urn"] = urn(assignment, "payments/deploy")
    made["newState"]["parent"] = urn(
        f"{COMPONENT}$azure-service-connections:index:RoleAssignment", "payments/deploy"
    )
    text = page(made)
    assert "### `payments`: changed" in text


def test_a_check_that_goes_with_a_replacement_is_said_though_it_has_no_step() -> None:
    endpoint = "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM"
    replaced = part(endpoint, "payments", {"projectId": PROJECT}, {"projectId": OTHER_PROJECT})
    replaced["op"] = "replace"
    checked = {"checks": {"branches": ["refs/heads/main"], "exclusiveLock": True}}
    found = texts(component(checked, {"checks": {"exclusiveLock": True}}), replaced)
    assert ("high", "the check 'branch control' is removed; runs pass without it") in found
    assert not any("exclusive lock" in text for _, text in found)


def test_a_component_beside_its_resources_says_nothing_twice() -> None:
    access = "azure-service-connections:index:PipelineAccess"
    right = {"type": "endpoint", "resourceId": UNKNOWN, "projectId": PROJECT, "pipelineId": 3}
    alone = step(access, "access", None, {"projectId": PROJECT, **pipelines(3)})
    made = part(PIPELINE, "access/3", None, right)
    made["urn"] = urn(f"{access}${PIPELINE}", "access/3")
    review = review_of(read_preview(document(alone, made)))
    assert markdown_of(review).count("gains the right") == 1
