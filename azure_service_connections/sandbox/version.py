"""The version of this package, as a sandbox notes it beside its state."""

from importlib.metadata import version
from typing import Final

VERSION: Final = version("azure-service-connections")
