"""The version of everything here: the distribution, the component package and the sandbox."""

from typing import Final

VERSION: Final = "0.1.0"
