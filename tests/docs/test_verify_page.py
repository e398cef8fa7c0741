"""The page about diagnoses: its commands find nothing where all is well, and what was changed by hand."""

import json
import re

from click.testing import CliRunner
from documentation import ROOT, blocks
from documented_checkout import Checkout

from azure_service_connections.cli.main import connections
from azure_service_connections.lifecycle.diagnosis.kinds import KINDS

PAGE = "docs/verify.md"
TEXT = (ROOT / PAGE).read_text("utf-8")
OF_A_STACK, WITHOUT, BEFORE, AS_JSON = (block.commands for block in blocks(PAGE, "sh"))


def test_before_up_the_caller_lacks_nothing(checkout: Checkout) -> None:
    (command,) = BEFORE
    assert "may do all that the stack sandbox needs" in checkout.sandboxed(command)


def test_a_stack_is_in_order_and_told_as_json(checkout: Checkout) -> None:
    checkout.make("make up")
    (command,) = OF_A_STACK
    assert "no findings in 7 connections" in checkout.sandboxed(command)
    (command,) = AS_JSON
    rows = json.loads(checkout.sandboxed(f"{command} 2>/dev/null"))
    assert [row["findings"] for row in rows] == [[]] * 7


def test_connections_are_looked_at_without_a_stack(checkout: Checkout) -> None:
    for command in WITHOUT:
        # The sample's old connections have something to be found.
        printed = checkout.sandboxed(f"{command} || [ $? -eq 3 ]")
        assert re.search(r"(no|\d+) findings? in \d+ connections?", printed), printed


def test_the_finding_that_is_shown_is_one_and_so_are_the_options() -> None:
    (shown,) = blocks(PAGE, "text")
    heading, what, fix = shown.text.splitlines()
    found = re.fullmatch(r"\w+: ([a-z-]+) \((\w+)\)", heading)
    assert found is not None
    assert found[2] in KINDS[found[1]].codes
    assert (what[:2], fix[:9]) == ("  ", "  To do: ")
    helped = CliRunner().invoke(connections, ["verify", "--help"]).output
    for option in set(re.findall(r"(--[a-z]+)", TEXT)) - {"--refresh"}:
        assert option in helped, option
