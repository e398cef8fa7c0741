"""The page about identities of others: its commands write the request and go on once it is fulfilled."""

import re

import yaml
from click.testing import CliRunner
from documentation import ROOT, blocks
from documented_checkout import Checkout

from azure_service_connections.cli.main import connections
from azure_service_connections.lifecycle.apply.execution import WAIT_STEP_SECONDS

PAGE = "docs/handoff.md"
(SHELL,) = blocks(PAGE, "sh")
TEXT = (ROOT / PAGE).read_text("utf-8")

PLACE = """
python - <<'SCRIPT'
import yaml
from azure_service_connections.lifecycle.services import Services

with open("conversion-plan.handoff.yaml") as file:
    (request,) = yaml.safe_load(file)["requests"]
credential = request["credential"]
with Services() as services:
    answer = services.graph(
        "POST",
        f"/applications/{request['identity']['objectId']}/federatedIdentityCredentials",
        body={
            "name": credential["name"],
            "issuer": credential["issuer"],
            "subject": credential["subject"],
            "audiences": [credential["audience"]],
        },
    )
assert answer.status == 201, answer
SCRIPT
"""


def test_the_commands_ask_and_go_on_when_the_credential_is_there(checkout: Checkout) -> None:
    plan, handoff, apply = SHELL.commands
    checkout.sandboxed(f"{plan} || [ $? -eq 3 ]")
    path = checkout.folder / "conversion-plan.yaml"
    # The sample's operator may change every application, so the plan asks nobody by itself.
    path.write_text(path.read_text("utf-8").replace("credential: place", "credential: handoff"))
    assert "1 credential to place" in checkout.sandboxed(f"{handoff} || [ $? -eq 3 ]")
    request = yaml.safe_load((checkout.folder / "conversion-plan.handoff.yaml").read_text("utf-8"))
    assert set(request["requests"][0]) >= {"identity", "credential", "who", "reach", "pipelines"}
    assert "1 waiting" in checkout.sandboxed(f"{apply} || [ $? -eq 3 ]")
    checkout.sandboxed(PLACE)
    assert "1 entry: 1 done" in checkout.sandboxed(apply)


def test_the_options_and_figures_of_the_page_are_the_command_s() -> None:
    helped = CliRunner().invoke(connections, ["apply", "--help"]).output
    for option in set(re.findall(r"`(--[a-z-]+)", TEXT)):
        assert option in helped, option
    assert WAIT_STEP_SECONDS == 15
    assert "every fifteen seconds" in TEXT
