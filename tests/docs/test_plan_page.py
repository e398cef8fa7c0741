"""The page about converting what exists: its plan is one, and its commands do what it says."""

import re

import yaml
from documentation import ROOT, blocks
from documented_checkout import Checkout

from azure_service_connections.catalogue.pipeline_tasks import Federation, tasks_of
from azure_service_connections.lifecycle.plan.plan_reading import plan_of, read_plan

PAGE = "docs/plan.md"
SHELL = blocks(PAGE, "sh")
PLAN, TASKS = blocks(PAGE, "yaml")


def test_the_commands_convert_the_sample_estate_as_the_page_shows(checkout: Checkout) -> None:
    shown = plan_of(PLAN.text, PAGE)
    for command in SHELL[0].commands:
        # What there is to do is told by the exit code as well.
        allowed = " || [ $? -eq 3 ]" if command.startswith(("connections plan", "connections status")) else ""
        printed = checkout.sandboxed(command + allowed)
        if command == "connections plan":
            assert "1 convert; review conversion-plan.yaml, then run `connections apply" in printed
    (written,), (wanted,) = (
        each.entries for each in (read_plan(checkout.folder / "conversion-plan.yaml"), shown)
    )
    varying = {"organization", "deadline", "expects", "identity"}
    assert written.model_dump(exclude=varying) == wanted.model_dump(exclude=varying)
    assert "nothing to do: 1 keep" in checkout.sandboxed("connections plan -f again.yaml")


def test_what_was_made_by_hand_has_no_way_back(checkout: Checkout) -> None:
    (command,) = SHELL[1].commands
    if not (checkout.folder / "conversion-plan.yaml").exists():
        checkout.sandboxed("connections plan || connections apply conversion-plan.yaml --yes")
    printed = checkout.sandboxed(f"{command} --yes 2>&1 || [ $? -eq 1 ]")
    assert "made by hand" in " ".join(printed.split())


def test_the_table_of_one_s_own_is_one() -> None:
    table = tasks_of(TASKS.text)
    assert table.of("OurDeployment@0").instead == "OurDeployment@1"
    assert table.of("OurDeployment@1").federation is Federation.SUPPORTED
    assert set(yaml.safe_load(TASKS.text)) == {"tasks"}


def test_every_option_that_the_page_names_is_one_of_the_command(checkout: Checkout) -> None:
    text = (ROOT / PAGE).read_text("utf-8")
    helped = checkout.run(".venv/bin/connections plan --help")
    named = set(re.findall(r"`(--[a-z-]+)", text))
    assert {"--handoff", "--convert", "--accept-unsupported", "--only", "--retire", "--tasks"} <= named
    for option in named:
        assert option in helped, option
