"""What a replaced or deleted connection breaks, and the safe way around it.

The safe way is that of docs/decisions/0004-connections-are-protected.md.
"""

from collections.abc import Iterator
from typing import Final

from azure_service_connections.catalogue.wording import listed
from azure_service_connections.lifecycle.review.endpoint import FEDERATED, SECRET, states_of
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, phrase
from azure_service_connections.lifecycle.review.pipeline_rights import Pipelines, pipelines_before
from azure_service_connections.lifecycle.review.preview import CREATE, DELETE, REPLACE, Step
from azure_service_connections.lifecycle.review.resource_kinds import (
    APPLICATIONS,
    MANAGED_IDENTITIES,
    plain_type,
)
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind

_BY_HAND: Final = (
    "Lost with the old id: what was set on it by hand, such as checks, roles of people and pipelines that "
    "are not in this stack."
)
_OWN_KEY: Final = (
    "Safe way: declare the new connection beside the old one, under a key of its own, move the pipelines "
    "over, and remove the old one last."
)


def replacement_words(group: Group, known: KnownNames) -> Iterator[Phrase]:
    """What breaks when the connection is replaced, and what to do instead."""
    step = group.endpoint
    if step is None or step.op != REPLACE:
        return
    before, after = states_of(group)
    old = pipelines_before(group)
    yield _breaking(old, known, moved=bool(before and after and before.project != after.project))
    yield (_BY_HAND,)
    yield from _made_again(group)
    if before and after and before.sign_in == SECRET and after.sign_in == FEDERATED:
        yield phrase(
            "Safe way: convert it in place, which keeps its id: ",
            *(Name("connections plan"), ", then ", Name("connections apply"), "."),
        )
    else:
        yield (_OWN_KEY,)
    if _was_protected(step):
        yield phrase(
            "The connection is protected, so the engine refuses this unless the stack says ",
            *(Name("replace: allowed"), " for it."),
        )


def deletion_words(group: Group, known: KnownNames) -> Iterator[Phrase]:
    """What breaks when the connection is deleted."""
    step = group.endpoint
    if step is None:
        return
    old = pipelines_before(group)
    used = old.words(known)
    if used is None:
        yield ("No pipeline of this stack uses it; look at its page in Azure DevOps for others.",)
    else:
        yield phrase("Pipelines that fail without it: ", used, ".")
    for each in group.of(ResourceKind.IDENTITY):
        token = plain_type(each.type)
        if each.op == DELETE and token in APPLICATIONS | MANAGED_IDENTITIES:
            yield ("Its identity is deleted with it, with its roles and secrets, also those given by hand.",)
    if _was_protected(step):
        yield phrase(
            "The connection is protected, so the engine refuses this. To remove it: write ",
            *(Name("replace: allowed"), " for it and run ", Name("pulumi up"), "; then remove it."),
        )


def _breaking(old: Pipelines, known: KnownNames, moved: bool) -> Phrase:
    used = old.words(known)
    if used is None:
        return ("Pipelines that it breaks: none of this stack; look at its page in Azure DevOps for others.",)
    if moved:
        return phrase("Pipelines that it breaks: ", used, ", which do not find it in their project any more.")
    return phrase(
        "Pipelines that it breaks: ", used, ", in runs between the deletion and the new connection."
    )


def _made_again(group: Group) -> Iterator[Phrase]:
    """What the stack gives to the new connection again."""
    made = [
        label
        for kind, label in (
            (ResourceKind.PIPELINE, "rights of pipelines"),
            (ResourceKind.CHECK, "checks"),
            (ResourceKind.PERSON, "roles of people"),
            (ResourceKind.TRUST, "the federated credential"),
        )
        if any(step.op in (CREATE, REPLACE) for step in group.of(kind))
    ]
    if made:
        yield phrase("Made again by this stack: ", listed(made, "and"), ".")
    if not any(step.op in (CREATE, REPLACE, DELETE) for step in group.of(ResourceKind.IDENTITY)):
        yield ("Kept: the identity and its roles in Azure, except where this review says otherwise.",)


def _was_protected(step: Step) -> bool:
    return any(state.protect for state in step.states())
