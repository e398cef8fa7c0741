"""Who may use a connection, as a stack says it: names looked up, mistakes said in sentences."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mock_cloud import SUBSCRIPTION, Cloud, run, start
from program import PROJECT, Refusal, answers, connect, derived
from test_connection_checks import APPROVAL, BRANCHES, HOURS, LOCK, ROLE, TEMPLATE
from test_loader_mistakes import connection, mistakes_of

from azure_service_connections.catalogue.access_rules import (
    CONNECTION_ROLES,
    DAYS,
    LONGEST_WAIT,
    REPOSITORY_TYPES,
)
from azure_service_connections.catalogue.time_zones import TIME_ZONES
from azure_service_connections.configuration.access_models import Approval, Checks, Permission, group_at
from azure_service_connections.configuration.loader import load
from azure_service_connections.configuration.mistakes import ConfigurationError
from azure_service_connections.configuration.sentences import keys_of

PEOPLE = "azuredevops:index/getIdentityUsers:getIdentityUsers"
GROUP = "azuredevops:index/getIdentityGroup:getIdentityGroup"
IDENTITY = "bbbbbbbb-0000-4000-8000-00000000000A"

CHECKS: dict[str, Any] = {
    "approvals": {
        "owner": {
            "approvers": ["ada@contoso.example", "platform-engineers", r"[Payments]\Release Administrators"],
            "minimumApprovers": 1,
            "instructions": "Look at the plan.",
        }
    },
    "branches": ["refs/heads/main"],
    "businessHours": {
        "days": ["monday", "tuesday"],
        "start": "08:00",
        "end": "18:00",
        "timeZone": "W. Europe Standard Time",
    },
    "exclusiveLock": True,
    "requiredTemplates": [{"repository": "Platform/templates", "path": "deploy.yml"}],
}
PERMISSIONS: dict[str, Any] = {
    "payments": {"who": r"[Payments]\Contributors"},
    "ada": {"who": "ada@contoso.example", "role": "Administrator"},
    "robot": {"who": IDENTITY, "role": "Reader"},
}


def directory(**absent: str) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    """An organization that knows everybody but those who are given with the words of the refusal."""

    def person(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["name"] in absent:
            raise Refusal(absent[asked["name"]])
        named = asked["searchFilter"] == "AccountName" or " " in asked["name"]
        return {"id": derived(asked["name"]), "subjectDescriptor": "aad.x" if named else "aadgp.x"}

    def group(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["name"] in absent:
            raise Refusal(absent[asked["name"]])
        return {"id": derived(asked["projectId"], asked["name"])}

    return {**answers(), PEOPLE: person, GROUP: group}


def up(written: dict[str, Any], **absent: str) -> Cloud:
    cloud = start(Cloud(answers=directory(**absent)))
    run(lambda: connect(json.dumps(written)))
    return cloud


def refusal(written: dict[str, Any], **absent: str) -> list[str]:
    cloud = start(Cloud(answers=directory(**absent)))
    with pytest.raises(pulumi.RunError) as raised:
        run(lambda: connect(json.dumps(written)))
    assert cloud.resources == []
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


def test_everything_that_a_stack_says_of_checks_is_sent() -> None:
    cloud = up({"payments": connection(checks=CHECKS)})
    approval = cloud.one(APPROVAL)
    project = derived("Payments")
    assert approval["approvers"] == [
        derived("ada@contoso.example"),
        derived("platform-engineers"),
        derived(project, r"[Payments]\Release Administrators"),
    ]
    assert (approval["minimumRequiredApprovers"], approval["requesterCanApprove"]) == (1, False)
    assert cloud.one(BRANCHES)["verifyBranchProtection"] is True
    assert cloud.one(HOURS)["timeZone"] == "W. Europe Standard Time"
    assert cloud.one(TEMPLATE)["requiredTemplates"][0]["repositoryName"] == "Platform/templates"
    assert len(cloud.of(LOCK)) == 1


def test_roles_go_to_whom_the_names_belong_and_user_is_the_usual_one() -> None:
    cloud = up({"payments": connection(permissions=PERMISSIONS)})
    assert {each["identityId"]: each["roleName"] for each in cloud.of(ROLE)} == {
        derived(derived("Payments"), r"[Payments]\Contributors"): "User",
        derived("ada@contoso.example"): "Administrator",
        IDENTITY.lower(): "Reader",
    }


def test_everybody_is_looked_up_once_and_an_id_not_at_all() -> None:
    written = {key: connection(checks=CHECKS, permissions=PERMISSIONS) for key in ("one", "two")}
    cloud = up(written)
    asked = [call.args["name"] for call in cloud.calls if call.token in (PEOPLE, GROUP)]
    assert sorted(asked) == [
        r"[Payments]\Contributors",
        r"[Payments]\Release Administrators",
        "ada@contoso.example",
        "platform-engineers",
    ]


def test_groups_outside_the_project_are_searched_for_in_the_organization() -> None:
    name = r"[contoso]\Administrators"
    cloud = up({"payments": connection(permissions={"all": {"who": name}})})
    (call,) = [call for call in cloud.calls if call.token == PEOPLE]
    assert call.args == {"name": name, "searchFilter": "General"}


def test_people_and_groups_that_do_not_exist_are_told_together() -> None:
    group = r"[Payments]\Nobody"
    said = refusal(
        {
            "payments": connection(
                checks={"approvals": {"owner": {"approvers": ["bob@contoso.example", "owners"]}}},
                permissions={"nobody": {"who": group}, "ada": {"who": "ada@contoso.example"}},
            )
        },
        **{
            "bob@contoso.example": "Could not find user with name: bob, with filter: AccountName",
            "owners": "Could not find user with name: owners, with filter: DisplayName",
            group: "Can not find group with name Nobody in project with ID 1",
        },
    )
    instead = "write a user principal name, the name of a group or an identity's id of the organization"
    assert said == [
        "connections.payments.checks.approvals.owner.approvers[0]: there is no such thing as the person "
        f"'bob@contoso.example'; {instead}",
        "connections.payments.checks.approvals.owner.approvers[1]: there is no such thing as the group "
        f"'owners'; {instead}",
        f"connections.payments.permissions.nobody.who: there is no such thing as the group '{group}'; write "
        "the name of a group as the project's settings show it",
    ]


def test_a_persons_name_is_no_name_of_a_group() -> None:
    said = refusal({"payments": connection(permissions={"ada": {"who": "Ada Park"}})})
    assert said == [
        "connections.payments.permissions.ada.who: 'Ada Park' is not a group; write a person's user "
        "principal name"
    ]


def test_nobody_is_named_twice() -> None:
    written = connection(
        checks={"approvals": {"owner": {"approvers": ["ada@contoso.example", "ADA@contoso.example"]}}},
        permissions={"ada": {"who": "ada@contoso.example"}, "again": {"who": derived("ada@contoso.example")}},
    )
    assert refusal({"payments": written}) == [
        "connections.payments.checks.approvals.owner.approvers[1]: is the one of "
        "connections.payments.checks.approvals.owner.approvers[0] again; everybody is asked once, so "
        "remove one",
        "connections.payments.permissions.again.who: is the one of connections.payments.permissions.ada.who "
        "again; Azure DevOps keeps one role each, so remove one",
    ]


def test_a_project_that_does_not_exist_is_told_alone() -> None:
    answering = {**directory(), PROJECT: _absent}
    start(Cloud(answers=answering))
    with pytest.raises(pulumi.RunError) as raised:
        run(lambda: connect(json.dumps({"payments": connection(permissions=PERMISSIONS)})))
    assert str(raised.value).count("connections.payments") == 1


def _absent(asked: dict[str, Any]) -> dict[str, Any]:
    raise Refusal(f"project {asked['name']} does not exist")


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ({"branches": []}, "branches: lets no run pass; write a branch or remove the key"),
        (
            {"branches": ["main"]},
            "branches[0]: 'main' is not the full name of a branch; write refs/heads/main",
        ),
        (
            {"branches": "main"},
            "branches: is the text 'main' where a list belongs; write a list in brackets: [a, b]",
        ),
        (
            {"branches": ["*"]},
            "branches[0]: '*' lets every branch, tag and pull request through; write refs/heads/NAME",
        ),
        (
            {"allowUnprotectedBranches": True},
            "allowUnprotectedBranches: goes with `branches` only; write `branches` too or remove it",
        ),
        ({"branch": ["x"]}, "branch: 'branch' is not known here; write 'branches'"),
        (
            {"approvals": {"owner": {"approvers": []}}},
            "approvals.owner.approvers: asks nobody; write at least one",
        ),
        (
            {"approvals": {"owner": {}}},
            "approvals.owner.approvers: is missing; write the people and groups who are asked",
        ),
        (
            {"approvals": {"owner": {"approvers": ["a@b"], "minimumApprovers": 2}}},
            "approvals.owner.minimumApprovers: '2' is more than the 1 who are asked; write 1 or less",
        ),
        (
            {"approvals": {"owner": {"approvers": [" a@b"]}}},
            "approvals.owner.approvers[0]: ' a@b' is nobody who can be looked up; write a user principal "
            "name, the name of a group or an "
            "identity's id",
        ),
        (
            {"approvals": {"owner": {"approvers": ["a@b"], "approver": "a"}}},
            "approvals.owner.approver: 'approver' is not known here; write 'approvers'",
        ),
        (
            {"businessHours": {**CHECKS["businessHours"], "days": []}},
            "businessHours.days: names no day; write at least one",
        ),
        (
            {"businessHours": {**CHECKS["businessHours"], "days": ["mon"]}},
            "businessHours.days[0]: 'mon' is not a day of the week; write 'monday'",
        ),
        (
            {"businessHours": {**CHECKS["businessHours"], "end": 1080}},
            'businessHours.end: is read as a number; write the time in quotes, such as "18:00"',
        ),
        (
            {"businessHours": {**CHECKS["businessHours"], "end": "07:00"}},
            "businessHours.end: '07:00' is not later than the start, '08:00'; write a later time of the "
            "same day",
        ),
        (
            {"businessHours": {**CHECKS["businessHours"], "timeZone": "Europe/Paris"}},
            "businessHours.timeZone: 'Europe/Paris' is not a time zone of Azure DevOps; write a name such "
            "as 'W. Europe Standard Time'",
        ),
        (
            {"requiredTemplates": [{"path": "deploy.yml", "repo": "x"}]},
            "requiredTemplates[0].repository: is missing; write the repository that holds it",
        ),
        (
            {"requiredTemplates": [{"repository": "x", "path": "y", "ref": "main"}]},
            "requiredTemplates[0].ref: 'main' is not the full name of a branch or tag; write refs/heads/main",
        ),
        (
            {"exclusiveLock": "yes"},
            "exclusiveLock: is the text 'yes' where a yes-or-no value belongs; write true or false, "
            "without quotes",
        ),
    ],
)
def test_a_mistake_in_a_stacks_checks_is_one_sentence(checks: Any, said: str) -> None:
    assert mistakes_of({"payments": connection(checks=checks)})[0] == f"connections.payments.checks.{said}"


@pytest.mark.parametrize(
    ("permission", "said"),
    [
        (
            {},
            ".who: is missing; write the user principal name of a person, the name of a group or an "
            "identity's id",
        ),
        (
            {"who": "a@b", "role": "Creator"},
            ".role: 'Creator' is not a role on a connection; write Reader, User or Administrator",
        ),
        ({"who": "a@b", "roll": "User"}, ".roll: 'roll' is not known here; write 'role'"),
        ("a@b", ": is the text 'a@b' where a map belongs; write `key: value` pairs"),
    ],
)
def test_a_mistake_in_a_stacks_permissions_is_one_sentence(permission: Any, said: str) -> None:
    written = {"payments": connection(permissions={"ada": permission})}
    assert mistakes_of(written) == [f"connections.payments.permissions.ada{said}"]


def test_all_of_it_is_read_and_nothing_is_needed() -> None:
    read = load({"payments": connection(checks=CHECKS, permissions=PERMISSIONS), "plain": connection()})
    checks = read["payments"].checks
    assert checks is not None
    assert checks.approvals["owner"].timeout_minutes is None
    assert read["payments"].permissions["payments"].role == "User"
    assert (read["plain"].checks, read["plain"].permissions) == (None, {})
    assert read["plain"].subscription is not None
    assert read["plain"].subscription.id == SUBSCRIPTION


def test_the_output_says_where_a_project_is_to_hand_nothing_down(monkeypatch: pytest.MonkeyPatch) -> None:
    exported: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", lambda key, value: exported.update(value))
    up({"closed": connection(inheritPermissions=False), "usual": connection(inheritPermissions=True)})
    assert exported["closed"]["inheritPermissions"] is False
    assert "inheritPermissions" not in exported["usual"]


def test_places_belong_to_the_groups_that_hold_them() -> None:
    assert group_at(("payments", "permissions", "ada", "x")) is Permission
    assert group_at(("payments", "roles", "look", "x")) is None
    assert group_at(("payments", "checks")) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
almost = st.dictionaries(
    st.sampled_from([*keys_of(Checks), *keys_of(Permission), "owner"]),
    st.dictionaries(
        st.sampled_from([*keys_of(Approval), "owner", "start", "end", "days"]), anything, max_size=4
    )
    | st.dictionaries(st.just("owner"), st.dictionaries(st.sampled_from(keys_of(Approval)), anything))
    | anything,
    max_size=4,
)


@given(checks=anything | almost, permissions=anything | almost)
def test_anything_written_there_is_read_or_refused_in_sentences(checks: Any, permissions: Any) -> None:
    try:
        load({"payments": connection(checks=checks, permissions=permissions)})
    except ConfigurationError as error:
        for mistake in error.mistakes:
            assert mistake.path.startswith("connections.payments.")
            assert "; " in mistake.problem


person = st.from_regex(r"[a-z]{3,8}@contoso\.example", fullmatch=True)
name = st.from_regex(r"[a-z]{3,10}", fullmatch=True)
waits = st.integers(1, LONGEST_WAIT)
times = st.tuples(st.times(), st.times()).map(lambda pair: sorted(each.strftime("%H:%M") for each in pair))
refs = st.builds(lambda kind, each: f"refs/{kind}/{each}", st.sampled_from(["heads", "tags"]), name)


def optional(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


approval = st.fixed_dictionaries(
    {"approvers": st.lists(person | name, min_size=2, max_size=4, unique=True)},
    optional={
        "minimumApprovers": st.integers(1, 2),
        "instructions": name,
        "requesterCanApprove": st.booleans(),
        "timeoutMinutes": waits,
    },
)
hours = times.filter(lambda pair: pair[0] < pair[1]).flatmap(
    lambda pair: st.fixed_dictionaries(
        {
            "days": st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
            "start": st.just(pair[0]),
            "end": st.just(pair[1]),
            "timeZone": st.sampled_from(TIME_ZONES),
        },
        optional={"timeoutMinutes": waits},
    )
)
template = st.fixed_dictionaries(
    {"repository": name, "path": name},
    optional={"ref": refs, "repositoryType": st.sampled_from(REPOSITORY_TYPES)},
)
every_check = optional(
    approvals=st.dictionaries(name, approval, max_size=2),
    branches=st.lists(refs, min_size=1, max_size=3),
    businessHours=hours,
    exclusiveLock=st.booleans(),
    requiredTemplates=st.lists(template, max_size=2),
)
every_permission = st.dictionaries(person, st.sampled_from(CONNECTION_ROLES), max_size=3).map(
    lambda given: {who: {"who": who, "role": role} for who, role in given.items()}
)


@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(checks=every_check, permissions=every_permission)
def test_what_the_loader_accepts_the_components_accept(checks: Any, permissions: Any) -> None:
    cloud = up({"payments": connection(checks=checks, permissions=permissions)})
    assert len(cloud.of(APPROVAL)) == len(checks.get("approvals", {}))
    assert len(cloud.of(BRANCHES)) == ("branches" in checks)
    assert len(cloud.of(HOURS)) == ("businessHours" in checks)
    assert len(cloud.of(LOCK)) == bool(checks.get("exclusiveLock"))
    assert len(cloud.of(TEMPLATE)) == bool(checks.get("requiredTemplates"))
    assert len(cloud.of(ROLE)) == len(permissions)
