"""Pages hold together: links lead somewhere, commands exist, snippets are what they say."""

import re
import shlex
from pathlib import Path

import pulumi
import pytest
import yaml
from click.testing import CliRunner
from documentation import ROOT, blocks, links, pages

from azure_service_connections.cli.main import connections
from azure_service_connections.components import ServiceConnectionArgs
from azure_service_connections.configuration.loader import load

GUID = "00000000-0000-0000-0000-000000000003"
PAGES = [str(page.relative_to(ROOT)) for page in pages()]
COMMANDS = [
    (block.page, command) for page in PAGES for block in blocks(page, "sh") for command in block.commands
]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    for link in links(ROOT / page):
        assert (ROOT / page).parent.joinpath(link).exists(), link


@pytest.mark.parametrize(("page", "command"), [each for each in COMMANDS if each[1].startswith("make ")])
def test_every_make_command_is_in_the_makefile(page: str, command: str) -> None:
    target = command.split()[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), (page, command)


@pytest.mark.parametrize(
    ("page", "command"), [each for each in COMMANDS if each[1].startswith("connections ")]
)
def test_every_connections_command_exists_with_its_options(page: str, command: str) -> None:
    words = shlex.split(command)[1:]
    verbs = [word for word in words if not word.startswith("-") and "." not in word and word.islower()]
    helped = CliRunner().invoke(connections, [*verbs, "--help"])
    assert helped.exit_code == 0, helped.output
    for option in (word for word in words if word.startswith("--")):
        assert option in helped.output, (page, command)


def test_the_stack_of_the_readme_is_accepted() -> None:
    block, _ = blocks("README.md", "yaml")
    config = yaml.safe_load(block.text)["config"]
    assert list(load(config["azure-service-connections:connections"])) == ["payments-production"]


def test_a_stack_of_the_readme_with_files_reads_them(tmp_path: Path) -> None:
    whole, files = (yaml.safe_load(block.text)["config"] for block in blocks("README.md", "yaml"))
    held = {"connections": whole["azure-service-connections:connections"]}
    (tmp_path / "stacks" / "prod").mkdir(parents=True)
    (tmp_path / "stacks" / "prod" / "payments.yaml").write_text(yaml.safe_dump(held))
    named = files["azure-service-connections:connectionFiles"]
    assert list(load({}, files=named, folder=tmp_path)) == ["payments-production"]


def test_the_program_of_the_readme_makes_the_connection() -> None:
    made: list[str] = []

    class Cloud(pulumi.runtime.Mocks):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, object]]:
            made.append(args.typ)
            identifiers = {
                "clientId": GUID,
                "objectId": GUID,
                "applicationTenantId": GUID,
                "workloadIdentityFederationIssuer": "https://login.microsoftonline.com/tenant/v2.0",
                "workloadIdentityFederationSubject": "/eid1/c/pub/t/tenant/a/application/sc/one/two",
            }
            application = args.typ == "azuread:index/application:Application"
            return f"/applications/{GUID}" if application else GUID, {**args.inputs, **identifiers}

        def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, object]:
            return {}

    pulumi.runtime.set_mocks(Cloud())
    (block,) = blocks("README.md", "python")

    @pulumi.runtime.test
    def program() -> None:
        exec(compile(block.text, block.page, "exec"), {})

    program()
    assert "azure-service-connections:index:ServiceConnection" in made
    assert "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM" in made


def test_the_yaml_program_names_the_components_and_their_inputs() -> None:
    (block,) = blocks("docs/component-package.md", "yaml")
    program = yaml.safe_load(block.text)
    assert Path(program["packages"]["azure-service-connections"]).name == "components"
    resource = program["resources"]["payments"]
    assert resource["type"] == "azure-service-connections:ServiceConnection"
    for key in resource["properties"]:
        assert snake(key) in ServiceConnectionArgs.__annotations__


def test_every_control_request_of_the_page_is_served() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text()
    served = {
        f"{method.upper()} {path}"
        for file in (ROOT / "azure_service_connections" / "sandbox" / "control").glob("*.py")
        for method, path in re.findall(r'ROUTES\.(\w+)\("/_sandbox/([\w-]+)"\)', file.read_text())
    }
    named = set(re.findall(r"`((?:GET|POST|DELETE) [\w-]+)`", text))
    assert named
    assert named <= served


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)
