"""The page about carrying plans out: its commands do what it says, its options are the command's."""

import re
from typing import get_args

from click.testing import CliRunner
from documentation import ROOT, blocks
from documented_checkout import Checkout

from azure_service_connections.cli.main import connections
from azure_service_connections.lifecycle.apply.entry_pool import AT_A_TIME
from azure_service_connections.lifecycle.apply.journal import Step
from azure_service_connections.lifecycle.apply.trust_placing import MOST
from azure_service_connections.lifecycle.inventory.verdicts import REVERT_DAYS

PAGE = "docs/apply.md"
FORWARD, BACK = blocks(PAGE, "sh")
TEXT = (ROOT / PAGE).read_text("utf-8")


def test_the_commands_carry_the_sample_s_plan_out_and_tell_that_it_is_finished(checkout: Checkout) -> None:
    checkout.sandboxed("connections plan || [ $? -eq 3 ]")
    applied, status, days = [checkout.sandboxed(command) for command in FORWARD.commands]
    assert "1 entry: 1 done" in applied
    assert "finished; 1 done" in " ".join(status.split())
    assert "can be taken back" in days
    (command,) = BACK.commands
    back = checkout.sandboxed(f"{command} --yes || [ $? -eq 1 ]")
    assert "it was made by hand" in " ".join(back.split())


def test_the_steps_of_the_page_are_those_of_the_journal() -> None:
    named = set(re.findall(r"`([a-z-]+)`", TEXT.split("|---|---|---|")[1].split("\n\n")[0]))
    # What lost its other half is removed by a step of its own, which the page of plans tells of.
    assert named == set(get_args(Step)) - {"removed"}


def test_the_options_of_the_page_are_those_of_the_command() -> None:
    helped = CliRunner().invoke(connections, ["apply", "--help"]).output
    for option in re.findall(r"`(--?[a-z-]+)", TEXT):
        assert option in helped or option in ("--plan",), option
    assert f"| {AT_A_TIME} |" in TEXT


def test_the_figures_of_the_page_are_the_code_s() -> None:
    assert (MOST, REVERT_DAYS) == (20, 7)
    assert "twenty is the most" in TEXT
    assert "for seven days" in TEXT
