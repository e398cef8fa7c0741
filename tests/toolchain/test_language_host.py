"""What the Python language host is good for: programs, component packages, policy packs, YAML programs."""

import json
import sys

import pytest

PULUMI_YAML = "name: tiny\nruntime: python\n"

PROGRAM = """
import pulumi

config = pulumi.Config()


class Part(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("tiny:index:Part", name)
        self.register_outputs({})


Part("one")
pulumi.export("size", config.require_int("size"))
pulumi.export("key", config.require_secret("key"))
pulumi.export("secret", pulumi.runtime.is_config_secret("tiny:key"))
pulumi.export("project", pulumi.get_project())
pulumi.export("stack", pulumi.get_stack())
print("the program speaks")
"""

COMPONENTS = """
from typing import Optional, TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host


class GreeterArgs(TypedDict):
    greeting: pulumi.Input[str]


class Greeter(pulumi.ComponentResource):
    '''Greets.'''

    text: pulumi.Output[str]

    def __init__(self, name: str, args: GreeterArgs, opts: Optional[pulumi.ResourceOptions] = None):
        super().__init__("greet:index:Greeter", name, {}, opts)
        self.text = pulumi.Output.from_input(args["greeting"]).apply(lambda text: text + "!")
        self.register_outputs({"text": self.text})


if __name__ == "__main__":
    component_provider_host(name="greet", components=[Greeter])
"""

#: A policy pack without the policy SDK: the wire protocol itself.
POLICY_PACK = """
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
import pulumi
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2


STACK = f"{pulumi.get_project()}/{pulumi.get_stack()}"
SEEN = f"{STACK} size {pulumi.Config('tiny').require('size')} in {os.getcwd()}"


class Pack(analyzer_pb2_grpc.AnalyzerServicer):
    def GetAnalyzerInfo(self, request, context):
        rule = analyzer_pb2.PolicyInfo(name="no-parts", enforcementLevel=analyzer_pb2.MANDATORY)
        return analyzer_pb2.AnalyzerInfo(name="strict", version="0.0.1", policies=[rule])

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="0.0.1")

    def Analyze(self, request, context):
        if request.type != "tiny:index:Part":
            return analyzer_pb2.AnalyzeResponse()
        return analyzer_pb2.AnalyzeResponse(diagnostics=[analyzer_pb2.AnalyzeDiagnostic(
            policyName="no-parts", policyPackName="strict", policyPackVersion="0.0.1",
            message="no parts please: " + SEEN, enforcementLevel=analyzer_pb2.MANDATORY)])

    def AnalyzeStack(self, request, context):
        return analyzer_pb2.AnalyzeResponse()


server = grpc.server(ThreadPoolExecutor(4))
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Pack(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
server.wait_for_termination()
"""


@pytest.fixture
def tiny(project):
    made = project("tiny", Pulumi_yaml=PULUMI_YAML, __main___py=PROGRAM).stack()
    made.run("config", "set", "size", "3")
    made.run("config", "set", "--secret", "key", "hidden")
    return made


@pytest.fixture
def components(project):
    return project("components", PulumiPlugin_yaml="runtime: python\n", __main___py=COMPONENTS)


def test_a_program_comes_up_and_the_second_up_changes_nothing(tiny):
    first = tiny.run("up", "--yes")
    assert "the program speaks" in first
    assert "+ 2 created" in first
    assert tiny.outputs() == {"size": 3, "key": "hidden", "secret": True, "project": "tiny", "stack": "test"}
    assert "2 unchanged" in tiny.run("up", "--yes", "--expect-no-changes")


def test_a_secret_of_the_configuration_stays_one(tiny):
    assert "hidden" not in tiny.run("up", "--yes", "--skip-preview")
    assert json.loads(tiny.run("stack", "output", "--json"))["key"] == "[secret]"


