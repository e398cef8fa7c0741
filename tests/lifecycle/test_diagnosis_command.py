"""`connections verify` as a doctor: what it prints, and its exit codes, with and without a stack."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from diagnosed import change_trust, trust
from served_cloud import World
from test_commands import written

from azure_service_connections.cli.verify import verify


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verify, list(arguments))


def test_connections_without_a_stack_are_looked_at_by_name(world: World) -> None:
    done = run("shop", "NETWORK", "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [row["connection"] for row in rows] == ["fabrikam/Web/network", "fabrikam/Web/shop"]
    assert [(row["signIn"], row["findings"]) for row in rows] == [("yes", []), ("yes", [])]
    assert done.stderr.splitlines()[-1] == "no findings in 2 connections"


def test_an_organization_is_looked_at_as_a_whole_and_each_finding_is_told(world: World) -> None:
    change_trust(world, "shop", subject=trust(world, "shop")["subject"].lower())
    done = run("--organization", world.environment["AZDO_ORG_SERVICE_URL"], "--project", "Web")
    assert done.exit_code == 3
    table, told = done.stdout.split("fabrikam/Web/science: no-role", 1)
    assert "fabrikam/Web/audit" in table
    assert "fabrikam/Web/shop: subject-differs (AADSTS7002138)" in told
    assert "  To do: run `az ad app federated-credential update --id " in told
    assert done.stderr.splitlines()[-1] == "2 findings in 6 connections"


def test_outside_the_sandbox_azure_devops_signs_in(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SANDBOX_URL")
    path = str(written(tmp_path / "o.json", world.shop(), world.audit()))
    done = run("--file", path, "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [(row["key"], row["token"], row["read"], row["ok"]) for row in rows] == [
        ("shop", "tried", "done", True),
        ("audit", "tried", "not tried", True),
    ]
    assert world.cloud.store.find("runs") == []
    change_trust(world, "shop", issuer="https://vstoken.dev.azure.com/other")
    done = run("--file", path)
    assert done.exit_code == 3
    assert "shop: issuer-differs (AADSTS700211)" in done.stdout
    assert "wrong" in done.stdout


def test_a_connection_of_the_stack_that_is_gone_is_told(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SANDBOX_URL")
    path = str(written(tmp_path / "o.json", world.shop(), world.audit()))
    world.cloud.store.remove("endpoints", world.shop().connection_id)
    done = run("--file", path, "--json")
    assert done.exit_code == 3
    ((finding,), none) = (row["findings"] for row in json.loads(done.stdout))
    assert (finding["kind"], finding["code"]) == ("connection-gone", "ServiceEndpointNotFoundException")
    assert none == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["shop", "--stack", "prod"], 2, "Give either a stack (--stack, --file) or connections to look at"),
        (["nobody"], 1, "There is no connection 'nobody' to Azure; check the name"),
        (["--project", "Nowhere"], 1, "Nowhere"),
        (["-o", "no organization"], 1, "is no Azure DevOps organization"),
    ],
)
def test_what_cannot_be_looked_at_is_one_sentence(
    world: World, arguments: list[str], code: int, words: str
) -> None:
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert words in done.stderr


def test_what_the_operator_may_not_read_is_said_and_is_no_finding(world: World) -> None:
    operator = world.one("service-principals", displayName="operator")
    world.put("service-principals", {**operator, "directoryRoles": []})
    done = run("shop")
    assert done.exit_code == 1, done.output
    assert "no findings in 1 connection" in done.stderr
    assert "not looked at: fabrikam/Web/shop: Its application could not be read" in done.stderr


def test_the_days_before_an_end_are_chosen(world: World) -> None:
    assert run("old", "--days", "30").exit_code == 0
    done = run("old", "--days", "10000")
    assert done.exit_code == 3
    assert "old: credential-expiring (AADSTS7000222)" in done.stdout
