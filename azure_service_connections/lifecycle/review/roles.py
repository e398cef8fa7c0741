"""Roles in Azure that an identity gains or loses."""

from collections.abc import Iterator
from typing import Any, Final

from azure_service_connections.catalogue.roles import BUILT_IN_ROLES, role_guid
from azure_service_connections.lifecycle.review.azure_scope import Level, Scope
from azure_service_connections.lifecycle.review.endpoint import states_of
from azure_service_connections.lifecycle.review.finding import Finding, Kind, Risk
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, phrase, short
from azure_service_connections.lifecycle.review.preview import CREATE, DELETE, IMPORT, REPLACE, Step
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.values import Mark, text_of

_NAMES: Final = {guid: name for name, guid in BUILT_IN_ROLES.items()}
_HAND_OUT: Final = frozenset(
    {"Owner", "User Access Administrator", "Role Based Access Control Administrator"}
)
"""The roles that let an identity give roles to others and to itself."""
_READ_ONLY: Final = frozenset(
    {"Reader", "Management Group Reader", "Log Analytics Reader", "Key Vault Reader"}
)
_BY_AZURE_DEVOPS: Final = "Contributor"
_WITH_IT: Final = ", and with it can hand out roles, to itself too"


class Role:
    """One state of a role assignment."""

    def __init__(self, step: Step, new: bool) -> None:
        get = step.will if new else step.was
        definition = get("roleDefinitionId")
        named = text_of(get("roleDefinitionName"))
        self.guid = (role_guid(str(named or text_of(definition) or "")) or "").lower()
        self.name = _NAMES.get(self.guid) or named or self._unnamed(definition)
        scope = get("scope")
        self.scope_is_known = text_of(scope) is not None
        self.is_known = self.scope_is_known and bool(self.guid or named)
        self.scope = Scope(text_of(scope) or "")
        self.principal: Any = get("principalId")
        self.condition = get("condition")

    @staticmethod
    def _unnamed(definition: Any) -> str:
        text = text_of(definition)
        return f"custom role {short(text.rsplit('/', 1)[-1])}" if text else ""

    @property
    def hands_out(self) -> bool:
        """Whether it lets its holder give roles."""
        return self.name in _HAND_OUT

    @property
    def risk(self) -> Risk:
        """How much it opens where it holds."""
        if not self.is_known:
            return Risk.HIGH if self.hands_out else Risk.MEDIUM
        if self.hands_out:
            # A condition limits what may be handed out; Owner can do all the rest as well.
            limited = bool(self.condition) and self.name != "Owner"
            return Risk.HIGH if self.scope.broad and not limited else Risk.MEDIUM
        if self.name in _READ_ONLY:
            return Risk.LOW if self.scope.level >= Level.SUBSCRIPTION else Risk.MEDIUM
        if self.scope.level < Level.SUBSCRIPTION:
            return Risk.HIGH
        return Risk.MEDIUM if self.scope.broad else Risk.LOW

    def words(self) -> Phrase:
        """Its name."""
        return (Name(self.name),) if self.name else phrase("a role that is not known before ", Name("up"))

    def place(self, known: KnownNames) -> Phrase:
        """Where it holds."""
        return phrase("on ", _scope(self, known))

    def consequence(self) -> str:
        """What its holder can do to others' rights."""
        if not self.hands_out:
            return ""
        return f"{_WITH_IT}, as far as its condition lets it" if self.condition else _WITH_IT


def role_findings(group: Group, known: KnownNames, identity_changes: bool) -> Iterator[Finding]:
    """What the identity of a group gains and loses; roles that only move to a new identity are counted."""
    moved: list[Role] = []
    for step in group.of(ResourceKind.ROLE):
        if step.op in (CREATE, IMPORT):
            yield _given(Role(step, True), known)
        elif step.op == DELETE:
            yield _taken(step, known)
        else:
            old, new = Role(step, False), Role(step, True)
            changes = list((_planned if group.in_plan else _changes)(step, old, new, known))
            yield from changes
            if not changes and step.op == REPLACE:
                moved.append(Role(step, True))
    if moved and identity_changes:
        said: list[str] = []
        for position, role in enumerate(moved):
            said += [", " if position else "", *role.words(), " ", *role.place(known)]
        yield Finding(
            Kind.ROLE,
            max((role.risk for role in moved), key=lambda risk: -risk.place),
            "its new identity gains what the old one loses: ",
            tuple(said),
        )


