"""The one comment of a pull request that holds the review: found again by a mark that nobody sees."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError, SettingError
from azure_service_connections.lifecycle.http_client import Answer

_UNFIT = re.compile(r"[^\w.~/-]+")
_UNSET = re.compile(r"\$\(.*\)")
NOT_HERE: Final = 404


class Forge(Protocol):
    """A place with pull requests; made for the one of the job that runs."""

    limit: int
    """Characters that a comment may have."""

    def closed(self) -> str | None:
        """What has become of the pull request, such as `completed`; None for one that is open."""

    def place(self, text: str, mark: str, urgent: bool) -> "Placed":
        """Write the text into the comment that starts with the mark, or into a new one.

        `urgent` asks for an answer of people where the place knows such a thing. Raises ServiceError where
        it is refused.
        """


@dataclass(frozen=True)
class Placed:
    """What was done with the comment."""

    how: str
    """`made`, `updated` or `unchanged`."""
    where: str
    """What the comment belongs to, as people say it."""


def mark_of(project: str, stack: str) -> str:
    """The mark of the comment of one stack. Markdown takes it for a comment and shows nothing."""
    # Two dashes would end the comment early.
    named = re.sub(r"-{2,}", "-", _UNFIT.sub("-", f"{project}/{stack}"))
    return f"<!-- azure-service-connections: review of {named} -->"


def post(forge: Forge, write: Callable[[int], str], mark: str, urgent: bool) -> str:
    """Place the review in the pull request; the sentence says what was done.

    `write` makes the text with as many characters as there is room for. A pull request that is not open any
    more gets no comment, which is no failure. Raises LifecycleError where it is refused.
    """
    if (become := forge.closed()) is not None:
        return f"The pull request is {become}, so it gets no comment."
    text = f"{mark}\n{write(forge.limit - len(mark) - 1)}"
    placed = forge.place(text, mark, urgent)
    if placed.how == "unchanged":
        return f"The comment on {placed.where} says so already."
    return f"The comment on {placed.where} is {placed.how}."


def variable(environment: Mapping[str, str], *names: str) -> str:
    """The first of some variables that is set; empty where none is.

    Azure Pipelines leaves `$(name)` as it stands where there is no such variable.
    """
    for name in names:
        value = environment.get(name, "").strip()
        if value and not _UNSET.fullmatch(value):
            return value
    return ""


def needed(environment: Mapping[str, str], name: str, what: str) -> str:
    """A variable without which nothing can be posted; SettingError says what to do."""
    if value := variable(environment, name):
        return value
    raise SettingError(f"{name} is not set, {what}.")


def documents(answer: Answer) -> list[Mapping[str, object]]:
    """The objects of a list that a service answered."""
    found = answer.document
    if isinstance(found, Mapping):
        found = found.get("value")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def refusal(service: str, doing: str, answer: Answer, advice: Mapping[int, str]) -> LifecycleError:
    """What a service refused, in one sentence, with advice by its status."""
    said = answer.message or f"status {answer.status}"
    told = advice.get(answer.status, "look at what it says and run the job again")
    return ServiceError(
        f"{service} refused {doing} ({said.rstrip('.')}); {told}.", answer.status, answer.code
    )
