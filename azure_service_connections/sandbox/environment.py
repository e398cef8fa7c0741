"""The variables with which every client finds the sandbox, and the scripts that start its plugins."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import certifi

from azure_service_connections.sandbox import plugins
from azure_service_connections.sandbox.home import Home, Running

PASSPHRASE: Final = "sandbox"
"""Encrypts secrets in the states of the sandbox's stacks; no secret of any value is among them."""


@dataclass(frozen=True)
class Variables:
    """What to set, and what there is to say about it."""

    values: dict[str, str]
    notes: tuple[str, ...]

    def exports(self) -> str:
        """Lines for a POSIX shell."""
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in self.values.items())


def variables(
    home: Home, running: Running, operator: Mapping[str, Any], environment: Mapping[str, str]
) -> Variables:
    """The variables for the sandbox that runs in a home, with the credentials of its estate's operator.

    `environment` is what they are set on top of. The plugins and the folder of the engine's states are made.
    A subscription is not among the variables: it would leak into connections.
    """
    engine = environment.get("ENGINE_BIN") or _engine_made() or _engine_on(environment)
    notes = plugins.install(home, environment, engine)
    home.backend.mkdir(parents=True, exist_ok=True)
    trusted = _trusted(home)
    before = [part for part in environment.get("PATH", "").split(os.pathsep) if part and part != engine]
    commands = str(Path(sys.executable).parent)
    ahead = [engine] if engine else []
    ahead += [commands] if commands not in before else []
    address = running.url.removeprefix("https://")
    values = {
        "PATH": os.pathsep.join([*ahead, *before]),
        "SSL_CERT_FILE": str(trusted),
        "REQUESTS_CA_BUNDLE": str(trusted),
        "SANDBOX_URL": running.url,
        "ARM_METADATA_HOSTNAME": address,
        "ARM_USE_CLI": "false",
        "AZURE_AUTHORITY_HOST": running.url,
        **_identity(operator),
    }
    if operator.get("organization"):
        values["AZDO_ORG_SERVICE_URL"] = f"{running.url}/{operator['organization']}"
    if operator.get("token"):
        values["AZDO_PERSONAL_ACCESS_TOKEN"] = str(operator["token"])
    values |= {
        "PULUMI_HOME": str(home.pulumi),
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_BACKEND_URL": f"file://{home.backend}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    if not operator.get("secret"):
        notes.append(
            "The estate has no operator; mark one application with `operator: true` and give it a secret."
        )
    if not operator.get("token"):
        notes.append("The estate's first organization has no personal access token; give it one.")
    return Variables(values, tuple(notes))


def _identity(operator: Mapping[str, Any]) -> dict[str, str]:
    if not operator.get("secret"):
        return {}
    identity = {
        "CLIENT_ID": str(operator["clientId"]),
        "CLIENT_SECRET": str(operator["secret"]),
        "TENANT_ID": str(operator["tenantId"]),
    }
    return {f"{prefix}_{name}": value for prefix in ("ARM", "AZURE") for name, value in identity.items()}


def _trusted(home: Home) -> Path:
    """The sandbox's authority beside the public ones: downloads go on to work in the same shell."""
    public = Path(certifi.where()).read_text("utf-8")
    text = f"{home.authority.read_text('utf-8')}\n{public}"
    if not home.trust.is_file() or home.trust.read_text("utf-8") != text:
        temporary = home.trust.with_suffix(f".{os.getpid()}")
        temporary.write_text(text, "utf-8")
        temporary.replace(home.trust)
    return home.trust


def _engine_made() -> str:
    """The folder of the engine that `make engine` noted beside this Python, or an empty text."""
    try:
        noted = Path(sys.prefix, ".engine").read_text("utf-8").strip()
    except OSError:
        return ""
    return noted if noted and Path(noted).is_dir() else ""


def _engine_on(environment: Mapping[str, str]) -> str:
    found = shutil.which("pulumi", path=environment.get("PATH"))
    return str(Path(found).parent) if found else ""
