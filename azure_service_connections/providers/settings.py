"""A plugin's configuration: what the engine sends, then the environment."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from azure_service_connections.providers.errors import PluginError


class Settings:
    """Provider arguments (`{package}:config:{key}`) before environment variables; empty text is unset."""

    def __init__(
        self, package: str, variables: Mapping[str, str], environment: Mapping[str, str] | None = None
    ) -> None:
        self.package = package
        self._prefix = f"{package}:config:"
        self._variables = variables
        self._environment = os.environ if environment is None else environment

    def text(self, key: str, *names: str) -> str:
        """The value of a key, else of the first variable that is set, else empty."""
        given = self._variables.get(self._prefix + key, "")
        if given:
            return given
        for name in names:
            if value := self._environment.get(name, ""):
                return value
        return ""

    def text_or_file(self, key: str, name: str) -> str:
        """The value, else what is in the file that `{key}FilePath` or variable `{name}_FILE_PATH` names."""
        if value := self.text(key, name):
            return value
        path = self.text(f"{key}FilePath", f"{name}_FILE_PATH")
        if not path:
            return ""
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise PluginError(
                f"{key}FilePath: {path} cannot be read ({error.strerror}); name a file."
            ) from error

    def flag(self, key: str, *names: str) -> bool:
        """Whether a boolean is set; the engine sends booleans as JSON text."""
        text = self.text(key, *names).strip().lower()
        try:
            return bool(json.loads(text)) if text else False
        except ValueError:
            raise PluginError(f"{key} is {text!r}; write true or false.") from None
