"""What looking an object up can come to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """The object exists."""

    id: str
    """Its id as the engine's plugin has it in the state."""
    import_id: str = ""
    """Its id as the engine's plugin wants it for an import, where that is another one."""

    @property
    def to_import(self) -> str:
        """The id for an import."""
        return self.import_id or self.id


@dataclass(frozen=True)
class Absent:
    """The object does not exist."""

    done: str = ""
    """What was done to that end, where something was."""


@dataclass(frozen=True)
class Unclear:
    """Nobody can say from here whether the object exists."""

    reason: str
    """Why, and what a person can do about it."""


Lookup = Found | Absent | Unclear
