"""The components as a package for programs in other languages."""

import json
from typing import Any

import pulumi
import pytest
from mock_cloud import ENDPOINT, PROJECT, SUBSCRIPTION, Cloud, run, start

from azure_service_connections.catalogue import clouds, rules
from components.closed_lists import CLOSED_LISTS
from components.package import COMPONENTS, NAME, VERSION, Package

CONNECTION = "azure-service-connections:index:ServiceConnection"


@pytest.fixture(scope="module")
def package() -> Package:
    return Package()


@pytest.fixture(scope="module")
def schema(package: Package) -> dict[str, Any]:
    return json.loads(package.schema or "{}")  # type: ignore[no-any-return]


def test_every_component_is_in_the_package_under_its_token(schema: dict[str, Any]) -> None:
    assert (schema["name"], schema["version"]) == (NAME, VERSION)
    assert set(schema["resources"]) == {f"{NAME}:index:{component.__name__}" for component in COMPONENTS}


def test_every_input_and_output_is_described(schema: dict[str, Any]) -> None:
    described = []
    for resource in schema["resources"].values():
        assert resource["description"]
        described += [*resource["inputProperties"].items(), *resource["properties"].items()]
    for group in schema["types"].values():
        assert group["description"]
        described += group.get("properties", {}).items()
    assert len(described) > 60
    assert [name for name, each in described if not each.get("description")] == []


def test_an_input_of_a_few_words_is_an_enum_and_a_string(schema: dict[str, Any]) -> None:
    choices = schema["types"][f"{NAME}:index:CloudArgs"]["properties"]["environment"]["oneOf"]
    assert choices == [{"type": "string"}, {"$ref": f"#/types/{NAME}:index:CloudEnvironment"}]
    enums = {token: each["enum"] for token, each in schema["types"].items() if "enum" in each}
    assert sorted(token.rpartition(":")[2] for token in enums) == sorted(each.name for each in CLOSED_LISTS)
    words = [word["value"] for word in enums[f"{NAME}:index:CloudEnvironment"]]
    assert words == list(clouds.ENVIRONMENTS)
    assert [word for word in words if rules.environment(word) is not None] == []


def test_descriptions_are_one_line(schema: dict[str, Any]) -> None:
    assert "\\n" not in json.dumps(schema)


def construct(package: Package, inputs: dict[str, Any], resource: str = CONNECTION) -> Cloud:
    """Make a component as a program in another language does: inputs in the spelling of the schema."""
    cloud = start(Cloud())
    run(lambda: package.construct("payments", resource, inputs))
    return cloud


def inputs(**changes: Any) -> dict[str, Any]:
    return {
        "projectId": PROJECT,
        "appRegistration": {"displayName": "payments pipelines"},
        "subscription": {"id": SUBSCRIPTION, "name": "Payments production"},
        "pipelines": {"first_key": {"id": 7.0}},
        **changes,
    }


def test_a_program_in_another_language_makes_the_same_connection(package: Package) -> None:
    cloud = construct(package, inputs())
    assert cloud.one(ENDPOINT)["projectId"] == PROJECT
    # What the state holds of the component is what that program wrote.
    assert cloud.one(CONNECTION) == inputs()


def test_all_mistakes_come_back_with_their_paths_and_in_the_same_words(package: Package) -> None:
    wrong = inputs(projectId="Payments", descriptoin="x", subscription={"id": SUBSCRIPTION, "nmae": "s"})
    with pytest.raises(pulumi.InputPropertiesError) as raised:
        construct(package, wrong)
    assert raised.value.message == "ServiceConnection 'payments' cannot be made"
    assert raised.value.errors == [
        {
            "property_path": "subscription.nmae",
            "reason": "'nmae' is not known here; write 'name'",
        },
        {"property_path": "subscription.name", "reason": "is missing; write its name"},
        {"property_path": "descriptoin", "reason": "'descriptoin' is not known here; write 'description'"},
    ]


def test_mistakes_that_only_the_component_sees_come_back_with_their_paths_too(package: Package) -> None:
    with pytest.raises(pulumi.InputPropertiesError) as raised:
        construct(package, inputs(projectId="Payments"))
    assert raised.value.errors == [
        {
            "property_path": "projectId",
            "reason": "'Payments' is not a GUID; write it in the form 00000000-0000-0000-0000-000000000000",
        }
    ]
