"""What has to fit together in a plan, beyond the form of each value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.plan.plan_file import Entry, Removal
from azure_service_connections.lifecycle.plan.plan_yaml import Place

Found = tuple[Place, str]

_GUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{16}")
_ADDRESS: Final = re.compile(r"https?://[^\s/]+(/[^\s/?#]+)*/?", re.IGNORECASE)
_ID: Final = re.compile(_GUID, re.IGNORECASE)
_REMOVED: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "application": (_ID, "the object id of an application"),
    "serviceConnection": (_ID, "the id of a connection"),
    "federatedCredential": (
        re.compile(
            rf"{_GUID}/{_GUID}|/subscriptions/[^?#]+/federatedIdentityCredentials/[^/?#]+", re.IGNORECASE
        ),
        "`application's object id/credential's id`, or a full id in Azure",
    ),
    "roleAssignment": (
        re.compile(r"/([^?#]+/)?providers/Microsoft\.Authorization/roleAssignments/[^/?#]+", re.IGNORECASE),
        "the full id of a role assignment",
    ),
}
_RETIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "convert": ("secrets",),
    "migrate-issuer": ("secrets", "old-credential"),
    "revert": (),
    "keep": (),
}
"""What may be removed after which action: a reverted connection needs its secret again."""


def rule_mistakes(
    organizations: Sequence[str],
    entries: Sequence[tuple[int, Entry]],
    removals: Sequence[tuple[int, Removal]],
) -> Iterator[Found]:
    """The mistakes of a plan in parts of the right form, which come with their positions."""
    known: dict[str, str] = {}
    for position, address in enumerate(organizations):
        place: Place = ("organizations", position)
        if address and not _ADDRESS.fullmatch(address):
            yield place, f"{quoted(address)} is no address; write it as https://dev.azure.com/contoso"
        elif _same(address) in known:
            yield place, f"{quoted(address)} is listed twice; keep one of the two"
        known[_same(address)] = address
    first: dict[tuple[str, str], int] = {}
    for position, entry in entries:
        yield from _entry(("entries", position), entry, known)
        key = (_same(entry.organization), entry.id.lower())
        if key in first:
            yield (
                ("entries", position, "id"),
                f"entries[{first[key]}] is about this connection already; keep one of the two",
            )
        first.setdefault(key, position)
    yield from _removals(removals, known, entries)


def _entry(place: Place, entry: Entry, known: Mapping[str, str]) -> Iterator[Found]:
    if _same(entry.organization) not in known:
        yield (*place, "organization"), _unlisted(entry.organization, known)
    if not _ID.fullmatch(entry.id):
        yield (
            (*place, "id"),
            f"{quoted(entry.id)} is not the id of a connection; write the id Azure DevOps gives it",
        )
    if not _FINGERPRINT.fullmatch(entry.expects):
        yield (
            (*place, "expects"),
            f"{quoted(entry.expects)} was not written by `connections plan`; put back what it wrote",
        )
    yield from _credential(place, entry)
    yield from _retire(place, entry)


def _credential(place: Place, entry: Entry) -> Iterator[Found]:
    places = entry.action in ("convert", "migrate-issuer")
    if places and entry.credential == "none":
        yield (
            (*place, "credential"),
            f"says nobody, and `{entry.action}` needs a new one; write service, place or handoff",
        )
    if not places and entry.credential != "none":
        yield (
            (*place, "credential"),
            f"says `{entry.credential}`, and `{entry.action}` needs no new one; take it out",
        )
    if places and entry.credential in ("place", "handoff"):
        identity = entry.identity
        if identity is None:
            yield (
                (*place, "identity"),
                f"is missing, and `{entry.credential}` needs it; write whose credential it is",
            )
        elif entry.credential == "place" and not (identity.object_id or identity.resource_id):
            yield (
                (*place, "identity"),
                "has neither objectId nor resourceId, and `place` needs one; write it, or say handoff",
            )


def _retire(place: Place, entry: Entry) -> Iterator[Found]:
    allowed = _RETIRED[entry.action]
    for position, each in enumerate(entry.retire):
        at = (*place, "retire", position)
        if each in entry.retire[:position]:
            yield at, f"`{each}` is written twice; keep one of the two"
        elif each not in allowed:
            instead = f"`{entry.action}` removes {listed(allowed) if allowed else 'nothing'}"
            yield at, f"`{each}` does not go with this action: {instead}; take it out"


def _removals(
    removals: Sequence[tuple[int, Removal]], known: Mapping[str, str], entries: Sequence[tuple[int, Entry]]
) -> Iterator[Found]:
    changed = {entry.id.lower(): position for position, entry in entries if entry.action != "keep"}
    first: dict[tuple[str, str], int] = {}
    for position, removal in removals:
        place: Place = ("removals", position)
        pattern, what = _REMOVED[removal.kind]
        if not pattern.fullmatch(removal.id) or ".." in removal.id:
            yield (*place, "id"), f"{quoted(removal.id)} is not {what}; write that"
        key = (removal.kind, removal.id.lower())
        if key in first:
            yield (*place, "id"), f"removals[{first[key]}] is about the same; keep one of the two"
        first.setdefault(key, position)
        if removal.kind == "serviceConnection" and not removal.project:
            yield (*place, "project"), "is missing; write the project that has the connection"
        if removal.organization and _same(removal.organization) not in known:
            yield (*place, "organization"), _unlisted(removal.organization, known)
        elif removal.kind == "serviceConnection" and not removal.organization:
            yield (*place, "organization"), "is missing; write the address of the connection's organization"
        if (
            removal.kind == "serviceConnection"
            and removal.action == "remove"
            and removal.id.lower() in changed
        ):
            yield (
                (*place, "action"),
                f"removes what entries[{changed[removal.id.lower()]}] changes; keep one of the two",
            )


def _unlisted(address: str, known: Mapping[str, str]) -> str:
    those = f" ({listed(list(known.values()), 'and')})" if known else ""
    return f"{quoted(address)} is not among the plan's organizations{those}; list it there"


def _same(address: str) -> str:
    return address.rstrip("/").casefold()