def automatic_findings(group: Group, known: KnownNames) -> Iterator[Finding]:
    """The role that Azure DevOps gives to an identity of its own making: no resource of the stack says it."""
    before, after = states_of(group)
    if before is not None or after is None or not after.automatic or (scope := after.scope) is None:
        return
    risk = Risk.HIGH if scope.level < Level.SUBSCRIPTION else Risk.MEDIUM if scope.broad else Risk.LOW
    role = (Name(_BY_AZURE_DEVOPS),)
    where = scope.words(known)
    yield Finding(
        Kind.ROLE, risk, "gains the role ", role, " on ", where, ", which Azure DevOps gives by itself"
    )


def _given(role: Role, known: KnownNames) -> Finding:
    condition = " under a condition" if role.condition else ""
    return Finding(
        Kind.ROLE,
        role.risk,
        *("gains the role ", role.words(), " ", role.place(known), condition, role.consequence()),
    )


def _taken(step: Step, known: KnownNames) -> Finding:
    role = Role(step, False)
    if not role.is_known and not role.name:
        return Finding(Kind.ROLE, Risk.NONE, "loses the role assignment ", (Name(step.place.name),))
    return Finding(Kind.ROLE, Risk.NONE, "loses the role ", role.words(), " ", role.place(known))


def _planned(step: Step, old: Role, new: Role, known: KnownNames) -> Iterator[Finding]:
    """What a role is to be: a plan does not say what it was."""
    if "roleDefinitionId" in step.changed:
        what = ("its role ", new.place(known), " becomes ", new.words(), new.consequence())
        yield Finding(Kind.ROLE, new.risk, *what)
    elif "scope" in step.changed:
        where = phrase("its role ", new.words(), " holds ", new.place(known), " from now on")
        yield Finding(Kind.ROLE, new.risk, where, new.consequence())
    elif "condition" in step.changed:
        old.condition = Mark.UNKNOWN
        yield _of_condition(old, new, known)


def _changes(step: Step, old: Role, new: Role, known: KnownNames) -> Iterator[Finding]:
    same_scope = new.scope_is_known and old.scope.same(new.scope)
    same_role = old.name == new.name
    if not same_role and same_scope:
        yield Finding(
            Kind.ROLE,
            new.risk,
            *("the role ", old.words(), " becomes ", new.words(), " ", new.place(known), new.consequence()),
        )
    elif not same_role or not same_scope:
        yield from _moved(old, new, same_role, known)
    elif old.condition != new.condition and new.condition is not Mark.UNKNOWN:
        yield _of_condition(old, new, known)


def _moved(old: Role, new: Role, same_role: bool, known: KnownNames) -> Iterator[Finding]:
    if not same_role:
        yield _given(new, known)
        yield Finding(Kind.ROLE, Risk.NONE, "loses the role ", old.words(), " ", old.place(known))
        return
    if new.scope_is_known and old.scope.reaches_beyond(new.scope):
        how, risk = "narrows", Risk.NONE
    elif new.scope_is_known and new.scope.reaches_beyond(old.scope):
        how, risk = "widens", Risk.HIGH
    else:
        how, risk = "moves", max(Risk.MEDIUM, new.risk, key=lambda each: -each.place)
    yield Finding(
        Kind.ROLE,
        risk,
        *("the role ", new.words(), f" {how} from ", _scope(old, known), " to ", _scope(new, known)),
        new.consequence() if risk != Risk.NONE else "",
    )


def _scope(role: Role, known: KnownNames) -> Phrase:
    if role.scope_is_known:
        return role.scope.words(known)
    return phrase("a scope that is not known before ", Name("up"))


def _of_condition(old: Role, new: Role, known: KnownNames) -> Finding:
    what = ("the condition of the role ", new.words(), " ", new.place(known))
    if not new.condition:
        return Finding(
            Kind.ROLE, max(Risk.MEDIUM, new.risk, key=lambda each: -each.place), *what, " is removed"
        )
    if not old.condition:
        return Finding(
            Kind.ROLE, Risk.NONE, "the role ", new.words(), " ", new.place(known), " gets a condition"
        )
    return Finding(Kind.ROLE, Risk.MEDIUM if new.hands_out else Risk.LOW, *what, " is another one")
