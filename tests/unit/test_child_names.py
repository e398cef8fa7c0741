"""Names of children, and what is derived from names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mock_cloud import AUTHORIZATION, PROJECT, ROLE_ASSIGNMENT, Cloud, run, start
from test_service_connection import args

from components import ServiceConnection
from components.app_registration import application_tag
from components.names import child_name

# Few letters, so that generated parts have a chance to meet.
part = st.text(alphabet="ab-/~01", max_size=6)

SIMILAR = [("a", ["b-role-c", "b/c"]), ("a-role-b", ["c"]), ("a/b", ["c"]), ("a~1b", ["c"])]


@given(st.lists(part, min_size=1, max_size=4), st.lists(part, min_size=1, max_size=4))
def test_different_parts_never_give_one_name(one: list[str], other: list[str]) -> None:
    assert (child_name(*one) == child_name(*other)) == (one == other)


@pytest.mark.parametrize("name", ["payments", "payments-prod", "Payments (prod)", "a.b_c:d"])
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert child_name(name) == name
    assert child_name(name, "deploy") == f"{name}/deploy"


def test_roles_and_pipelines_of_connections_with_similar_names_do_not_meet(cloud: Cloud) -> None:
    def program() -> None:
        for name, keys in SIMILAR:
            roles = {key: {"role": "Reader"} for key in keys}
            ServiceConnection(name, args(roles=roles, pipelines={key: {"id": 7} for key in keys}))

    run(program)
    for kind in (ROLE_ASSIGNMENT, AUTHORIZATION):
        names = [resource.name for resource in cloud.resources if resource.typ == kind]
        assert len(names) == len(set(names)) == 5


def test_opening_to_all_pipelines_does_not_meet_a_pipeline_of_another_connection() -> None:
    cloud = start(Cloud())
    run(
        lambda: [
            ServiceConnection("a/b", args(pipelines=None, all_pipelines=True)),
            ServiceConnection("a", args(pipelines={"b": {"id": 7}})),
        ]
    )
    assert cloud.names(AUTHORIZATION) == {"a~1b", "a/b"}


name = st.text(min_size=1, max_size=400)


@given(name, name)
def test_a_tag_fits_the_directory_and_tells_resources_apart(one: str, other: str) -> None:
    tags = [application_tag(PROJECT, "prod", each) for each in (one, other)]
    assert all(len(tag) <= 256 for tag in tags)
    assert (tags[0] == tags[1]) == (one == other)
