"""Patterns of operations and the inheritance of scopes, over generated names."""

import string

from arm_world import SUBSCRIPTION, TENANT
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.sandbox.arm import management_group
from azure_service_connections.sandbox.arm.addresses import read
from azure_service_connections.sandbox.arm.patterns import matches, permits
from azure_service_connections.sandbox.arm.scopes import covers, lineage, parse
from azure_service_connections.sandbox.cloud import Cloud

NAMES = st.text(string.ascii_letters + string.digits + "-._()", min_size=1, max_size=8).filter(
    lambda name: name.strip(".") and name.lower() not in ("providers", "resourcegroups", "subscriptions")
)
ACTIONS = st.lists(NAMES, min_size=2, max_size=5).map("/".join)


def told_apart(pattern: str, action: str) -> bool:
    """A matcher written another way: the pieces between stars must occur in order, ends anchored."""
    pieces, text = pattern.lower().split("*"), action.lower()
    if len(pieces) == 1:
        return pattern.lower() == text
    if not text.startswith(pieces[0]):
        return False
    position = len(pieces[0])
    for piece in pieces[1:-1]:
        found = text.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return len(text) - position >= len(pieces[-1]) and text.endswith(pieces[-1])


@given(ACTIONS)
def test_an_operation_matches_itself_in_any_case_and_the_star(action: str) -> None:
    assert matches(action, action)
    assert matches(action.upper(), action.lower())
    assert matches("*", action)
    assert matches(f"{action}/*", f"{action}/read")
    assert not matches(f"{action}/*", action)


@given(st.text("ab/*.", max_size=8), st.text("ab/.", max_size=10))
def test_patterns_match_as_a_matcher_written_another_way_says(pattern: str, action: str) -> None:
    assert matches(pattern, action) is told_apart(pattern, action)


@given(st.data(), ACTIONS)
def test_any_stretch_of_an_operation_can_be_a_star(data: st.DataObject, action: str) -> None:
    start = data.draw(st.integers(0, len(action)))
    end = data.draw(st.integers(start, len(action)))
    assert matches(action[:start] + "*" + action[end:], action)


@given(st.lists(ACTIONS, max_size=4), st.lists(ACTIONS, max_size=4), ACTIONS)
def test_what_is_taken_away_is_never_granted(granted: list[str], taken: list[str], action: str) -> None:
    assert permits([*granted, action], taken, action) is (
        action.lower() not in {each.lower() for each in taken}
    )
    assert not permits([*granted, "*"], [*taken, action], action)


def test_a_point_in_a_pattern_is_a_point() -> None:
    assert not matches("Microsoft.Web/*", "MicrosoftXWeb/sites/read")


@st.composite
def trees(draw: st.DrawFn) -> tuple[Cloud, list[str]]:
    """A sandbox with a chain of management groups over a subscription; the chain, topmost first."""
    cloud = Cloud()
    count = draw(st.integers(0, 6))
    names = [f"group-{number}" for number in range(count)]
    parent: str | None = None
    for name in names:
        management_group.create(cloud, TENANT, name, name, parent)
        parent = name
    cloud.store.put(
        "subscriptions",
        SUBSCRIPTION,
        {"id": SUBSCRIPTION, "name": "one", "tenantId": TENANT, "managementGroup": parent},
    )
    return cloud, names


@given(trees(), NAMES, st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=3))
def test_a_resource_inherits_from_everything_that_it_lies_in_up_to_the_root(
    tree: tuple[Cloud, list[str]], group: str, parts: list[tuple[str, str]]
) -> None:
    cloud, names = tree
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    resource_group = f"{subscription}/resourceGroups/{group}"
    base = f"{resource_group}/providers/Microsoft.Test"
    nested = [
        base + "".join(f"/{kind}/{name}" for kind, name in parts[: count + 1]) for count in range(len(parts))
    ]
    above = [management_group.management_group_id(name) for name in (*reversed(names), TENANT)]
    expected = [*reversed(nested), resource_group, subscription, *above, "/"]
    assert list(lineage(cloud, TENANT, nested[-1])) == [scope.lower() for scope in expected]
    for place, scope in enumerate(expected):
        assert covers(cloud, TENANT, scope.upper(), nested[-1])
        for other in expected[place + 1 :]:
            assert covers(cloud, TENANT, other, scope)
            assert not covers(cloud, TENANT, scope, other)
    assert not covers(cloud, TENANT, f"{resource_group}x", nested[-1])
    assert lineage(cloud, "another-tenant", nested[-1]) == ()
    cloud.close()


@given(st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "DELETE"]), NAMES, NAMES, NAMES, NAMES)
def test_the_operation_of_a_request_is_its_type_and_its_verb(
    method: str, group: str, kind: str, name: str, child: str
) -> None:
    verb = {"GET": "read", "HEAD": "read", "DELETE": "delete"}.get(method, "write")
    base = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/Contoso.Things"
    one = read(method, f"{base}/{kind}/{name}/children/{child}")
    assert one.action == f"Contoso.Things/{kind}/children/{verb}".replace("resourcegroups", "resourceGroups")
    assert one.name == f"{name}/{child}"
    assert parse(one.scope).key == f"{base}/{kind}/{name}/children/{child}".lower()
    listed = read("GET", f"{base}/{kind}/{name}/children")
    assert listed.scope == f"{base}/{kind}/{name}"
    called = read("POST", f"{base}/{kind}/{name}/restart")
    assert called.action == f"Contoso.Things/{kind}/restart/action"
    assert called.scope == f"{base}/{kind}/{name}"


def test_lists_of_a_subscription_are_asked_for_at_it() -> None:
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    listed = read("GET", f"{subscription}/resourceGroups")
    assert (listed.action, listed.scope) == (
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        subscription,
    )
    assignments = read("GET", f"{subscription}/providers/microsoft.authorization/roleassignments")
    assert assignments.action == "Microsoft.Authorization/roleAssignments/read"
    assert assignments.scope == f"{subscription}/providers/microsoft.authorization"
    registered = read("POST", f"{subscription}/providers/Microsoft.Storage/register")
    assert (registered.action, registered.scope) == ("Microsoft.Storage/register/action", subscription)
