"""Writes a review as Markdown: the same in pull requests of GitHub and Azure DevOps, and in a terminal."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from azure_service_connections.catalogue.wording import counted, listed
from azure_service_connections.lifecycle.review.finding import (
    Action,
    Review,
    ReviewDocument,
    Reviewed,
    Risk,
)
from azure_service_connections.lifecycle.review.phrase import (
    Name,
    Phrase,
    as_markdown,
    as_text,
    code,
    phrase,
)
from azure_service_connections.lifecycle.review.values import masked

_OPERATIONS: Final[Mapping[str, str]] = {
    "create": "created",
    "delete": "deleted",
    "import": "imported",
    "replace": "replaced",
    "update": "updated",
}
_LONGEST_REASON: Final = 2_000
_ROOM_FOR_REST: Final = 400
"""Characters kept for the sentence that says what did not fit."""


def summary(review: Review) -> Phrase:
    """The whole review in one line: `2 connections change in stack 'prod': 1 replaced, 1 new`."""
    connections = [each for each in review.reviewed if each.is_connection]
    identities = len(review.reviewed) - len(connections)
    where = phrase(" in stack ", Name(review.stack)) if review.stack else ()
    if not review.reviewed:
        return phrase("No connection changes", where)
    if not connections:
        return phrase(_count(identities, "identity changes", "identities change"), where)
    actions = Counter(each.action for each in connections)
    counts = [
        f"{actions[action]} {action.value}"
        for action in (Action.REPLACED, Action.DELETED, Action.NEW, Action.CHANGED)
        if actions[action]
    ]
    beside = f", and {_count(identities, 'identity', 'identities')} beside" if identities else ""
    changed = _count(len(connections), "connection changes", "connections change")
    return phrase(changed, where, f": {', '.join(counts)}{beside}")


def document_of(review: Review) -> ReviewDocument:
    """The review as it is written as JSON, with what must not be shown masked."""
    return ReviewDocument(
        stack=review.stack,
        summary=as_text(summary(review)),
        risk=_worst(review),
        changed=bool(review.reviewed),
        refused=review.refused,
        connections=tuple(each.document(review.sensitive) for each in review.reviewed),
        other_resources=review.other_resources,
    )


def markdown_of(review: Review, limit: int | None = None) -> str:
    """The review as Markdown, in `limit` characters at most: what does not fit is named."""
    head = masked("\n".join(_head(review)), review.sensitive)
    sections = [masked("\n".join(_section(each)), review.sensitive) for each in review.reviewed]
    tail = masked("\n".join(_tail(review)), review.sensitive)
    whole = "\n".join([head, *sections, tail]).rstrip("\n") + "\n"
    if limit is None or len(whole) <= limit:
        return whole
    kept, left = [head], limit - len(head) - len(tail) - _ROOM_FOR_REST
    for section in sections:
        if len(section) + 1 > left:
            break
        left -= len(section) + 1
        kept.append(section)
    dropped = review.reviewed[len(kept) - 1 :]
    rest = (
        f"{counted(len(dropped), 'more connection')} did not fit here, the worst with "
        f"{_risk_words(dropped)}. `connections review` shows all of it.\n"
    )
    return "\n".join([*kept, rest, tail]).rstrip("\n")[:limit] + "\n"


def _head(review: Review) -> list[str]:
    lines = [f"## {as_markdown(summary(review))}", ""]
    if review.refused:
        lines += [
            f"**The engine refuses this preview:** {review.refused}. It stopped there, so there may be more.",
            "",
        ]
    if not review.reviewed:
        lines += ["Nobody gains or loses anything.", ""]
        return lines
    risks = Counter(each.risk for one in review.reviewed for each in one.findings)
    worried = [f"{risks[risk]} of {risk.value} risk" for risk in Risk if risk != Risk.NONE and risks[risk]]
    return [*lines, f"Findings: {listed(worried, 'and')}." if worried else "Nothing of it is a risk.", ""]


def _section(each: Reviewed) -> list[str]:
    label = "" if each.is_connection else "Identity "
    lines = [f"### {label}{code(each.name)}: {each.action.value}"]
    if each.project is not None:
        lines.append(f"Project {as_markdown(each.project)}.")
    lines.append("")
    for finding in each.sorted_findings():
        risk = f"**{finding.risk.value.capitalize()} risk:** " if finding.risk != Risk.NONE else ""
        said = as_markdown(finding.said)
        lines.append(f"- {risk}{said if risk else said[0].upper() + said[1:]}.")
    if each.replacement:
        title = "What a replacement does" if each.action == Action.REPLACED else "What a deletion does"
        lines += ["", f"**{title}**", ""]
        lines += [f"- {as_markdown(said)}" for said in each.replacement]
    if each.not_known:
        lines += ["", f"Not known before `up`: {listed(each.not_known, 'and')}."]
    lines.append("")
    return lines


def _tail(review: Review) -> list[str]:
    lines = []
    if review.other_resources:
        number = sum(review.other_resources.values())
        what = [f"{count} {_OPERATIONS[op]}" for op, count in review.other_resources.items()]
        others = _count(number, "other resource changes", "other resources change")
        lines.append(f"{others} in the stack: {', '.join(what)}.")
    if review.is_plan and review.reviewed:
        lines.append("Read from a saved plan, which does not say what was there before.")
    return lines


def _worst(review: Review) -> Risk:
    return min((each.risk for each in review.reviewed), key=lambda risk: risk.place, default=Risk.NONE)


def _risk_words(reviewed: list[Reviewed]) -> str:
    worst = min((each.risk for each in reviewed), key=lambda risk: risk.place, default=Risk.NONE)
    return "no risk" if worst == Risk.NONE else f"{worst.value} risk"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def markdown_of_failure(stack: str, said: str) -> str:
    """What a pull request is told of a preview that failed."""
    where = phrase(" of stack ", Name(stack)) if stack else ()
    return f"## {as_markdown(phrase('The preview', where, ' failed'))}\n\n{code(said, _LONGEST_REASON)}\n"
