"""The engine's plugins for the sandbox's stacks: a Pulumi home of their own, beside the person's.

Stand-ins must never serve a stack of a real cloud, so they are not put where the engine looks otherwise.
"""

import os
import shlex
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from azure_service_connections.sandbox.home import Home

STAND_INS: Final = {
    "azuread": "azure_service_connections.providers.azuread",
    "azure-native": "azure_service_connections.providers.azure_native",
}
"""The stand-in plugins: the engine's name of each, and the module that serves it."""

BUILT: Final = "azuredevops"
"""The real plugin that the toolchain builds where it cannot be downloaded."""


def install(home: Home, environment: Mapping[str, str], engine: str) -> list[str]:
    """Fill the plugin folder of the sandbox's Pulumi home; what there is to say about it.

    `engine` is the folder of the engine's programs, or empty. With SANDBOX_PROVIDERS=real in `environment`,
    a plugin that the person has installed takes the place of its stand-in.
    """
    wanted = environment.get("SANDBOX_PROVIDERS", "")
    notes: list[str] = []
    if wanted not in ("", "real", "stand-in"):
        notes.append(f"SANDBOX_PROVIDERS is '{wanted}', which says nothing; write real or stand-in.")
    installed = _installed(home, environment)
    _link_all(home, {name: path for name, path in installed.items() if _kind(name) not in STAND_INS})
    built = Path(engine) / f"pulumi-resource-{BUILT}"
    if engine and built.exists():
        _link(_folder(home, BUILT) / built.name, built)
    for name, module in STAND_INS.items():
        real = {folder: path for folder, path in installed.items() if _kind(folder) == name}
        if wanted == "real" and real:
            _remove_script(home, name)
            _link_all(home, real)
            continue
        if wanted == "real":
            notes.append(
                f"The real plugin {name} is not installed, so the stand-in is used; install it with "
                f"`pulumi plugin install resource {name}`."
            )
        _write_script(_folder(home, name) / f"pulumi-resource-{name}", module)
    return notes


def _folder(home: Home, name: str) -> Path:
    # The engine asks for the version of the SDK that the program uses.
    return home.pulumi / "plugins" / f"resource-{name}-v{version(f'pulumi-{name}')}"


def _installed(home: Home, environment: Mapping[str, str]) -> dict[str, Path]:
    """The resource plugins of the person's own Pulumi home, by folder name."""
    own = Path(environment.get("PULUMI_HOME") or home.pulumi)
    if own == home.pulumi:  # a shell that has the sandbox's variables already
        own = Path(environment.get("HOME") or Path.home()) / ".pulumi"
    return {path.name: path for path in sorted((own / "plugins").glob("resource-*-v*")) if path.is_dir()}


def _kind(folder: str) -> str:
    return folder.removeprefix("resource-").rpartition("-v")[0]


def _link_all(home: Home, plugins: Mapping[str, Path]) -> None:
    for name, path in plugins.items():
        target = home.pulumi / "plugins" / name
        if target.resolve() != path.resolve() and not (target.is_dir() and not target.is_symlink()):
            _link(target, path)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    temporary = link.with_name(f".{link.name}.{os.getpid()}")
    temporary.symlink_to(target)
    temporary.replace(link)


def _remove_script(home: Home, name: str) -> None:
    folder = _folder(home, name)
    if folder.is_dir() and not folder.is_symlink():
        (folder / f"pulumi-resource-{name}").unlink(missing_ok=True)
        folder.rmdir()


def _write_script(script: Path, module: str) -> None:
    if script.parent.is_symlink():
        script.parent.unlink()
    text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n'
    if script.is_file() and script.read_text("utf-8") == text:
        return
    script.parent.mkdir(parents=True, exist_ok=True)
    temporary = script.with_name(f".{script.name}.{os.getpid()}")
    temporary.write_text(text, "utf-8")
    temporary.chmod(0o755)
    temporary.replace(script)