@pytest.mark.parametrize(
    ("statement", "said", "traceback"),
    [
        ("raise pulumi.RunError('no such project')", "error: no such project", False),
        ("raise ValueError('a mistake')", "ValueError: a mistake", True),
    ],
)
def test_a_program_that_fails_shows_its_error_once(project, statement, said, traceback):
    made = project("tiny", Pulumi_yaml=PULUMI_YAML, __main___py=f"import pulumi\n{statement}\n").stack()
    output = made.run("preview", fails=True)
    shown = output.partition("Diagnostics:")[2]
    assert shown.count(said) == 1
    assert ("Traceback" in shown) == traceback


def test_a_program_that_exits_by_itself_is_told_by_its_code(project):
    made = project("tiny", Pulumi_yaml=PULUMI_YAML, __main___py="import os\nos._exit(7)\n").stack()
    assert "program exited with non-zero exit code: 7" in made.run("preview", fails=True)


def test_the_virtual_environment_of_the_project_file_wins(project):
    made = project("tiny", __main___py="import pulumi, sys\npulumi.export('prefix', sys.prefix)\n")
    (made.folder / "environment").symlink_to(sys.prefix)
    made.write(
        Pulumi_yaml="name: tiny\nruntime: {name: python, options: {virtualenv: environment}}\n"
    ).stack()
    del made.environment["VIRTUAL_ENV"]
    made.run("up", "--yes", "--skip-preview")
    assert made.outputs()["prefix"] in (sys.prefix, str(made.folder / "environment"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("{virtualenv: missing}", "missing does not exist; make it with 'python3 -m venv "),
        ("{toolchain: conda}", 'runtime option toolchain is "conda"; write pip, poetry or uv'),
    ],
)
def test_runtime_options_that_cannot_be_followed_are_told_in_a_sentence(project, options, said):
    runtime = f"name: tiny\nruntime: {{name: python, options: {options}}}\n"
    made = project("tiny", Pulumi_yaml=runtime, __main___py="").stack()
    assert said in made.run("preview", fails=True)


def test_about_names_the_interpreter(tiny):
    about = json.loads(tiny.run("about", "--json"))
    assert about["runtime"]["executable"].startswith(sys.prefix)
    assert about["runtime"]["version"] == ".".join(map(str, sys.version_info[:3]))


def test_the_schema_of_a_component_folder_is_read(components):
    schema = json.loads(components.run("package", "get-schema", "."))
    assert schema["resources"]["greet:index:Greeter"]["inputProperties"] == {"greeting": {"type": "string"}}


def test_naming_a_component_folder_installs_nothing_into_an_environment_that_exists(components):
    output = components.run("package", "get-schema", ".", PIP_NO_INDEX="1")
    assert "pip" not in output


def test_a_yaml_program_uses_a_component_folder(project, components):
    program = """
    name: spoken
    runtime: yaml
    packages: {greet: ../components}
    resources:
      greeter: {type: "greet:Greeter", properties: {greeting: hello}}
    outputs: {text: "${greeter.text}"}
    """
    made = project("spoken", Pulumi_yaml=program).stack()
    assert "+ 2 created" in made.run("up", "--yes", "--skip-preview")
    assert made.outputs() == {"text": "hello!"}


def test_a_policy_pack_sees_the_stack_and_stops_the_preview(project, tiny):
    pack = project("pack", PulumiPolicy_yaml="runtime: python\n", __main___py=POLICY_PACK)
    output = tiny.run("preview", "--policy-pack", str(pack.folder), fails=True)
    assert f"no parts please: tiny/test size 3 in {pack.folder}" in output


def test_an_error_of_a_component_package_reaches_the_user(project):
    broken = project(
        "broken", PulumiPlugin_yaml="runtime: python\n", __main___py="raise SystemExit('out of paper')\n"
    )
    assert "out of paper" in broken.run("package", "get-schema", ".", fails=True)


def test_a_folder_that_is_no_package_is_told_so(project):
    empty = project("empty", PulumiPlugin_yaml="runtime: python\n")
    assert "is no component package; give it a __main__.py" in empty.run(
        "package", "get-schema", ".", fails=True
    )
