"""The variables with which every client finds the sandbox, and the scripts that start its plugins."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from azure_service_connections.sandbox.home import Home, Running

PASSPHRASE: Final = "sandbox"
"""Encrypts secrets in the states of the sandbox's stacks; no secret of any value is among them."""

PLUGINS: Final = {
    "azuread": "azure_service_connections.providers.azuread",
    "azure-native": "azure_service_connections.providers.azure_native",
}
"""The stand-in plugins: the engine's name of each, and the module that serves it."""


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

    `environment` is what they are set on top of. The scripts of the stand-in plugins and the folder of the
    engine's states are made. A subscription is not among the variables: it would leak into connections.
    """
    plugins, notes = _plugins(home, environment)
    home.backend.mkdir(parents=True, exist_ok=True)
    path = [str(home.plugins)] if plugins else []
    engine = environment.get("ENGINE_BIN") or _engine_on(environment)
    path += [engine] if engine else []
    before = [part for part in environment.get("PATH", "").split(os.pathsep) if part]
    before = [part for part in before if part not in (str(home.plugins), engine)]
    address = running.url.removeprefix("https://")
    values = {
        "PATH": os.pathsep.join([*path, *before]),
        "SSL_CERT_FILE": str(home.authority),
        "REQUESTS_CA_BUNDLE": str(home.authority),
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


def _plugins(home: Home, environment: Mapping[str, str]) -> tuple[bool, list[str]]:
    """Write the scripts of the plugins that are to stand in; whether there are any, and what to say."""
    wanted = environment.get("SANDBOX_PROVIDERS", "")
    notes: list[str] = []
    if wanted not in ("", "real", "stand-in"):
        notes.append(f"SANDBOX_PROVIDERS is '{wanted}', which says nothing; write real or stand-in.")
    home.plugins.mkdir(parents=True, exist_ok=True)
    written = False
    for name, module in PLUGINS.items():
        script = home.plugins / f"pulumi-resource-{name}"
        if wanted == "real":
            if _installed(name, environment):
                script.unlink(missing_ok=True)
                continue
            notes.append(
                f"The real plugin {name} is not installed, so the stand-in is used; install it with "
                f"`pulumi plugin install resource {name}`."
            )
        _write_script(script, module)
        written = True
    return written, notes


def _installed(name: str, environment: Mapping[str, str]) -> bool:
    home = environment.get("PULUMI_HOME") or Path(environment.get("HOME") or Path.home()) / ".pulumi"
    return any((Path(home) / "plugins").glob(f"resource-{name}-v*/pulumi-resource-{name}*"))


def _write_script(script: Path, module: str) -> None:
    text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n'
    if script.is_file() and script.read_text("utf-8") == text:
        return
    temporary = script.with_name(f".{script.name}.{os.getpid()}")
    temporary.write_text(text, "utf-8")
    temporary.chmod(0o755)
    temporary.replace(script)


def _engine_on(environment: Mapping[str, str]) -> str:
    found = shutil.which("pulumi", path=environment.get("PATH"))
    return str(Path(found).parent) if found else ""
