"""The commands `connections verify` and `connections recover`: what they print, and their exit codes."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from served_cloud import World

from azure_service_connections.cli.recover import recover
from azure_service_connections.cli.verify import verify
from azure_service_connections.lifecycle.stack_output import Connection

ROW = (
    *("key", "connection", "identity", "scope", "pipeline", "token", "read", "write", "outside"),
    *("otherPipeline", "ok", "problem", "fix", "waits", "findings"),
)


def described(connection: Connection) -> dict[str, Any]:
    """A connection as the program's output says it."""
    of = asdict(connection)
    return {
        "connectionId": of["connection_id"],
        "connectionName": of["name"],
        "projectId": of["project_id"],
        "project": of["project"],
        "clientId": of["client_id"],
        "principalId": of["principal_id"],
        "tenantId": of["tenant_id"],
        "scope": of["scope"],
        "identity": of["identity"],
        "pipelines": [
            {"id": each["id"], "name": each["name"], "projectId": each["project_id"]}
            for each in of["pipelines"]
        ],
        "roles": [
            {
                "key": each["key"],
                "role": each["role"],
                "scope": each["scope"],
                "roleDefinitionId": each["role_definition_id"],
            }
            for each in of["roles"]
        ],
    }


def written(path: Path, *connections: Connection) -> Path:
    """A file with the outputs of a stack."""
    path.write_text(json.dumps({"connections": {each.key: described(each) for each in connections}}))
    return path


def run(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def pulumi(folder: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, str], fails: str = "") -> None:
    """A `pulumi` on PATH that answers by the first two words of a command."""
    cases = "\n".join(f"'{words}'*) cat <<'ANSWER'\n{text}\nANSWER\n;;" for words, text in answers.items())
    script = folder / "bin" / "pulumi"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\ncase "$*" in\n{cases}\n*) echo "{fails}" >&2; exit 255;;\nesac\n')
    script.chmod(0o755)
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")


def test_verify_prints_a_row_for_each_connection_and_exits_with_0(world: World, tmp_path: Path) -> None:
    done = run(verify, "--file", str(written(tmp_path / "o.json", world.shop(), world.audit())), "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [row["key"] for row in rows] == ["shop", "audit"]
    assert all(tuple(row) == ROW for row in rows)
    assert all(row["ok"] for row in rows)
    assert all(row["findings"] == [] for row in rows)
    *told, last = done.stderr.splitlines()
    assert last == "no findings in 2 connections"
    assert sorted(told) in (
        ["[1/2] audit: in order", "[2/2] shop: in order"],
        ["[1/2] shop: in order", "[2/2] audit: in order"],
    )


def test_verify_exits_with_3_and_says_what_is_wrong_and_what_to_do(world: World, tmp_path: Path) -> None:
    credential = world.one("federated-credentials", name="connection-audit")
    world.cloud.store.remove("federated-credentials", credential["id"])
    done = run(verify, "--file", str(written(tmp_path / "o.json", world.audit())))
    assert done.exit_code == 3
    assert "wrong" in done.stdout
    assert done.stdout.splitlines()[-3:] == [
        "audit: no-credential (AADSTS70025)",
        "  The application 'audit' has no federated credential.",
        "  To do: run `pulumi up --refresh`.",
    ]
    assert done.stderr.splitlines()[-1] == "1 finding in 1 connection"


def test_the_table_of_a_long_name_fits_into_120_columns(world: World, tmp_path: Path) -> None:
    audit = world.audit()
    long = Connection(**{**audit.__dict__, "key": "a-long-name-of-a-connection-that-nobody-would-give"})
    done = run(verify, "--file", str(written(tmp_path / "o.json", long)))
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 120
    heading = next(line for line in lines if "Connection" in line)
    named = "Connection Scope Pipeline Token Read Write Outside Others"
    assert " ".join(heading.split()) == named
    row = next(line for line in lines if "rg-shop" in line)
    assert row.split()[-6:] == ["yes", "yes", "refused", "refused", "refused", "ok"]


@pytest.mark.parametrize(
    ("key", "identity", "words"),
    [
        ("a", "appRegistration", "app registration"),
        ("a", "servicePrincipal", "service principal"),
        ("a", "automatic", "automatic"),
        ("a", "agentIdentity", "agent identity"),
        ("a", "webApp", "web app"),
    ],
)
def test_the_first_column_holds_short_keys_identities_and_the_heading_unbroken(
    world: World, tmp_path: Path, key: str, identity: str, words: str
) -> None:
    short = Connection(**{**world.audit().__dict__, "key": key, "identity": identity})
    done = run(verify, "--file", str(written(tmp_path / "o.json", short)))
    lines = done.stdout.splitlines()
    assert any(line.lstrip().startswith("Connection ") for line in lines)
    assert any(line.lstrip().startswith(words) for line in lines)


def test_a_connection_of_another_organization_is_proven_there(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = f"{world.environment['SANDBOX_URL']}/nobody"
    monkeypatch.setenv("AZDO_ORG_SERVICE_URL", elsewhere)
    entry = {**described(world.shop()), "organization": world.environment["AZDO_ORG_SERVICE_URL"]}
    path = tmp_path / "o.json"
    path.write_text(json.dumps({"connections": {"shop": entry}}))
    done = run(verify, "--file", str(path))
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("configured", [True, False])
def test_the_access_token_that_the_stack_configures_goes_before_that_of_the_environment(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configured: bool
) -> None:
    token = world.environment["AZDO_PERSONAL_ACCESS_TOKEN"]
    monkeypatch.setenv("AZDO_PERSONAL_ACCESS_TOKEN", "wrong" if configured else token)
    outputs = json.dumps({"connections": {"shop": described(world.shop())}})
    answers = {"stack output": outputs, "stack export": '{"deployment": {}}'}
    if configured:
        answers["config get azuredevops:personalAccessToken --stack prod"] = token
    missing = "error: configuration key 'azuredevops:personalAccessToken' not found for stack 'prod'"
    pulumi(tmp_path, monkeypatch, answers, missing)
    done = run(verify, "--stack", "prod")
    assert done.exit_code == 0, done.output


def test_verify_outside_a_project_says_where_to_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (verify, recover):
        done = run(command, "--stack", "prod")
        sentence = f"Error: {tmp_path} has no Pulumi project; run the command in the folder of Pulumi.yaml.\n"
        assert (done.exit_code, done.stderr) == (1, sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "o.json is not JSON"),
        ("[]", "`connections` is not a map of connections"),
        ("{}", "has no connections; add some"),
        ('{"connections": {"shop": 1}}', "connections.shop is not a map"),
        ('{"connections": {"shop": {"connectionName": "x"}}}', "connections.shop.connectionId is missing"),
        (
            '{"connections": {"shop": {"connectionId": "[secret]"}}}',
            "shop.connectionId is a secret",
        ),
    ],
)
def test_a_file_that_is_no_output_of_the_program_is_one_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "o.json"
    path.write_text(text)
    done = run(verify, "--file", str(path))
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("fails", "sentence"),
    [
        ("error: no stack named 'prod' found", "There is no stack 'prod' here; bring it up with `pulumi up`"),
        ("error: no Pulumi.yaml project file found", "has no Pulumi project; run the command in the folder"),
        ("error: passphrase must be set", "`pulumi stack output` failed: passphrase must be set."),
    ],
)
def test_a_stack_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, sentence: str
) -> None:
    pulumi(tmp_path, monkeypatch, {}, fails)
    done = run(verify, "--stack", "prod")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert sentence in done.stderr


