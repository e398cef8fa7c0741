"""The command that shows the connections of organizations."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from inventory_world import Organizations

from azure_service_connections.cli.main import main
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.sandbox.entra import passwords

ALL = ["-o", "fabrikam", "-o", "fabrikam-old", "--organization", "tailspin"]


def test_the_table_is_readable_at_120_columns(
    estate: Organizations, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = estate.connect("orders-of-the-web-shop-in-production", application="payments")
    estate.share(identifier, "Reports", "orders")
    assert main(["inventory", *ALL]) == 0
    shown, said = capsys.readouterr()
    lines = [line.strip() for line in shown.splitlines()]
    assert max(len(line) for line in shown.splitlines()) <= 120
    row = next(line for line in lines if line.startswith("payments "))
    for words in ("payments", "federated", "Shop", "deploy", "in order"):
        assert words in row
    below = lines[lines.index(next(line for line in lines if line.startswith("payments "))) + 1]
    for words in ("fabrikam/Web shop", "Entra issuer", "subscription", "2 connections"):
        assert words in below
    text = " ".join(shown.split())
    assert "fabrikam/Web shop +1" in text
    assert "DevOps issuer" in text
    assert "not visible" in text
    assert said.splitlines()[-1] == "5 connections in 3 organizations: 1 broken, 1 to convert, 1 to migrate"


def test_progress_is_told_in_plain_lines_where_there_is_no_terminal(
    estate: Organizations, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inventory"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "reading organizations: 1 of 1"
    assert "reading identities: 3 of 3" in lines
    assert len(lines) == 6


def test_an_operator_who_is_refused_the_sign_in_is_told_once(
    estate: Organizations, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARM_CLIENT_SECRET", "not-the-secret")
    assert main(["inventory"]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("not looked at")]
    assert len(told) == len(set(told))
    assert told[0].startswith("not looked at of ")
    assert any("Its identity could not be read: The operator " in line for line in told)


def test_the_records_are_written_as_json(estate: Organizations, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inventory", *ALL, "--json"]) == 0
    records = [ExistingConnection.model_validate(each) for each in json.loads(capsys.readouterr().out)]
    assert tuple(records) == tuple(estate.read("fabrikam", "fabrikam-old", "tailspin").values())


def test_the_records_are_written_for_spreadsheets(
    estate: Organizations, capsys: pytest.CaptureFixture[str]
) -> None:
    estate.connect('=HYPERLINK("https://evil.example","shop")', application="payments")
    assert main(["inventory", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [each["connection"] for each in rows] == [
        '\'=HYPERLINK("https://evil.example","shop")',
        "payments",
        "reports",
    ]
    assert rows[2]["to do"].startswith("it can give its secret up: ")


def test_problems_leave_out_what_is_in_order(
    estate: Organizations, capsys: pytest.CaptureFixture[str]
) -> None:
    application = estate.world.one("applications", displayName="reports")
    application["passwordCredentials"] = []
    passwords.add(
        estate.cloud,
        application,
        {"endDateTime": (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")},
    )
    estate.world.put("applications", application)
    assert main(["inventory", "--problems"]) == 0
    shown, said = capsys.readouterr()
    assert "payments" not in shown
    assert "secret ends soon" in shown
    assert said.splitlines()[-1] == (
        "1 connection in 1 organization: 1 with a secret that ends soon, 1 to convert"
    )


def test_what_cannot_be_read_is_told_at_the_end_and_the_others_are_shown(
    estate: Organizations, capsys: pytest.CaptureFixture[str]
) -> None:
    project = estate.project("Reports")
    estate.cloud.faults.fail_next("devops", 403, path=f"{project}/_apis/serviceendpoint/endpoints")
    assert main(["inventory", "-o", "nowhere", "-o", "fabrikam", "--json"]) == 1
    shown, said = capsys.readouterr()
    assert [each["name"] for each in json.loads(shown)] == ["payments", "reports"]
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    assert errors[0].startswith("error: There is no Azure DevOps organization at ")
    assert errors[1].startswith("error: Listing the service connections of fabrikam/Reports was refused ")
    assert len(errors) == 2


def test_a_refused_token_is_one_sentence(
    estate: Organizations, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZDO_PERSONAL_ACCESS_TOKEN", "wrong-token")
    assert main(["inventory"]) == 1
    shown, said = capsys.readouterr()
    assert (shown, "no connections" in said) == ("", False)
    assert said.splitlines()[-1].startswith(
        "error: The organization fabrikam does not take the personal access token of "
        "AZDO_PERSONAL_ACCESS_TOKEN: "
    )
    assert "wrong-token" not in said


def test_without_an_organization_the_usage_is_told(
    estate: Organizations, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZDO_ORG_SERVICE_URL")
    assert main(["inventory"]) == 1
    assert capsys.readouterr().err.startswith("error: No Azure DevOps organization is named; ")
    assert main(["inventory", "--json", "--csv"]) == 2
    assert "Only one of --json and --csv can be given" in capsys.readouterr().err
