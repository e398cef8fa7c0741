"""Sentences that hold names which somebody else chose, for Markdown and for plain text.

A name in Markdown stands in a code span: there neither HTML nor a mention nor a link means anything, on
GitHub and in Azure DevOps alike.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_LONGEST_NAME: Final = 200
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_GUID = re.compile(r"\b([0-9a-fA-F]{8})-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b")
_BACKTICKS = re.compile(r"`+")


class Name(str):
    """A name as a person or a program wrote it."""

    __slots__ = ()


Phrase = tuple[str, ...]
"""Parts of a sentence: ours as they are, and names."""


def phrase(*parts: "str | Phrase") -> Phrase:
    """Parts and phrases in a row."""
    return tuple(each for part in parts for each in ((part,) if isinstance(part, str) else part))


def short(identifier: str) -> str:
    """GUIDs in a text by their first eight digits."""
    return _GUID.sub(r"\1…", identifier)


def names(given: Iterable[str], last: str = "and") -> Phrase:
    """Names in a row, each as code: a, b and c."""
    return row([Name(each) for each in given], last)


def row(given: Sequence[str], last: str = "and") -> Phrase:
    """Names and words in a row, as they are."""
    parts: list[str] = []
    for position, each in enumerate(given):
        if position:
            parts.append(f" {last} " if position == len(given) - 1 else ", ")
        parts.append(each)
    return tuple(parts)


def clean(text: str, longest: int = _LONGEST_NAME) -> str:
    """A text on one line, without characters that nobody sees or that turn others around."""
    cleaned = " ".join(_UNSEEN.sub(" ", text).split())
    return cleaned if len(cleaned) <= longest else cleaned[: longest - 1] + "…"


def code(text: str, longest: int = _LONGEST_NAME) -> str:
    """A text as a code span, whatever it holds."""
    shown = clean(text, longest) or "(empty)"
    backticks = max((len(each) for each in _BACKTICKS.findall(shown)), default=0)
    fence = "`" * (backticks + 1)
    # A space is taken off each side where both have one, and needed beside a backtick.
    padding = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def as_markdown(parts: Phrase) -> str:
    """A phrase with its names as code."""
    return "".join(code(part) if isinstance(part, Name) else part for part in parts)


def as_text(parts: Phrase) -> str:
    """A phrase with its names in single quotes."""
    return "".join(f"'{clean(part)}'" if isinstance(part, Name) else part.replace("`", "'") for part in parts)
