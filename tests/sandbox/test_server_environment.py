"""The variables with which clients find the sandbox, and the plugins of its stacks."""

import os
import ssl
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from azure_service_connections.sandbox import certificates
from azure_service_connections.sandbox.environment import Variables, variables
from azure_service_connections.sandbox.home import Home, Running

RUNNING = Running(1, 4711, "https://127.0.0.1:4711", "0.1.0")
OPERATOR = {"tenantId": "t", "clientId": "c", "secret": "it's", "organization": "contoso", "token": "pat"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with certificates, as a server leaves it, and a Python for which no engine was made."""
    monkeypatch.setattr("sys.prefix", str(tmp_path / "python"))
    home = Home(tmp_path / "a home")
    certificates.ensure(home.path)
    return home


COMMANDS = str(Path(sys.executable).parent)
"""Where `connections` lies, which every shell gets."""


def made(home: Home, operator: dict[str, Any] = OPERATOR, **environment: str) -> Variables:
    own = {"PATH": "/usr/bin", "HOME": str(home.path.parent)}
    return variables(home, RUNNING, operator, {**own, **environment})


def plugins(home: Home) -> dict[str, Path]:
    return {path.name: path for path in home.pulumi.glob("plugins/resource-*/pulumi-resource-*")}


def install(folder: Path, name: str, number: str) -> Path:
    """A plugin as Pulumi installs one."""
    program = folder / "plugins" / f"resource-{name}-v{number}" / f"pulumi-resource-{name}"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_every_client_is_told_where_the_sandbox_is_and_who_to_be(home: Home) -> None:
    values = made(home).values
    assert values["SANDBOX_URL"] == values["AZURE_AUTHORITY_HOST"] == "https://127.0.0.1:4711"
    assert values["ARM_METADATA_HOSTNAME"] == "127.0.0.1:4711"
    assert values["AZDO_ORG_SERVICE_URL"] == "https://127.0.0.1:4711/contoso"
    assert values["AZDO_PERSONAL_ACCESS_TOKEN"] == "pat"
    for prefix in ("ARM", "AZURE"):
        assert [values[f"{prefix}_{name}"] for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")] == [
            "t",
            "c",
            "it's",
        ]
    assert values["PULUMI_BACKEND_URL"] == f"file://{home.backend}"
    assert home.backend.is_dir()


def test_no_subscription_is_set_because_it_would_leak_into_connections(home: Home) -> None:
    assert not [name for name in made(home).values if "SUBSCRIPTION" in name]


def test_the_sandboxs_authority_is_trusted_beside_the_public_ones(home: Home) -> None:
    values = made(home).values
    assert values["SSL_CERT_FILE"] == values["REQUESTS_CA_BUNDLE"]
    context = ssl.create_default_context(cafile=values["SSL_CERT_FILE"])
    issuers = {str(authority["subject"]) for authority in context.get_ca_certs()}
    assert any("azure-service-connections sandbox" in issuer for issuer in issuers)
    assert len(issuers) > 50


def test_a_shell_reads_the_lines_as_they_are_meant(home: Home) -> None:
    script = made(home).exports() + 'printf \'%s|%s\' "$ARM_CLIENT_SECRET" "$PULUMI_BACKEND_URL"'
    shell = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert shell.stdout == f"it's|file://{home.backend}"


def test_the_engine_comes_first_on_the_path_and_once(home: Home) -> None:
    path = made(home, PATH="/usr/bin:/engine:/bin", ENGINE_BIN="/engine").values["PATH"]
    assert path == os.pathsep.join(["/engine", COMMANDS, "/usr/bin", "/bin"])
    assert made(home, PATH="/usr/bin:/bin").values["PATH"] == f"{COMMANDS}:/usr/bin:/bin"
    assert made(home, PATH=f"/usr/bin:{COMMANDS}").values["PATH"] == f"/usr/bin:{COMMANDS}"


def test_a_shell_without_an_engine_gets_the_one_that_was_made_for_this_python(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_engine = tmp_path / "engine"
    made_engine.mkdir()
    (tmp_path / ".engine").write_text(f"{made_engine}\n")
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    assert made(home).values["PATH"] == f"{made_engine}:{COMMANDS}:/usr/bin"
    made_engine.rmdir()
    assert made(home).values["PATH"] == f"{COMMANDS}:/usr/bin"
    (tmp_path / ".engine").write_text("\n")
    assert made(home).values["PATH"] == f"{COMMANDS}:/usr/bin"


def test_the_variables_are_the_same_in_a_shell_that_has_them(home: Home) -> None:
    first = made(home, ENGINE_BIN="/engine").values
    assert made(home, **first).values == first


def test_an_estate_without_an_operator_or_a_token_is_remarked_on(home: Home) -> None:
    nobody = dict.fromkeys(OPERATOR)
    found = made(home, nobody)
    assert not [name for name in found.values if name.startswith(("ARM_CLIENT", "AZDO_"))]
    assert "mark one application with `operator: true`" in found.notes[0]
    assert "no personal access token" in found.notes[1]
    assert made(home).notes == ()


def test_stand_ins_are_programs_of_this_python_and_only_in_the_sandboxs_pulumi_home(home: Home) -> None:
    values = made(home).values
    assert Path(values["PULUMI_HOME"]).is_relative_to(home.path)
    found = plugins(home)
    assert set(found) == {"pulumi-resource-azuread", "pulumi-resource-azure-native"}
    for name, script in found.items():
        assert os.access(script, os.X_OK)
        assert f"exec {sys.executable} -m azure_service_connections.providers." in script.read_text()
        kind = name.removeprefix("pulumi-resource-")
        assert script.parent.name == f"resource-{kind}-v{version(f'pulumi-{kind}')}"


def test_a_real_plugin_that_is_installed_takes_the_place_of_its_stand_in_when_asked(home: Home) -> None:
    own = home.path.parent / ".pulumi"
    real = install(own, "azuread", version("pulumi-azuread"))
    made(home)
    assert "azure_service_connections" in plugins(home)["pulumi-resource-azuread"].read_text()
    found = made(home, SANDBOX_PROVIDERS="real")
    assert plugins(home)["pulumi-resource-azuread"].resolve() == real
    assert "azure_service_connections" in plugins(home)["pulumi-resource-azure-native"].read_text()
    (note,) = found.notes
    assert note.startswith(
        "The real plugin azure-native is not installed, so the stand-in is used; install it"
    )
    made(home)
    assert "azure_service_connections" in plugins(home)["pulumi-resource-azuread"].read_text()
    assert real.read_text() == "#!/bin/sh\n", "the person's own plugin is not touched"


def test_other_plugins_that_are_installed_can_be_used(home: Home) -> None:
    own = home.path.parent / ".pulumi"
    real = install(own, "random", "4.16.0")
    made(home)
    assert plugins(home)["pulumi-resource-random"].resolve() == real


def test_a_wish_that_says_nothing_is_remarked_on(home: Home) -> None:
    (note,) = made(home, SANDBOX_PROVIDERS="genuine").notes
    assert note == "SANDBOX_PROVIDERS is 'genuine', which says nothing; write real or stand-in."


def test_certificates_are_kept_while_they_are_good_and_made_anew_when_not(tmp_path: Path) -> None:
    authority, server = certificates.ensure(tmp_path)
    first = (authority.read_bytes(), server.read_bytes())
    certificates.ensure(tmp_path)
    assert (authority.read_bytes(), server.read_bytes()) == first
    for file, content in ((server, b""), (server, first[0]), (authority, b"-"), (server, None)):
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        before = authority.read_bytes()
        certificates.ensure(tmp_path)
        assert authority.read_bytes() != before
        certificates.ensure(tmp_path)
    other = tmp_path / "other"
    certificates.ensure(other)
    authority.write_bytes((other / "ca.pem").read_bytes())
    certificates.ensure(tmp_path)
    assert authority.read_bytes() != (other / "ca.pem").read_bytes()