def test_a_stack_that_was_never_brought_up_has_nothing_to_prove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi(tmp_path, monkeypatch, {"stack output": "{}"})
    done = run(verify, "--stack", "prod")
    assert done.exit_code == 1
    assert "Stack 'prod' has no output `connections`; bring it up with `pulumi up` first." in done.stderr


def test_without_the_engine_the_commands_say_where_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    for command in (verify, recover):
        done = run(command, "--stack", "prod")
        assert done.exit_code == 1
        assert "pulumi is not on PATH; run `make engine`" in done.stderr


def test_recover_says_that_there_is_nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "whoami": '{"url": "https://api.example"}',
        "stack export": '{"deployment": {}}',
        "stack history": "[]",
    }
    pulumi(tmp_path, monkeypatch, answers)
    done = run(recover, "--stack", "prod")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "Nothing to recover.\n", "")
    report = json.loads(run(recover, "--stack", "prod", "--json").stdout)
    assert report == {"stack": "prod", "lock": "", "mended": False, "operations": []}


def test_recover_of_a_stack_that_is_not_there_exits_with_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"whoami": '{"url": "https://api.example"}'}
    pulumi(tmp_path, monkeypatch, answers, "error: no stack named 'prod' found")
    done = run(recover, "--stack", "prod")
    assert done.exit_code == 0
    assert done.stdout == "Nothing to recover: stack 'prod' has not been brought up yet.\n"


def test_recover_exits_with_3_where_a_person_has_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = {
        "urn": "urn:pulumi:prod::shop::random:index/randomId:RandomId::id",
        "type": "random:index/randomId:RandomId",
        "custom": True,
    }
    state = {"deployment": {"pending_operations": [{"type": "creating", "resource": resource}]}}
    pulumi(
        tmp_path,
        monkeypatch,
        {
            "whoami": '{"url": "https://api.example"}',
            "stack export": json.dumps(state),
            "stack import": "",
            "stack history": "[]",
        },
    )
    done = run(recover, "--stack", "prod", "--json")
    assert done.exit_code == 3
    (operation,) = json.loads(done.stdout)["operations"]
    assert (operation["name"], operation["operation"], operation["action"]) == ("id", "creating", "unclear")
