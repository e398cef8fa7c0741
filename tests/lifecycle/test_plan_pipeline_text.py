"""Which tasks of a pipeline name a service connection, written out or through parameters and variables."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from azure_service_connections.lifecycle.plan.pipeline_text import (
    UnreadableError,
    Use,
    document_of,
    has_templates,
    uses_of,
)


def uses(text: str) -> list[Use]:
    return list(uses_of(document_of(text)))


def naming(name: str, text: str) -> list[str]:
    """The tasks that name a connection, or may, and through what."""
    return [f"{use.task} {use.through}".strip() for use in uses(text) if use.names(name)]


def step(value: str) -> str:
    """A pipeline's steps: one task with a connection's name in its input."""
    return f"steps: [{{task: A@1, inputs: {{azureSubscription: {value}}}}}]"


DEEP = """
stages:
- stage: build
  jobs:
  - job: one
    steps:
    - task: AzureCLI@2
      inputs: {azureSubscription: Payments, inlineScript: echo payments}
- ${{ if eq(variables['Build.SourceBranch'], 'refs/heads/main') }}:
  - stage: deploy
    jobs:
    - deployment: web
      strategy:
        runOnce:
          preDeploy: {steps: [{task: AzureKeyVault@2, inputs: {ConnectedServiceName: payments}}]}
          deploy:
            steps:
            - ${{ if parameters.slot }}:
              - task: AzureRmWebAppDeployment@4
                inputs:
                  ${{ if true }}:
                    ConnectedServiceNameARM: payments
          on: {failure: {steps: [{task: AzureFileCopy@4, inputs: {azureSubscription: payments}}]}}
