"""The page that lists the codes of failed sign-ins."""

from azure_service_connections.catalogue.sign_in_errors import SIGN_IN_ERRORS
from reference.table import table

PATH = "docs/reference/sign-in-errors.md"
_HEAD = (
    "# Codes of failed sign-ins\n"
    "Generated from the catalogue that `connections verify` explains failures with. The code is what counts: "
    "statuses and sentences differ from one answer to the next.\n\n"
)


def text() -> str:
    """The page."""
    rows = [
        (f"AADSTS{error.code}", _sentence(error.meaning), _sentence(error.fix))
        for error in sorted(SIGN_IN_ERRORS.values(), key=lambda error: str(error.code))
    ]
    return _HEAD + table(("code", "what is wrong", "what to do"), rows)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
