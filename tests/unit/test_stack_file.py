"""A stack's file is read before anything starts, and says where it is wrong."""

from pathlib import Path

import pytest

from azure_service_connections.configuration import stack_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "stacks"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    return folder


def told(capsys: pytest.CaptureFixture[str], stack: str) -> str:
    assert stack_file.main([stack]) == 1
    return capsys.readouterr().err


def test_the_stacks_of_this_repository_have_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    for path in (ROOT / "stacks").glob("Pulumi.*.yaml"):
        assert stack_file.read(path), path


def test_a_file_that_is_not_yaml_is_told_with_its_line(
    stacks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stacks / "Pulumi.mine.yaml").write_text("config:\n  a: [1\nb: {\n")
    assert told(capsys, "mine") == (
        "error: stacks/Pulumi.mine.yaml, line 3, is not YAML "
        "(expected ',' or ']', but got ':'); mend the file.\n"
    )


def test_a_key_that_stands_twice_is_told_with_its_line(
    stacks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stacks / "Pulumi.mine.yaml").write_text("config:\n  one: 1\n  one: 2\n")
    assert told(capsys, "mine") == (
        "error: stacks/Pulumi.mine.yaml, line 3, is not YAML "
        "(the key 'one' stands twice in one map); mend the file.\n"
    )


def test_a_file_that_is_not_there_names_those_that_are(
    stacks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stacks / "Pulumi.other.yaml").write_text("config: {}\n")
    assert told(capsys, "mine") == (
        "error: stacks/Pulumi.mine.yaml is not there; write it, or name one of: Pulumi.other.yaml.\n"
    )


@pytest.mark.parametrize("text", ["- a\n", "config: []\n", "just text\n"])
def test_a_file_without_a_map_of_settings_is_told(
    stacks: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (stacks / "Pulumi.mine.yaml").write_text(text)
    assert told(capsys, "mine") == (
        "error: stacks/Pulumi.mine.yaml holds no map `config`; write one, as in stacks/Pulumi.dev.yaml.\n"
    )


def test_bytes_that_are_no_text_are_told(stacks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stacks / "Pulumi.mine.yaml").write_bytes(b"config: \xff\n")
    assert told(capsys, "mine").startswith("error: stacks/Pulumi.mine.yaml cannot be read (")


def test_mistakes_are_told_with_the_file_in_front(stacks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stacks / "Pulumi.mine.yaml").write_text(
        "config:\n  azure-service-connections:connections:\n    one: {project: Payments}\n"
    )
    printed = told(capsys, "mine")
    assert printed.startswith("error: stacks/Pulumi.mine.yaml: 2 mistakes in the stack's connections")
    assert "connections.one" in printed


WITH_SECRET = """\
config:
  azure-service-connections:connections:
    one:
      project: Payments
      subscription: {id: 6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01, name: Payments production}
      %s
"""
PRINCIPAL = "servicePrincipal: {clientId: %s, tenantId: %s}" % (("0a4b5c6d-1e2f-4a3b-8c4d-5e6f7a8b9c01",) * 2)


@pytest.mark.parametrize(
    "lines",
    [
        PRINCIPAL + "\n      credential: {secret: {value: {secure: v1:abc}}}",
        "appRegistration: {}\n      credential: {secret: {expires: 2027-01-31T00:00:00Z}}",
        "appRegistration: {}\n      credential:\n        certificate:\n"
        "          privateKey: {secure: v1:abc}\n"
        "          certificate: '-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----'",
    ],
)
def test_what_is_encrypted_in_a_file_is_not_looked_at_and_a_date_needs_no_quotes(
    stacks: Path, lines: str
) -> None:
    (stacks / "Pulumi.mine.yaml").write_text(WITH_SECRET % lines)
    assert stack_file.main(["mine"]) == 0


def test_a_secret_in_clear_is_told_without_showing_it(
    stacks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stacks / "Pulumi.mine.yaml").write_text(
        WITH_SECRET % (PRINCIPAL + "\n      credential: {secret: {value: hunter2}}")
    )
    printed = told(capsys, "mine")
    assert "connections.one.credential.secret.value: stands in the stack's file for everybody" in printed
    assert "hunter2" not in printed


def test_what_is_encrypted_without_need_is_told(stacks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stacks / "Pulumi.mine.yaml").write_text(
        WITH_SECRET % "appRegistration: {}\n      description: {secure: v1:abc}"
    )
    assert (
        "connections.one.description: is encrypted, and what is made from it is not kept secret; write it as "
        "it is with `pulumi config set --path`"
    ) in told(capsys, "mine")


def test_an_empty_file_says_what_belongs_in_it(stacks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stacks / "Pulumi.mine.yaml").write_text("")
    assert "the stack has no azure-service-connections:connections" in told(capsys, "mine")
