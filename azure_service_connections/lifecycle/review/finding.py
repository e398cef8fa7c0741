"""What a review says: one document, from which the Markdown is written."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from azure_service_connections.lifecycle.document import Document
from azure_service_connections.lifecycle.review.phrase import Phrase, as_text
from azure_service_connections.lifecycle.review.values import masked


class Risk(StrEnum):
    """How much a reviewer should worry."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"

    @property
    def place(self) -> int:
        """Where it stands in a list with the worst first."""
        return _WORST_FIRST.index(self)


_WORST_FIRST: Final = (Risk.HIGH, Risk.MEDIUM, Risk.LOW, Risk.NONE)


class Kind(StrEnum):
    """What a finding is about."""

    CONNECTION = "connection"
    """It is made, deleted, replaced, renamed or protected."""
    CREDENTIAL = "credential"
    IDENTITY = "identity"
    SCOPE = "scope"
    ROLE = "role"
    TRUST = "trust"
    PIPELINES = "pipelines"
    CHECKS = "checks"
    PEOPLE = "people"
    SHARING = "sharing"


class Action(StrEnum):
    """What happens to a connection or an identity."""

    NEW = "new"
    REPLACED = "replaced"
    DELETED = "deleted"
    CHANGED = "changed"


class Finding:
    """One thing that somebody gains or loses."""

    def __init__(self, kind: Kind, risk: Risk, *parts: "str | Phrase") -> None:
        """`parts` make a sentence without its full stop, about a subject that is the connection."""
        self.kind = kind
        self.risk = risk
        self.said: Phrase = tuple(
            each for part in parts for each in ((part,) if isinstance(part, str) else part)
        )

    def document(self, sensitive: Collection[str]) -> "FindingDocument":
        """The finding as it is written as JSON, without what must not be shown."""
        return FindingDocument(kind=self.kind, risk=self.risk, text=masked(as_text(self.said), sensitive))


class FindingDocument(Document):
    """A finding, its names in single quotes."""

    kind: Kind
    risk: Risk
    text: str


class ReviewedDocument(Document):
    """What changes about one connection, or about an identity that no one connection has for itself."""

    name: str
    is_connection: bool
    project: str | None
    action: Action
    risk: Risk
    """That of the worst finding."""
    findings: tuple[FindingDocument, ...]
    """The worst first."""
    replacement: tuple[str, ...]
    """What a replacement breaks and the safe way; empty where nothing is replaced or deleted."""
    not_known: tuple[str, ...]
    """What cannot be known before `up`."""


class ReviewDocument(Document):
    """A whole review."""

    stack: str
    summary: str
    risk: Risk
    changed: bool
    """Whether anything about a connection or an identity changes."""
    refused: str | None
    """Why the engine refuses the preview; None where it does not."""
    connections: tuple[ReviewedDocument, ...]
    """The worst first."""
    other_resources: dict[str, int]
    """How many other resources of the stack change: `create`, `update`, `replace`, `delete`, `import`."""


class Reviewed:
    """What changes about one connection or one identity."""

    def __init__(self, name: str, is_connection: bool, action: Action) -> None:
        self.name = name
        self.is_connection = is_connection
        self.action = action
        self.project: Phrase | None = None
        self.findings: list[Finding] = []
        self.replacement: list[Phrase] = []
        self.not_known: list[str] = []

    @property
    def risk(self) -> Risk:
        """That of the worst finding."""
        return min((each.risk for each in self.findings), key=lambda risk: risk.place, default=Risk.NONE)

    def sorted_findings(self) -> list[Finding]:
        """The worst first, those about the connection itself before others; what is new is said first."""
        if self.action == Action.NEW:
            return sorted(self.findings, key=lambda each: (each.kind != Kind.CONNECTION, each.risk.place))
        return sorted(self.findings, key=lambda each: (each.risk.place, each.kind != Kind.CONNECTION))

    def document(self, sensitive: Collection[str]) -> ReviewedDocument:
        """The same as it is written as JSON, without what must not be shown."""
        project = None if self.project is None else masked(as_text(self.project).strip("'"), sensitive)
        return ReviewedDocument(
            name=masked(self.name, sensitive),
            is_connection=self.is_connection,
            project=project,
            action=self.action,
            risk=self.risk,
            findings=tuple(each.document(sensitive) for each in self.sorted_findings()),
            replacement=tuple(masked(as_text(each), sensitive) for each in self.replacement),
            not_known=tuple(self.not_known),
        )


class Review:
    """What a preview changes."""

    def __init__(
        self, project: str, stack: str, reviewed: list[Reviewed], other_resources: dict[str, int]
    ) -> None:
        self.project = project
        self.stack = stack
        self.reviewed = sorted(reviewed, key=lambda each: (each.risk.place, each.name))
        self.other_resources = other_resources
        self.refused: str | None = None
        self.is_plan = False
        self.sensitive: frozenset[str] = frozenset()
        """Texts that must not be shown, whatever they stand in."""
