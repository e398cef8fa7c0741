"""What Azure DevOps accepts in the checks and the roles of a service connection.

The rules are of the same kind as those of `rules`: each returns None, or what is wrong and what to write.
"""

import re
from collections.abc import Sequence

from azure_service_connections.catalogue.identifiers import is_guid
from azure_service_connections.catalogue.time_zones import TIME_ZONES
from azure_service_connections.catalogue.wording import listed, nearest, quoted

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CONNECTION_ROLES = ("Reader", "User", "Administrator")
REPOSITORY_TYPES = ("azuregit", "github", "githubenterprise", "bitbucket")
LONGEST_WAIT = 43200
"""Minutes that a check may wait at most: thirty days."""

NO_BRANCH = "lets no run pass; write a branch or remove the key"
NO_APPROVER = "asks nobody; write at least one"
NO_DAY = "names no day; write at least one"
"""What is wrong with an empty list of each."""

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_EVERYTHING = ("*", "**", "refs/*", "refs/**")
_PERSON = re.compile(r"[^@\s\\]+@[^@\s\\]+")
_SCOPED_GROUP = re.compile(r"\[([^\[\]]+)\]\\(.+)")


def branch(text: str) -> str | None:
    """The full name of a branch that runs may come from; `*` stands for any text."""
    if text.strip() in _EVERYTHING:
        return f"{quoted(text)} lets every branch, tag and pull request through; write refs/heads/NAME"
    if "," in text or text != text.strip():
        return f"{quoted(text)} is not one branch; write each as an entry of its own"
    if not text.startswith("refs/") or text.endswith("/"):
        return (
            f"{quoted(text)} is not the full name of a branch; write refs/heads/{text.strip('/') or 'NAME'}"
        )
    return None


def reference(text: str) -> str | None:
    """The full name of a branch or tag that holds a template."""
    if text.startswith("refs/") and not text.endswith("/"):
        return None
    return f"{quoted(text)} is not the full name of a branch or tag; write {_in_full(text)}"


def time_of_day(text: str) -> str | None:
    """A time with hours and minutes."""
    if _TIME.fullmatch(text):
        return None
    return f'{quoted(text)} is not a time of day; write it with two digits each, such as "08:00"'


def time_zone(text: str) -> str | None:
    """A time zone under the name that Azure DevOps gives it."""
    return _one_of(
        text, TIME_ZONES, "a time zone of Azure DevOps", "a name such as 'W. Europe Standard Time'"
    )


def day(text: str) -> str | None:
    """A day of the week."""
    return _one_of(text, DAYS, "a day of the week", f"one of {listed(DAYS)}")


def connection_role(text: str) -> str | None:
    """A role on a service connection. Creator is one of a project only."""
    if text in CONNECTION_ROLES:
        return None
    return f"{quoted(text)} is not a role on a connection; write {listed(CONNECTION_ROLES)}"


def repository_type(text: str) -> str | None:
    """Where a repository lies."""
    if text in REPOSITORY_TYPES:
        return None
    return f"{quoted(text)} is not a type of repository; write {listed(REPOSITORY_TYPES)}"


def minutes(number: float) -> str | None:
    """How long a check may wait."""
    if float(number).is_integer() and 1 <= number <= LONGEST_WAIT:
        return None
    return f"{quoted(number)} is no time that a check can wait; write 1 to {LONGEST_WAIT} minutes"


def approver_count(number: float) -> str | None:
    """How many approvers are needed."""
    if float(number).is_integer() and number >= 1:
        return None
    return f"{quoted(number)} is no number of approvers; write 1 or more, or leave the key out to ask all"


def who(text: str) -> str | None:
    """Somebody whom Azure DevOps can look up: a person, a group or an identity's own id."""
    if not text.strip() or text != text.strip():
        return (
            f"{quoted(text)} is nobody who can be looked up; write a user principal name, the name of a "
            "group or an identity's id"
        )
    return None


def is_person(text: str) -> bool:
    """Whether a name is a user principal name."""
    return _PERSON.fullmatch(text) is not None


def scoped_group(text: str) -> tuple[str, str] | None:
    """Scope and name of a group written as Azure DevOps shows it, `[Payments]\\Contributors`, or None."""
    found = _SCOPED_GROUP.fullmatch(text)
    return (found[1], found[2]) if found else None


def is_identity_id(text: str) -> bool:
    """Whether a text is an id, and so needs no look-up."""
    return is_guid(text)


def ends_before_it_starts(start: str, end: str) -> str | None:
    """Business hours lie within one day."""
    if end > start:
        return None
    return f"{quoted(end)} is not later than the start, {quoted(start)}; write a later time of the same day"


def too_many_needed(needed: float, approvers: int) -> str | None:
    """No more approvals are needed than people are asked."""
    if needed <= approvers:
        return None
    return f"{quoted(int(needed))} is more than the {approvers} who are asked; write {approvers} or less"


def _in_full(name: str) -> str:
    return f"refs/heads/{name.removeprefix('refs/heads').strip('/') or 'NAME'}"


def _one_of(text: str, known: Sequence[str], what: str, instead: str) -> str | None:
    if text in known:
        return None
    meant = nearest(text, known)
    return f"{quoted(text)} is not {what}; write {quoted(meant) if meant else instead}"
