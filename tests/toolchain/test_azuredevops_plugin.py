"""The azuredevops plugin is the published one in everything that a program and a state can see."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pulumi_azuredevops
import pytest

SDK = Path(pulumi_azuredevops.__file__).parent


def modules() -> Iterator[tuple[str, str]]:
    """Token and source of each resource and function of the SDK."""
    for module in sorted(SDK.glob("*.py")):
        source = module.read_text(encoding="utf-8")
        for token in dict.fromkeys(re.findall(r"'(azuredevops:index/\w+:\w+)'", source)):
            yield token, source


def camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def resource_class(token: str, source: str) -> str:
    return source[source.index(f"\nclass {token.rpartition(':')[2]}(") :]


def shape(annotation: str) -> str:
    """The schema's word for a Python annotation."""
    inner = re.sub(r"pulumi\.Output\[|Optional\[|_builtins\.|builtins\.", "", annotation)
    words = {"Sequence": "array", "Mapping": "map", "'": "object", "str": "string", "int": "integer",
             "bool": "boolean", "float": "number"}  # fmt: skip
    return next(word for start, word in words.items() if inner.startswith(start))


@pytest.fixture(scope="module")
def schema(engine_bin, tmp_path_factory):
    """What the plugin says about itself."""
    folder = tmp_path_factory.mktemp("schema")
    done = subprocess.run(
        [engine_bin / "pulumi", "package", "get-schema", engine_bin / "pulumi-resource-azuredevops"],
        cwd=folder,
        env={**os.environ, "PULUMI_HOME": str(folder), "PULUMI_BACKEND_URL": f"file://{folder}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_plugin_has_the_version_that_the_sdk_asks_for(schema):
    wanted = json.loads((SDK / "pulumi-plugin.json").read_text(encoding="utf-8"))
    assert (schema["name"], schema["version"]) == (wanted["name"], wanted["version"])


def test_no_token_of_the_sdk_is_missing_and_none_is_made_up(schema):
    tokens = {token for token, _ in modules()}
    assert len(tokens) > 170
    ours = {*schema["resources"], *schema["functions"]}
    assert {token for token in ours if not token.startswith("pulumi:providers:")} == tokens


def test_every_property_has_the_published_name_and_shape(schema):
    checked = 0
    for token, source in modules():
        if token not in schema["resources"]:
            continue
        getter = r'@pulumi\.getter(?:\(name="(\w+)"\))?\n(?:    @[^\n]+\n)*    def (\w+)\(self\) -> ([^\n]+):'
        published = {
            renamed or camel(name): shape(annotation)
            for renamed, name, annotation in re.findall(getter, resource_class(token, source))
        }
        ours = {
            name: "object"
            if "$ref" in described
            else {"object": "map"}.get(described["type"], described["type"])
            for name, described in schema["resources"][token]["properties"].items()
        }
        assert ours == published, token
        checked += len(ours)
    assert checked > 900


def test_every_function_takes_the_published_arguments(schema):
    for token, source in modules():
        if token in schema["functions"]:
            published = set(re.findall(r"__args__\['(\w+)'\]", source))
            assert set(schema["functions"][token].get("inputs", {}).get("properties", {})) == published, token


def test_the_same_properties_are_required_as_published(schema):
    for token, source in modules():
        arguments = re.search(
            r"class \w+Args:\n    def __init__\(__self__, \*,\n(.*?)\):\n", source, re.DOTALL
        )
        if token in schema["resources"] and arguments:
            published = {
                camel(line.split(":")[0].strip()).lower()
                for line in arguments[1].splitlines()
                if ":" in line and "= None" not in line
            }
            ours = {name.lower() for name in schema["resources"][token].get("requiredInputs", [])}
            assert ours == published, token


def test_the_same_properties_are_secret_as_published(schema):
    secrets = 0
    for token, source in modules():
        if token in schema["resources"]:
            listed = re.search(r"additional_secret_outputs=\[([^\]]*)\]", source)
            published = set(re.findall(r'"(\w+)"', listed[1])) if listed else set()
            properties = schema["resources"][token]["properties"]
            assert {name for name, one in properties.items() if one.get("secret")} == published, token
            secrets += len(published)
    assert secrets > 30


PROGRAM = """
import pulumi
import pulumi_azuredevops as azuredevops

pulumi.export("id", azuredevops.get_project(name="Payments").id)
"""


def test_a_program_is_served_by_the_real_provider(organization, site):
    made = organization(Pulumi_yaml="name: devops\nruntime: python\n", __main___py=PROGRAM)
    output = made.run("up", "--yes", "--skip-preview")
    assert "1 created" in output
    assert made.outputs() == {"id": "0a0b0c0d-0000-4000-8000-000000000001"}
    assert site.asked[0] == "OPTIONS /org/_apis"
    assert "GET /org/_apis/ResourceAreas" in site.asked
    assert "GET /org/_apis/projects/Payments" in site.asked
    assert "personal-access-token" not in output


def test_a_resource_without_a_name_gets_one_of_the_published_form(organization):
    program = "import pulumi_azuredevops as azuredevops\nazuredevops.Project('payments')\n"
    made = organization(Pulumi_yaml="name: devops\nruntime: python\n", __main___py=program)
    steps = json.loads(made.run("preview", "--json"))["steps"]
    [step] = [step for step in steps if step["urn"].endswith("::payments")]
    assert re.fullmatch(r"payments-[0-9a-f]{7}", step["newState"]["inputs"]["name"])


def test_a_yaml_program_uses_the_plugin_directly(organization):
    program = """
    name: devops
    runtime: yaml
    resources:
      payments: {type: "azuredevops:Project", properties: {visibility: private}}
    outputs:
      found: {fn::invoke: {function: "azuredevops:getProject", arguments: {name: Payments}, return: id}}
    """
    steps = json.loads(organization(Pulumi_yaml=program).run("preview", "--json"))["steps"]
    [step] = [step for step in steps if step["urn"].endswith("::payments")]
    assert step["newState"]["inputs"]["visibility"] == "private"
