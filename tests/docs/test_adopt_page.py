"""The page about adopting connections: its commands do what it says, its options are the command's."""

import re

from click.testing import CliRunner
from documentation import ROOT, blocks
from documented_checkout import Checkout

from azure_service_connections.cli.main import connections
from azure_service_connections.configuration.models import Connection
from azure_service_connections.configuration.sentences import keys_of

PAGE = "docs/adopt.md"
TEXT = (ROOT / PAGE).read_text("utf-8")
ADOPTED, FROM_TERRAFORM = blocks(PAGE, "sh")


def test_the_commands_adopt_the_sample_s_connection_once_it_is_converted(checkout: Checkout) -> None:
    checkout.run("source scripts/environment; python toolchain/engine.py")
    checkout.sandboxed("connections plan || [ $? -eq 3 ]; connections apply conversion-plan.yaml --yes")
    # Nobody has retired the secret of before, and `connections verify` has something to say about it.
    *done, last = ADOPTED.commands
    shown, adopted, updated = [checkout.sandboxed(command) for command in done]
    verified = checkout.sandboxed(f"{last} || [ $? -eq 3 ]")
    assert "1 connection would be adopted; nothing was written." in shown
    assert "and its preview shows no change" in adopted
    assert re.search(r"[0-9]+ unchanged", updated)
    assert "created" not in updated
    assert "updated" not in updated
    assert "payments-legacy: in order" in verified


def test_the_options_of_the_page_are_those_of_the_command() -> None:
    helped = CliRunner().invoke(connections, ["adopt", "--help"]).output
    for option in re.findall(r"`(--?[a-z][a-z-]*)", TEXT):
        assert option in helped, option
    for command in (*ADOPTED.commands, *FROM_TERRAFORM.commands):
        if command.startswith("connections adopt"):
            assert set(re.findall(r"--[a-z-]+", command)) <= set(re.findall(r"--[a-z-]+", helped))


def test_the_keys_of_the_page_are_those_of_a_stack_s_file() -> None:
    table = TEXT.split("|---|---|")[1].split("\n\n")[0]
    known = {*keys_of(Connection), "adopted", "resourceId", "assignmentName"}
    named = {each for each in re.findall(r"`([a-z][A-Za-z]*)`", table) if each != "true"}
    assert named - known == set()
