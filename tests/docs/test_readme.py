"""What the README says is what happens."""

import re

import pytest
from documentation import ROOT, blocks
from documented_checkout import Checkout

SHELL = blocks("README.md", "sh")


@pytest.fixture(scope="module")
def brought_up(checkout: Checkout) -> str:
    """What the first `make up` prints; what follows in the README starts from there."""
    return checkout.make("make up")


def test_make_up_ends_with_the_table_that_the_readme_shows(brought_up: str) -> None:
    assert SHELL[0].commands == ["make up", "make test"]
    (shown,) = blocks("README.md", "text")
    assert words(shown.text) in words(brought_up)
    assert "Look around with:" in brought_up


def test_a_second_make_up_changes_nothing(checkout: Checkout, brought_up: str) -> None:
    printed = checkout.make("make up")
    assert re.search(r"Resources:\n\s+\d+ unchanged\n", printed), printed
    assert "created" not in printed


def test_bringing_it_up_changes_no_tracked_file(checkout: Checkout, brought_up: str) -> None:
    for path in (ROOT / "stacks").glob("Pulumi.*.yaml"):
        assert (checkout.folder / "stacks" / path.name).read_text() == path.read_text()


def test_one_can_look_around_as_told(checkout: Checkout, brought_up: str) -> None:
    printed = checkout.run(with_engine(SHELL[1].text))
    assert "payments-production" in printed
    assert re.search(r"\d+ unchanged", printed)


def test_a_stack_for_a_real_cloud_is_prepared_as_told(checkout: Checkout, brought_up: str) -> None:
    commands = SHELL[2].commands
    prepared = [line for line in commands if " stack init " in line or " config set " in line]
    assert len(prepared) == 3
    script = 'eval "$(.venv/bin/connections sandbox env)"\n' + "\n".join(prepared)
    checkout.run(with_engine(script), given="token\n")
    written = (checkout.folder / "stacks" / "Pulumi.dev.yaml").read_text()
    assert "azuredevops:orgServiceUrl: https://dev.azure.com/YOUR-ORGANIZATION" in written
    assert re.search(r"azuredevops:personalAccessToken:\s+secure: v1:", written)
    for line in sorted(set(commands) - set(prepared)):
        verb = line.split()[1]
        checkout.run(with_engine(f"pulumi {verb} --help"))


def test_the_schema_of_the_component_package_is_had_as_told(checkout: Checkout) -> None:
    (command,) = blocks("docs/component-package.md", "sh")[-1].commands
    assert '"azure-service-connections:index:ServiceConnection"' in checkout.run(with_engine(command))


def with_engine(script: str) -> str:
    return f"source scripts/environment\n{script}"


def words(text: str) -> str:
    return " ".join(text.split())
