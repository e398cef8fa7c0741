"""What a rule is: what must hold, why, how to mend it, how hard it is asked for, and how it is judged."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from policies.estate import Estate
from policies.resource import Resource


class Level(StrEnum):
    """What a violation does, in the engine's words."""

    DISABLED = "disabled"
    ADVISORY = "advisory"
    MANDATORY = "mandatory"


class Severity(StrEnum):
    """How bad a violation is, in the engine's words."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Preset(StrEnum):
    """A level for every rule and a value for every setting."""

    BASELINE = "baseline"
    STRICT = "strict"


class Levels(NamedTuple):
    """The level of a rule in each preset."""

    baseline: Level
    strict: Level


ALWAYS = Levels(Level.MANDATORY, Level.MANDATORY)
STRICT_ONLY = Levels(Level.ADVISORY, Level.MANDATORY)
STRICT_ADDS = Levels(Level.DISABLED, Level.MANDATORY)


@dataclass(frozen=True)
class Setting:
    """What a stack's owner may decide about a rule."""

    name: str
    meaning: str
    schema: Mapping[str, Any]
    """What values it takes, as JSON Schema."""
    baseline: Any
    strict: Any = None
    """Its value in the preset strict. Default: that of baseline."""

    def default(self, preset: Preset) -> Any:
        """Its value in a preset."""
        stricter = preset is Preset.STRICT and self.strict is not None
        return self.strict if stricter else self.baseline


class Settings:
    """The values of a rule's settings: those given, and the baseline's for the others."""

    def __init__(self, settings: Iterable[Setting], given: Mapping[str, Any], today: date) -> None:
        self._values = {each.name: given.get(each.name, each.baseline) for each in settings}
        self.today = today
        """The day of the judgement."""

    def texts(self, name: str) -> list[str]:
        """The texts of a setting that is a list."""
        return [str(each) for each in self._values[name]]

    def number(self, name: str) -> int:
        """The whole number of a setting, which the engine hands over as a float."""
        return int(self._values[name])

    def day(self, name: str) -> date:
        """The date of a setting."""
        return date.fromisoformat(str(self._values[name]))


class Finding(NamedTuple):
    """A resource, and what about it does not hold: a phrase that the resource's name begins."""

    resource: Resource
    problem: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every rule says."""

    name: str
    holds: str
    """What must hold, in one sentence."""
    because: str
    """Why, in one sentence."""
    fix: str
    """What to do, as a phrase that ends a message."""
    severity: Severity
    levels: Levels
    controls: tuple[str, ...] = ()
    """The ids of the controls in public catalogues that it covers, whole or in part."""
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule that one resource's inputs decide: judged before the resource is made."""

    types: tuple[str, ...]
    judge: Callable[[Resource, Settings], Iterable[str]]
    """The problems of a resource."""


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule that takes several resources: judged at the end of a preview, of an update, or on a state."""

    judge: Callable[[Estate, Settings], Iterable[Finding]]


TEXTS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}
"""The schema of a setting that is a list of texts."""
