"""A finding: what is wrong with a connection, what a pipeline is told by it, and what to do."""

from pydantic import field_validator

from azure_service_connections.lifecycle.diagnosis.kinds import KINDS
from azure_service_connections.lifecycle.document import Document


class Finding(Document):
    """Something that is wrong with a connection, or will be."""

    connection: str
    """Its key in the stack, or its address where no stack is looked at."""
    kind: str
    """Which of the kinds of `kinds.py` it is."""
    what: str
    """What is wrong, without a full stop."""
    code: str = ""
    """What a pipeline is told by Entra ID (`AADSTS…`), Azure or Azure DevOps; empty where nothing fails."""
    fix: str
    """A command or a change of the stack, without a full stop."""

    @field_validator("kind")
    @classmethod
    def _is_listed(cls, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"{kind} is no kind of finding")
        return kind

    @property
    def stops(self) -> bool:
        """Whether a job fails by it now."""
        return KINDS[self.kind].stops
