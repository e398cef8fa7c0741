"""The command that adopts connections: what it shows, what it refuses, and its exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from served_cloud import World
from test_adopt_undo import Fake

from azure_service_connections.cli import adopt
from azure_service_connections.cli.main import main
from azure_service_connections.lifecycle.engine import Engine

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """An engine with the empty stack `prod`."""
    made = Fake(tmp_path)

    def engine(stack: str | None) -> Engine:
        return Engine(stack or "prod", tmp_path, {}, made)

    monkeypatch.setattr(adopt, "Engine", engine)
    return made


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said about a failure."""
    return capsys.readouterr().err.splitlines()[-1]


def test_a_dry_run_shows_the_entry_and_the_table(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "--name", "shop", "--dry-run"]) == 0
    shown, talk = capsys.readouterr()
    entry = yaml.safe_load(shown[: shown.index("\n\n")])
    assert entry["shop"]["project"] == "Web"
    assert entry["shop"]["appRegistration"]["adopted"] is True
    assert "fabrikam/Web/shop" in shown
    assert talk.splitlines()[-1] == "1 connection would be adopted; nothing was written."
    assert fake.commands == ["stack export"]
    assert not fake.path.exists()


def test_the_report_is_written_as_json(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "--dry-run", "--json", "--except", "audit"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (report["result"], report["stack"]) == ("planned", "prod")
    assert "shop" in {each["key"] for each in report["adopted"]}
    reasons = {each["address"]: each["reason"] for each in report["leftOut"]}
    assert reasons["fabrikam/Web/audit"] == "you left it out"


def test_without_a_terminal_nobody_is_asked(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "--name", "shop"]) == 2
    assert "give --yes where nobody is to be asked" in said(capsys)
    assert not fake.path.exists()


def test_a_name_that_nothing_has_is_refused(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "--name", "nobody"]) == 1
    assert said(capsys) == "error: There is no connection 'nobody' here; check the name."
    assert main(["adopt", "--except", "nobody"]) == 1
    assert said(capsys) == "error: There is no connection 'nobody' here; check the name."


def test_an_application_that_serves_another_one_too_stays_outside_whichever_is_meant(
    fake: Fake, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoints = {each["references"][0]["name"]: each for each in world.cloud.store.find("endpoints")}
    other, shop = endpoints["retail"], endpoints["shop"]
    other["authorization"]["parameters"] |= {
        "serviceprincipalid": shop["authorization"]["parameters"]["serviceprincipalid"]
    }
    other["authorization"]["scheme"] = "ServicePrincipal"
    world.put("endpoints", other)
    assert main(["adopt", "--name", "shop", "--project", "Web", "--dry-run", "--json"]) == 0
    (made,) = json.loads(capsys.readouterr().out)["adopted"]
    assert (made["key"], made["identity"]) == ("shop", "servicePrincipal")
    assert main(["adopt", "--project", "Elsewhere", "--dry-run"]) == 1
    assert said(capsys) == (
        "error: There is no connection to Azure here; check --organization and --project."
    )


def test_where_none_can_be_adopted_that_is_a_finding(
    fake: Fake, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for endpoint in world.cloud.store.find("endpoints"):
        if endpoint["references"][0]["name"] == "shop":
            endpoint["authorization"]["scheme"] = "ServicePrincipal"
            world.put("endpoints", endpoint)
    assert main(["adopt", "--name", "shop", "--yes"]) == 3
    shown = " ".join(capsys.readouterr().out.split())
    assert "It signs in with a secret, which no service tells again" in shown
    assert fake.commands == ["stack export"]


def test_a_terraform_state_without_a_connection_is_refused(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "terraform.tfstate"
    path.write_text('{"version": 4, "resources": []}')
    assert main(["adopt", "--terraform-state", str(path)]) == 1
    assert said(capsys) == "error: The Terraform state holds no azuredevops_serviceendpoint_azurerm."
    assert main(["adopt", "--terraform-state", str(tmp_path / "none")]) == 1
    assert "cannot be read (No such file or directory)" in said(capsys)
    assert fake.commands == []