"""


def test_tasks_are_found_at_any_depth_and_names_in_any_case() -> None:
    assert naming("payments", DEEP) == [
        *("AzureCLI@2", "AzureKeyVault@2", "AzureRmWebAppDeployment@4", "AzureFileCopy@4"),
    ]
    assert naming("other", DEEP) == []


@pytest.mark.parametrize(
    "key",
    [
        *("azureSubscription", "connectedServiceName", "ConnectedServiceNameARM", "azureServiceConnection"),
        *("azureResourceManagerConnection", "backendServiceArm", "environmentServiceNameAzureRM"),
        *("serviceConnection", "azureSubscriptionEndpoint", "azureConnection", "armServiceConnection"),
    ],
)
def test_every_input_that_tasks_have_for_a_connection_counts(key: str) -> None:
    assert naming("payments", f"steps: [{{task: Some@1, inputs: {{{key}: payments}}}}]") == ["Some@1"]


def test_inputs_for_other_things_do_not_count() -> None:
    text = "steps: [{task: AzureWebApp@1, inputs: {azureSubscription: other, appName: payments}}]"
    assert naming("payments", text) == []
    text = "steps: [{task: Sql@1, inputs: {connectionString: $(anything), subscriptionId: $(id)}}]"
    assert naming("payments", text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "parameters: [{name: target, default: payments}]\n" + step("'${{ parameters.target }}'"),
            "A@1 parameter target",
        ),
        (
            "parameters: [{name: target, default: x, values: [x, payments]}]\n"
            + step("\"${{ parameters['target'] }}\""),
            "A@1 parameter target",
        ),
        ("parameters: {target: payments}\n" + step("'${{parameters.target}}'"), "A@1 parameter target"),
        ("variables: {sc: payments}\n" + step("$(sc)"), "A@1 variable sc"),
        ("variables: [{name: sc, value: payments}]\n" + step("'${{ variables.sc }}'"), "A@1 variable sc"),
        ("variables: {sc: payments}\n" + step("'$[variables.sc]'"), "A@1 variable sc"),
        (
            "jobs: [{job: a, variables: [{group: g}, {name: SC, value: payments}], " + step("$(sc)") + "}]",
            "A@1 variable sc",
        ),
        (
            "variables:\n  ${{ if eq(1, 1) }}: {sc: payments}\n  ${{ else }}: {sc: other}\n" + step("$(sc)"),
            "A@1 variable sc",
        ),
        (
            "variables:\n- ${{ if eq(1, 1) }}:\n  - {name: sc, value: payments}\n" + step("$(sc)"),
            "A@1 variable sc",
        ),
        (
            "parameters: [{name: t, default: payments}]\nvariables: {sc: '${{ parameters.t }}'}\n"
            + step("$(sc)"),
            "A@1 variable sc",
        ),
        (
            "parameters: [{name: env, default: pay, values: [pay, re]}]\n"
            + step("'${{ parameters.env }}ments'"),
            "A@1 parameter env",
        ),
        (
            "parameters: [{name: all, type: object, default: [{sc: payments}]}]\njobs:\n"
            "- ${{ each one in parameters.all }}:\n  - {job: a, " + step("'${{ one.sc }}'") + "}",
            "A@1 expression ${{ one.sc }}",
        ),
        (step("$(unset)"), "A@1 variable unset"),
        (step("pay$(unset)"), "A@1 variable unset"),
        ("parameters: [{name: t, type: string}]\n" + step("'${{ parameters.t }}'"), "A@1 parameter t"),
        ("steps: [{template: a.yml, parameters: {serviceConnection: payments}}]", "template a.yml"),
        (
            "extends: {template: b.yml@shared, parameters: {azureSubscription: payments}}",
            "template b.yml@shared",
        ),
    ],
)
def test_a_name_may_come_through_parameters_variables_and_templates(text: str, said: str) -> None:
    assert naming("payments", text) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "parameters: [{name: t, default: a, values: [a, b]}]\n" + step("'${{ parameters.t }}'"),
        "variables: {sc: other}\n" + step("$(sc)"),
        step("shop-$(unset)"),
        "variables: {sc: $(sc)}\n" + step("other"),
    ],
)
def test_what_cannot_be_the_name_does_not_count(text: str) -> None:
    assert naming("payments", text) == []


def test_a_variable_that_refers_to_itself_ends() -> None:
    assert naming("payments", "variables: {sc: $(sc)}\n" + step("$(sc)"))


def test_templates_are_seen() -> None:
    assert has_templates(document_of("steps: [{template: a.yml}]"))
    assert has_templates(document_of("extends: {template: a.yml}"))
    assert not has_templates(document_of(DEEP))
    assert not has_templates(document_of("- script: make"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("steps: [", "its YAML is not in order in line 1"),
        ("a: &x [1]\nb: *x", "it uses a YAML alias"),
        ("a: !!binary x", "its YAML is not in order in line 1"),
        ("a: !custom x", "its YAML is not in order in line 1"),
        ("[" * 3000, "its YAML is not in order"),
    ],
)
def test_a_text_that_is_no_pipeline_says_why(text: str, why: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        document_of(text)
    assert str(refused.value) == why


def test_a_text_without_end_is_given_up() -> None:
    deep: Any = "x"
    for _ in range(80):
        deep = [deep]
    with pytest.raises(UnreadableError, match="it is too large"):
        uses_of({"steps": deep})
    many = ", ".join(
        f"{{name: p{each}, default: a, values: [{', '.join('abcdefghij')}]}}" for each in range(9)
    )
    every = "".join(f"${{{{ parameters.p{each} }}}}" for each in range(9))
    (use,) = uses(f"parameters: [{many}]\nsteps: [{{task: A@1, inputs: {{azureSubscription: '{every}'}}}}]")
    assert len(use.values) <= 200


YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["steps", "task", "inputs", "template", "parameters", "variables", "name", "value", "values"]
            )
            | st.sampled_from(["default", "azureSubscription", "${{ if x }}", "jobs"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=timedelta(seconds=5))
@given(YAML)
def test_whatever_a_pipeline_says_is_read(document: Any) -> None:
    text = yaml.safe_dump(document)
    try:
        read = document_of(text)
        found = uses_of(read)
        has_templates(read)
    except UnreadableError:
        return
    assert all(isinstance(use.task, str) for use in found)
