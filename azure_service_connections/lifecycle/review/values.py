"""Values of a preview: what is known, what is not known before `up`, and what is secret.

Source of the marks: the engine's SDK (`sdk/go/common/resource` and `sdk/go/common/resource/plugin/rpc.go`).
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_OF_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_NOT_KNOWN: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_HIDDEN_TEXT: Final = "[secret]"
_SENSITIVE: Final = (
    "accesskey",
    "accesstoken",
    "apikey",
    "certificate",
    "clientsecret",
    "password",
    "privatekey",
    "publishprofile",
    "secret",
    "serviceprincipalkey",
    "sharedkey",
    "token",
)
_SHORTEST_MASKED: Final = 6
"""Shorter texts under a sensitive name are words such as `none`, and would black out others."""


class Mark(Enum):
    """What stands for a value that cannot be shown."""

    UNKNOWN = "not known before `up`"
    SECRET = "[secret]"


def opened(value: Any) -> Any:
    """A value of a preview with its special values replaced by marks, and without what providers note."""
    if isinstance(value, str):
        if value in _NOT_KNOWN:
            return Mark.UNKNOWN
        return Mark.SECRET if value == _HIDDEN_TEXT else value
    if isinstance(value, Mapping):
        if (signature := value.get(_SIGNATURE)) is not None:
            if signature == _OF_OUTPUT:
                return opened(value["value"]) if "value" in value else Mark.UNKNOWN
            return Mark.SECRET
        return {str(key): opened(each) for key, each in value.items() if not str(key).startswith("__")}
    return [opened(each) for each in value] if isinstance(value, list) else value


def text_of(value: Any) -> str | None:
    """A known text, or None for anything else: missing, empty, secret or not known yet."""
    return value if isinstance(value, str) and value else None


def masked(text: str, sensitive: Iterable[str]) -> str:
    """A text without the texts that must not be shown."""
    for each in sorted(sensitive, key=len, reverse=True):
        text = text.replace(each, _HIDDEN_TEXT)
    return text


def sensitive_texts(value: Any, named: str = "") -> set[str]:
    """The texts that stand in clear under a name that sounds like a secret's, at any depth."""
    if isinstance(value, Mapping):
        return {
            text
            for key, each in value.items()
            # `secret: {value: …}` is named by what it stands in.
            for text in sensitive_texts(each, named if key == "value" else str(key))
        }
    if isinstance(value, list):
        return {text for each in value for text in sensitive_texts(each, named)}
    sounds = named.lower().replace("_", "").endswith(_SENSITIVE)
    return {value} if sounds and isinstance(value, str) and len(value) >= _SHORTEST_MASKED else set()
