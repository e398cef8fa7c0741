"""What a stack may write about who may use a connection: checks that runs have to pass, roles for people."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from azure_service_connections.catalogue import access_rules, rules
from azure_service_connections.catalogue.time_zones import TIME_ZONES
from azure_service_connections.configuration.strictness import Model, held_to


def _text_of_time(value: Any) -> Any:
    # YAML reads 18:00 without quotes as the number 1080.
    if isinstance(value, int) and not isinstance(value, bool):
        problem = 'is read as a number; write the time in quotes, such as "18:00"'
        raise PydanticCustomError("rule", "{problem}", {"problem": problem})
    return value


NotBlank = Annotated[str, held_to(rules.not_blank), Field(json_schema_extra={"minLength": 1})]
Who = Annotated[str, held_to(access_rules.who)]
Branch = Annotated[str, held_to(access_rules.branch), Field(json_schema_extra={"pattern": "^refs/"})]
Reference = Annotated[str, held_to(access_rules.reference), Field(json_schema_extra={"pattern": "^refs/"})]
Day = Annotated[str, held_to(access_rules.day), Field(json_schema_extra={"enum": list(access_rules.DAYS)})]
TimeOfDay = Annotated[
    str,
    BeforeValidator(_text_of_time),
    held_to(access_rules.time_of_day),
    Field(json_schema_extra={"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
TimeZone = Annotated[
    str, held_to(access_rules.time_zone), Field(json_schema_extra={"enum": list(TIME_ZONES)})
]
Minutes = Annotated[
    int,
    held_to(access_rules.minutes),
    Field(json_schema_extra={"minimum": 1, "maximum": access_rules.LONGEST_WAIT}),
]
ApproverCount = Annotated[int, held_to(access_rules.approver_count), Field(json_schema_extra={"minimum": 1})]
ConnectionRole = Annotated[
    str,
    held_to(access_rules.connection_role),
    Field(json_schema_extra={"enum": list(access_rules.CONNECTION_ROLES)}),
]
RepositoryType = Annotated[
    str,
    held_to(access_rules.repository_type),
    Field(json_schema_extra={"enum": list(access_rules.REPOSITORY_TYPES)}),
]


class Approval(Model):
    """People who have to agree to each run."""

    approvers: list[Who]
    """Who is asked: user principal names, names of groups, or ids that Azure DevOps gives to identities."""
    minimum_approvers: ApproverCount | None = None
    """How many of them have to agree. Default: all."""
    instructions: NotBlank | None = None
    """What they should look at."""
    requester_can_approve: bool = False
    """Whether who started the run may agree to it."""
    timeout_minutes: Minutes | None = None
    """Minutes after which a run that nobody agreed to fails. Default: 43200, thirty days."""


class BusinessHours(Model):
    """When runs may use the connection; one that comes at another time waits."""

    days: list[Day]
    """Days of the week, in small letters."""
    start: TimeOfDay
    """From when, such as "08:00"."""
    end: TimeOfDay
    """Until when, such as "18:00"; later on the same day."""
    time_zone: TimeZone
    """The time zone as Azure DevOps names it, such as W. Europe Standard Time."""
    timeout_minutes: Minutes | None = None
    """Minutes that a run may wait. Default: 1440, one day."""


class RequiredTemplate(Model):
    """A template that pipelines have to extend."""

    repository: NotBlank
    """The repository that holds it: PROJECT/REPOSITORY, or REPOSITORY in the connection's project."""
    path: NotBlank
    """Its path in the repository."""
    ref: Reference | None = None
    """The branch or tag that has to be named, in full. Default: refs/heads/main."""
    repository_type: RepositoryType | None = None
    """Where the repository lies. Default: azuregit."""


class Checks(Model):
    """What every run has to pass before it may use the connection."""

    approvals: dict[str, Approval] = Field(default={})
    """Approvals, each under a key of yours. Default: none."""
    branches: list[Branch] | None = None
    """Full names of the branches that runs may come from, as refs/heads/main; `*` stands for any text."""
    allow_unprotected_branches: bool | None = None
    """True lets the branches through that no branch policy protects."""
    business_hours: BusinessHours | None = None
    """When runs may use it. Default: at any time."""
    exclusive_lock: bool = False
    """True lets one run at a time use it."""
    required_templates: list[RequiredTemplate] = Field(default=[])
    """Templates of which a pipeline has to extend one. Default: none."""


class Permission(Model):
    """A role on the connection for a person or a group."""

    who: Who
    """A user principal name, the name of a group, or the id that Azure DevOps gives to an identity."""
    role: ConnectionRole = "User"
    """Reader, User or Administrator."""


_GROUPS_OF_CHECKS: dict[Any, type[Model]] = {
    "approvals": Approval,
    "businessHours": BusinessHours,
    "requiredTemplates": RequiredTemplate,
}
_OUTERMOST = 3


def group_at(place: Sequence[Any]) -> type[BaseModel] | None:
    """The group of keys to which a place in a connection belongs, or None for one of another module."""
    if len(place) < _OUTERMOST:
        return None
    if place[1] == "permissions":
        return Permission
    if place[1] == "checks":
        return Checks if len(place) == _OUTERMOST else _GROUPS_OF_CHECKS.get(place[2])
    return None
