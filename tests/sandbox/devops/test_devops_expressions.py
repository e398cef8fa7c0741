"""Template expressions of pipelines, and the service connections that a pipeline names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.sandbox.devops.expressions import ExpressionError, evaluate, expand_text
from azure_service_connections.sandbox.devops.pipeline_yaml import PipelineError, read_pipeline

VALUES = {
    "parameters": {"Name": "payments", "many": ["a", "b"], "object": {"inner key": {"deep": 3}}, "yes": True},
    "variables": {"region": "west"},
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("parameters.name", "payments"),
        ("parameters['name']", "payments"),
        ("parameters.many[1]", "b"),
        ("parameters.object['inner key'].deep", 3),
        ("parameters.missing", None),
        ("eq(parameters.name, 'PAYMENTS')", True),
        ("and(parameters.yes, ne(variables.region, 'east'))", True),
        ("or(false, not(true))", False),
        ("in('B', 'a', 'b')", True),
        ("notIn('c', 'a', 'b')", True),
        ("contains(parameters.many, 'A')", True),
        ("contains('Payments', 'MENT')", True),
        ("contains(parameters.many, 'c')", False),
        ("startsWith(parameters.name, 'Pay')", True),
        ("coalesce(parameters.missing, '', 'last')", "last"),
        ("format('{0}-{1}', variables.region, 2)", "west-2"),
        ("iif(parameters.yes, 'it''s', 'no')", "it's"),
        ("join(',', parameters.many)", "a,b"),
        ("eq(parameters.yes, 'true')", True),
        ("eq(2, 2)", True),
        ("eq(2, 3)", False),
        ("ne(parameters.missing, null)", False),
    ],
)
def test_an_expression_has_the_value_that_the_service_gives_it(expression: str, value: object) -> None:
    assert evaluate(expression, VALUES) == value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "missing"),
        ("nothing", "Unrecognized value: 'nothing'"),
        ("pow(2)", "Unrecognized function: 'pow'"),
        ("eq(1)", "do not fit"),
        ("eq(1, 2", "missing"),
        ("1 2", "Unexpected symbol: '2'"),
        ("a ? b", "Unexpected symbol: '?'"),
    ],
)
def test_an_expression_that_is_not_one_is_refused(expression: str, said: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        evaluate(expression, VALUES)
    assert said in str(refusal.value)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_as_a_literal(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    assert evaluate(quoted, {}) == text


@given(st.text())
def test_a_text_without_expressions_is_left_alone(text: str) -> None:
    assert "${{" in text or expand_text(text, VALUES) == text


def test_a_text_around_expressions_is_text_and_a_lone_expression_keeps_its_type() -> None:
    assert expand_text("${{ parameters.many }}", VALUES) == ["a", "b"]
    assert expand_text("is ${{ parameters.yes }} in ${{ variables.region }}", VALUES) == "is True in west"


def named(text: str, **parameters: object) -> list[str]:
    return [use.connection for use in read_pipeline(text, parameters).uses]


def test_conditions_choose_and_loops_repeat() -> None:
    text = """
parameters:
- {name: where, type: string, default: one}
- {name: regions, type: object, default: [east, west]}
jobs:
- job: deploy
  steps:
  - ${{ if eq(parameters.where, 'one') }}:
    - task: AzureCLI@2
      inputs: {azureSubscription: first}
  - ${{ elseif eq(parameters.where, 'two') }}:
    - task: AzureCLI@2
      inputs: {azureSubscription: second}
  - ${{ else }}:
    - task: AzureCLI@2
      inputs: {azureSubscription: third}
  - ${{ each region in parameters.regions }}:
    - task: AzureCLI@2
      inputs:
        ${{ if eq(region, 'east') }}:
          connectedServiceNameARM: shop-${{ region }}
        ${{ else }}:
          azureServiceConnection: pay-${{ region }}
"""
    assert named(text) == ["first", "shop-east", "pay-west"]
    assert named(text, where="two", regions=[]) == ["second"]
    assert named(text, where="three", regions="[east]") == ["third", "shop-east"]


def test_a_loop_needs_a_name_and_values() -> None:
    with pytest.raises(PipelineError, match="Expected 'each name in values'"):
        named("steps:\n- ${{ each x of y }}:\n  - script: x")


def test_variables_of_the_pipeline_are_filled_in_and_others_left() -> None:
    text = """
variables:
- {name: connection, value: payments}
- group: secrets
steps:
- task: AzureCLI@2
  inputs: {azureSubscription: $(Connection)}
- task: AzureCLI@2
  inputs: {azureSubscription: $(elsewhere)}
- task: AzureCLI@2
  inputs: {azureSubscription: '${{ variables.connection }}-two'}
"""
    assert named(text) == ["payments", "$(elsewhere)", "payments-two"]


def test_numbers_and_booleans_are_checked() -> None:
    text = "parameters: [{name: n, type: number}, {name: b, type: boolean, default: true}]\nsteps: []"
    assert named(text, n="3", b="FALSE") == []
    with pytest.raises(PipelineError, match="not a valid Number"):
        named(text, n="three")


def test_inputs_of_other_kinds_are_not_connections() -> None:
    assert named("steps: [{task: X@1, inputs: {script: azureSubscription, workingDirectory: a}}]") == []
