"""Lists in Graph: filters, pages and selected properties."""

from contextlib import suppress
from urllib.parse import quote, quote_plus

import pytest
from entra_world import World
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.sandbox.entra import filters
from azure_service_connections.sandbox.entra.errors import GraphError


@pytest.fixture
def names(world: World) -> World:
    """Three applications beside the operator's."""
    for name, tags, uris in (
        ("alpha", ["pulumi:project/prod/alpha", "team"], ["api://alpha"]),
        ("beta", ["pulumi:project/prod/beta"], []),
        ("it's gamma", [], ["api://gamma"]),
    ):
        world.made("applications", {"displayName": name, "tags": tags, "identifierUris": uris})
    return world


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("displayName eq 'alpha'", {"alpha"}),
        ("displayName eq 'ALPHA'", {"alpha"}),
        ("displayName eq 'it''s gamma'", {"it's gamma"}),
        ("tags/any(t:t eq 'pulumi:project/prod/alpha')", {"alpha"}),
        ("tags/any(t: t eq 'pulumi:project/prod/beta' or t eq 'team')", {"alpha", "beta"}),
        ("tags/any(t:startswith(t,'pulumi:project/prod/'))", {"alpha", "beta"}),
        ("identifierUris/any(uri:uri eq 'api://gamma')", {"it's gamma"}),
        ("startswith(displayName,'b') and signInAudience eq 'AzureADMyOrg'", {"beta"}),
        ("displayName in ('alpha','beta')", {"alpha", "beta"}),
        ("not (displayName eq 'alpha') and displayName ne 'operator'", {"beta", "it's gamma"}),
        ("displayName eq 'nobody'", set()),
        ("description eq null and displayName eq 'beta'", {"beta"}),
        ("web/homePageUrl eq null and displayName eq 'beta'", {"beta"}),
    ],
)
@pytest.mark.parametrize("encode", [quote, quote_plus])
def test_a_filter_finds_what_it_says(names: World, text: str, expected: set[str], encode: object) -> None:
    assert callable(encode)

    answer = names.graph("GET", f"applications?%24filter={encode(text)}")

    assert {each["displayName"] for each in answer.body["value"]} == expected


def test_an_application_is_found_by_its_app_id_in_any_case(names: World) -> None:
    made = names.made("applications", {"displayName": "delta"})

    for app_id in (made["appId"], made["appId"].upper()):
        found = names.graph("GET", f"applications?$filter=appId eq '{app_id}'").body["value"]
        assert [each["id"] for each in found] == [made["id"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("displayName eq", "BadRequest"),
        ("displayName eq 'open", "BadRequest"),
        ("displayName eq 'a' and", "BadRequest"),
        ("(displayName eq 'a'", "BadRequest"),
        ("displayName eq 'a')", "BadRequest"),
        ("colour eq 'blue'", "BadRequest"),
        ("tags/all(t:t eq 'x')", "Request_UnsupportedQuery"),
        ("displayName gt 'a'", "Request_UnsupportedQuery"),
        ("contains(displayName,'a')", "Request_UnsupportedQuery"),
    ],
)
def test_a_filter_that_cannot_be_answered_is_refused(names: World, text: str, code: str) -> None:
    answer = names.graph("GET", f"applications?$filter={quote(text)}")

    assert (answer.status, answer.code) == (400, code)


@given(st.text(min_size=1))
def test_any_text_is_found_by_an_equal_filter_with_its_quotes_doubled(text: str) -> None:
    matches = filters.parse("name eq '" + text.replace("'", "''") + "'")

    assert matches({"name": text})
    assert not matches({"name": text + "x"})


@given(st.text())
def test_a_filter_is_read_or_refused_but_never_breaks(text: str) -> None:
    with suppress(GraphError):
        filters.parse(text)({})


def test_pages_together_hold_every_entry_once(names: World) -> None:
    everything = {each["id"] for each in names.graph("GET", "applications").body["value"]}
    seen: list[str] = []
    address = "/v1.0/applications?$top=1&$select=id"
    while address and len(seen) < 10:
        body = names.graph("GET", address).body
        assert len(body["value"]) <= 1
        seen += [each["id"] for each in body["value"]]
        following = body.get("@odata.nextLink", "")
        assert not following or following.startswith(f"{names.cloud.url}/v1.0/applications?")
        address = following.removeprefix(names.cloud.url)

    assert len(seen) == len(set(seen)) == 4
    assert set(seen) == everything


def test_a_page_goes_on_although_its_last_entry_was_deleted(names: World) -> None:
    first = names.graph("GET", "applications?$top=2").body
    for entry in first["value"]:
        names.graph("DELETE", f"applications/{entry['id']}")

    rest = names.graph("GET", first["@odata.nextLink"].removeprefix(names.cloud.url))

    left = {each["id"] for each in names.graph("GET", "applications").body["value"]}
    assert {each["id"] for each in rest.body["value"]} == left


def test_a_list_has_no_next_link_where_it_ends_with_the_page(names: World) -> None:
    assert "@odata.nextLink" not in names.graph("GET", "applications?$top=4").body
    assert "@odata.nextLink" in names.graph("GET", "applications?$top=3").body


def test_a_page_has_a_hundred_entries_unless_something_else_is_said(world: World) -> None:
    for number in range(100):
        world.made("applications", {"displayName": f"application {number}"})

    body = world.graph("GET", "applications").body

    assert len(body["value"]) == 100
    rest = world.graph("GET", body["@odata.nextLink"].removeprefix(world.cloud.url)).body
    assert len(rest["value"]) == 1
    assert len(world.graph("GET", "applications?$top=999").body["value"]) == 101


@pytest.mark.parametrize(
    "query", ["$top=0", "$top=1000", "$top=many", "$expand=owners", "$search=x", "$skiptoken=%2D%21"]
)
def test_a_query_option_that_cannot_be_answered_is_refused(world: World, query: str) -> None:
    assert world.graph("GET", f"applications?{query}").status == 400


def test_only_selected_properties_come_back(names: World) -> None:
    (shown,) = names.graph(
        "GET", "applications?$filter=displayName eq 'alpha'&$select=displayName,appId&$count=true"
    ).body["value"]

    assert set(shown) == {"displayName", "appId"}
